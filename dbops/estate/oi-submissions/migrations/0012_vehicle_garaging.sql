ALTER TABLE form_vehicles ADD COLUMN garaging_location_id TEXT;
ALTER TABLE form_vehicles ADD COLUMN radius_miles INTEGER NOT NULL DEFAULT 0;
