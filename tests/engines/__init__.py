"""The local stack, on real engines of its own."""
