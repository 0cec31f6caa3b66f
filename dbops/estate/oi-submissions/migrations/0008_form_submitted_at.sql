ALTER TABLE submission_forms ADD COLUMN submitted_at TEXT;
ALTER TABLE submission_forms ADD COLUMN submitted_by_user_id TEXT;
