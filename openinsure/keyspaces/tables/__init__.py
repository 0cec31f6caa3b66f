"""What each table of a keyspace is for: one module per keyspace, data only."""
