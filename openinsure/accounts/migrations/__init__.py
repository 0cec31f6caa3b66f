"""Changes of the accounts tables in oi_console."""
