"""Lints that a tidy test runs: source text in, findings out."""
