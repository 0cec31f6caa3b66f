CREATE TABLE form_notes (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  form_id TEXT NOT NULL,
  author_user_id TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at TEXT NOT NULL
);
CREATE INDEX form_notes_form ON form_notes (org_id, form_id, created_at);
