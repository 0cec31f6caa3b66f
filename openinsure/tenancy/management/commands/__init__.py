"""Django's schema commands, each run inside guard.schema_changes()."""
