"""Writes of oi_global, one module a noun."""
