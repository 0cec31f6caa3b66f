"""Work over several keyspaces: the scheduled jobs and their recorded runs."""
