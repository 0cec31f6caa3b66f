CREATE TABLE form_vehicles (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  form_id TEXT NOT NULL,
  vin TEXT NOT NULL,
  model_year INTEGER NOT NULL,
  make TEXT NOT NULL,
  body_type TEXT NOT NULL,
  stated_value_cents INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX form_vehicles_form ON form_vehicles (org_id, form_id);
CREATE INDEX form_vehicles_vin ON form_vehicles (org_id, vin);
