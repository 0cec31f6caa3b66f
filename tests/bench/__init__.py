"""Benchmarks on the running local stack and the demo data it holds: `make bench-pages`, `-find`."""
