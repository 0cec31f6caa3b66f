"""The triggers of celery beat, UTC: JOBS (recorded in cron_runs) and HOUSEKEEPING (oi_console)."""
