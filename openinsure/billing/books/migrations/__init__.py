"""Migrations of the sums of the books."""
