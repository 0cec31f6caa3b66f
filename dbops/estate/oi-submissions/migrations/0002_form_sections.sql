CREATE TABLE form_sections (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  form_id TEXT NOT NULL,
  section TEXT NOT NULL,
  answers_json TEXT NOT NULL DEFAULT '{}',
  complete INTEGER NOT NULL DEFAULT 0,
  updated_at TEXT NOT NULL
);
CREATE UNIQUE INDEX form_sections_form ON form_sections (org_id, form_id, section);
