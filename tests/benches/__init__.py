"""What money, look-up and pages cost, with figures: `make bench-...`. Never part of the suite."""
