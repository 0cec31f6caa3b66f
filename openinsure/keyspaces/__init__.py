"""Which database: the registry of 190 tables, router, field types, migrations, checks."""
