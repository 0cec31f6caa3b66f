"""Changes of claims: one file a noun, each atomic on oi_claims, audited, done once per form."""
