"""Keyspace oi_global: organisations, users, producers, programs, rules, reference data."""
