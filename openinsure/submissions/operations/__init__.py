"""Writes of oi_submissions: each one step of one submission, at most once, with event and audit."""
