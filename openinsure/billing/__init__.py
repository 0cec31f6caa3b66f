"""Keyspace oi_billing: receivables, payments, journal, chart of accounts, reinsurance."""
