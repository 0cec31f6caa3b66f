ALTER TABLE form_drivers ADD COLUMN mvr_points INTEGER;
ALTER TABLE form_drivers ADD COLUMN mvr_ordered_at TEXT;
