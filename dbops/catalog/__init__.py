"""Live schemas of each engine read into one canonical shape."""
