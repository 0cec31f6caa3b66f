-- Answers of FMCSA and MVR look-ups, kept 30 days by d1_retention.
CREATE TABLE carrier_lookups (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  form_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  response_json TEXT NOT NULL,
  fetched_at TEXT NOT NULL
);
CREATE INDEX carrier_lookups_fetched ON carrier_lookups (fetched_at);
CREATE INDEX carrier_lookups_form ON carrier_lookups (org_id, form_id, kind);
