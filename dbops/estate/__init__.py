"""The local counterparts of the databases that live elsewhere: their folders and how they start.

The SQL files are the inventory's `migrations` of oi-submissions, oi-auth and documenso-db.
"""
