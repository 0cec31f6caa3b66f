"""Power units and trailers with valid vehicle identification numbers (49 CFR 565.15)."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

LETTERS = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
# Model years 2010 to 2039 by their code; I, O, Q, U, Z and 0 are not used.
YEAR_CODES = dict(zip(range(2010, 2040), "ABCDEFGHJKLMNPRSTVWXY123456789", strict=True))
ALPHABET = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True)
class Make:
    """A manufacturer's identifier, a model and what it is."""

    wmi: str
    make: str
    model: str
    body_type: str
    vehicle_class: str
    gvw_lbs: int
    new_value_cents: int


MAKES = (
    Make("1FU", "Freightliner", "Cascadia", "TRACTOR", "8", 80000, 16_500_000),
    Make("1XK", "Kenworth", "T680", "TRACTOR", "8", 80000, 17_800_000),
    Make("1XP", "Peterbilt", "579", "TRACTOR", "8", 80000, 18_200_000),
    Make("4V4", "Volvo", "VNL 760", "TRACTOR", "8", 80000, 16_900_000),
    Make("1M1", "Mack", "Granite", "DUMP", "8", 66000, 17_100_000),
    Make("3HA", "International", "MV607", "STRAIGHT", "7", 33000, 9_800_000),
    Make("1FD", "Ford", "F-650", "STRAIGHT", "6", 26000, 7_900_000),
    Make("1GB", "Chevrolet", "Silverado 4500", "TOW", "4", 16500, 6_800_000),
)


def check_digit(vin: str) -> str:
    """The ninth character of a 17-character VIN: the weighted sum modulo 11, 10 as X."""
    values = (int(LETTERS.get(char, char)) for char in vin)
    remainder = sum(v * w for v, w in zip(values, WEIGHTS, strict=True)) % 11
    return "X" if remainder == 10 else str(remainder)


def is_valid(vin: str) -> bool:
    """17 characters of the alphabet with the right check digit."""
    return len(vin) == 17 and set(vin) <= set(ALPHABET) and vin[8] == check_digit(vin)


def vin(rng: Random, make: Make, model_year: int) -> str:
    """A valid VIN of a make and model year."""
    descriptor = "".join(rng.choices("ABCDEFGHJKLMNPRSTUVWXYZ123456789", k=5))
    serial = f"{rng.choice('ABCDEFGHJKLMNPR')}{rng.randint(0, 999_999):06d}"
    draft = f"{make.wmi}{descriptor}0{YEAR_CODES[model_year]}{serial}"
    return f"{draft[:8]}{check_digit(draft)}{draft[9:]}"
