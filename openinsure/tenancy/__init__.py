"""Whose rows: scopes, managers, the SQL guard. No HTTP."""
