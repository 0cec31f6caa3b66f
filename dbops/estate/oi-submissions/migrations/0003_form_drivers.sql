CREATE TABLE form_drivers (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  form_id TEXT NOT NULL,
  full_name TEXT NOT NULL,
  license_state TEXT NOT NULL,
  license_last4 TEXT NOT NULL,
  hired_date TEXT,
  years_experience INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX form_drivers_form ON form_drivers (org_id, form_id);
