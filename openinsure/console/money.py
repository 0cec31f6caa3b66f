"""Money as text: the one function that turns integer cents into what a person reads.

Pure: no Django, no rounding (rounding is openinsure.money). Files and JSON hold cents instead.
"""

from __future__ import annotations

UNKNOWN = "–"  # en dash; the macro adds a hidden "not available"
SYMBOLS = {"USD": "$"}


def format_cents(cents: int | None, currency: str = "USD") -> str:
    """`-$1,234.56`, `-CAD 1,234.56`, en dash for None. Two decimals, never rounded.

    Raises TypeError for anything but an int: a float has already lost cents.
    """
    if cents is None:
        return UNKNOWN
    if type(cents) is not int:
        raise TypeError(f"money is integer cents, not {type(cents).__name__}")
    units, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    mark = SYMBOLS.get(currency) or f"{currency} "
    return f"{sign}{mark}{units:,}.{rest:02d}"


def format_count(number: int | None) -> str:
    """`4,300`; en dash for None."""
    return UNKNOWN if number is None else f"{number:,}"


def format_percent(basis_points: int | None) -> str:
    """`12.3%` from basis points (1 bp = 0.01 %), one decimal, half up; en dash for None."""
    if basis_points is None:
        return UNKNOWN
    tenths = (abs(basis_points) + 5) // 10
    sign = "-" if basis_points < 0 and tenths else ""
    return f"{sign}{tenths // 10:,}.{tenths % 10}%"
