"""Both locks, on the real engine: corpus, fuzz, leak probes, tasks, checks."""
