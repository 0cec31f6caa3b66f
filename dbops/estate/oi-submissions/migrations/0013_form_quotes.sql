CREATE TABLE form_quotes (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  form_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  premium_cents INTEGER NOT NULL,
  terms_json TEXT NOT NULL,
  created_at TEXT NOT NULL
);
CREATE UNIQUE INDEX form_quotes_version ON form_quotes (org_id, form_id, version);
