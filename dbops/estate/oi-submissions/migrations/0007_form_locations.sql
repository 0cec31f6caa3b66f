CREATE TABLE form_locations (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  form_id TEXT NOT NULL,
  street TEXT NOT NULL,
  city TEXT NOT NULL,
  state TEXT NOT NULL,
  postal_code TEXT NOT NULL,
  is_terminal INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX form_locations_form ON form_locations (org_id, form_id);
