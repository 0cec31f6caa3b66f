"""What was done and seen: hash-chained log, access log, grants."""
