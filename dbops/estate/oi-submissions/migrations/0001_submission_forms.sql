-- One Aspire underwriting form a submission; the answers of its sections stand beside it.
CREATE TABLE submission_forms (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  submission_number TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'draft',
  program_code TEXT NOT NULL,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
  updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
);
CREATE UNIQUE INDEX submission_forms_number ON submission_forms (org_id, submission_number);
CREATE INDEX submission_forms_status ON submission_forms (org_id, status, updated_at);
