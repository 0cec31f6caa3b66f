"""Pages over several keyspaces, or of no app. The only place that composes keyspaces."""
