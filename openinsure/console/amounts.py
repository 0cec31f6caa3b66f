"""Amounts that people type: the one reader of money in forms. No float is ever made."""

from __future__ import annotations

import re

from openinsure.problems import BadForm

AMOUNT = re.compile(r"\$?\s*([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,13})(?:\.([0-9]{1,2}))?")
LARGEST_CENTS = 100_000_000_000_000  # a trillion dollars: nobody means more
HINT = "Dollars and cents, as in 1,234.56."
RULE = "must be an amount of dollars and cents, as in 1,234.56"


def read_cents(field: str, text: str) -> int:
    """Cents of `1,234.56`, `$1234.5` or `1234`. Raises BadForm naming the field; never negative."""
    found = AMOUNT.fullmatch(text.strip())
    if found is None or not text.isascii():
        raise BadForm({field: RULE})
    whole, part = found.group(1).replace(",", ""), (found.group(2) or "").ljust(2, "0")
    cents = int(whole) * 100 + int(part)
    if cents > LARGEST_CENTS:
        raise BadForm({field: "is larger than any amount this book can hold"})
    return cents


def typed_cents(cents: int) -> str:
    """Cents as a form shows them again: `1234.56`."""
    return f"{cents // 100}.{cents % 100:02d}"
