"""Writes of oi_policies: verbs, each atomic, each recorded once."""
