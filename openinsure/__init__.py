"""OpenInsure Console: the web admin. Owns every page but database operations (dbops)."""
