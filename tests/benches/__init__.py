"""What the money pieces cost, with figures: `make bench-money`. Never part of the suite."""
