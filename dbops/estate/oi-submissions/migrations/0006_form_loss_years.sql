CREATE TABLE form_loss_years (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  form_id TEXT NOT NULL,
  policy_year INTEGER NOT NULL,
  carrier_name TEXT NOT NULL,
  claim_count INTEGER NOT NULL DEFAULT 0,
  incurred_cents INTEGER NOT NULL DEFAULT 0,
  valued_at TEXT
);
CREATE UNIQUE INDEX form_loss_years_year ON form_loss_years (org_id, form_id, policy_year, carrier_name);
