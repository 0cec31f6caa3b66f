"""Keyspace oi_claims: claims, claimants, disbursements, settlement, subrogation."""
