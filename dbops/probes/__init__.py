"""One probe an engine: probe(target, deadline) -> Reading; never raises."""
