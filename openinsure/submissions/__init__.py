"""Keyspace oi_submissions: submissions, quotes, motor carriers, FMCSA, MVR, loss runs."""
