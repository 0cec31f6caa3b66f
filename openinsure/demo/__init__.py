"""Demo data: imports every app, is imported by none."""
