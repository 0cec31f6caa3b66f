"""The hard rules on migration files, as code: what is refused, what needs review, what warns."""
