"""The statement of an account: what was billed, charged, paid and returned, with its balance.

Pure: rows in, lines out. Positive is owed by the payer. A fee that was put on an invoice is told
apart from the rest of it, so that its waiver can be read; money received counts whole, applied or
not, so the closing balance is the open invoices less what waits unapplied.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal[
    "opening", "invoice", "fee", "waiver", "return_premium", "payment", "reversal", "refund",
    "write_off",
]  # fmt: skip
# On one day: what is billed comes before what is paid.
ORDER: dict[Kind, int] = {
    "opening": 0,
    "invoice": 1,
    "fee": 2,
    "waiver": 3,
    "return_premium": 4,
    "payment": 5,
    "reversal": 6,
    "refund": 7,
    "write_off": 8,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement. cents: positive raises what is owed. reference: the object's number."""

    on: date
    kind: Kind
    reference: str
    words: str
    cents: int


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement and what is owed after it, cents."""

    id: str
    on: date
    kind: Kind
    reference: str
    words: str
    cents: int
    balance_cents: int
    currency: str


def statement(
    entries: Iterable[Entry], *, currency: str, opened: date, upto: date
) -> list[StatementLine]:
    """Opening at zero, then every movement up to and including `upto`, in order of its day."""
    ordered = sorted(entries, key=lambda e: (e.on, ORDER[e.kind], e.reference))
    lines = [StatementLine("opening", opened, "opening", "", "Opening balance", 0, 0, currency)]
    balance = 0
    for place, entry in enumerate(e for e in ordered if e.on <= upto):
        balance += entry.cents
        lines.append(
            StatementLine(
                f"{entry.kind}-{place}",
                entry.on,
                entry.kind,
                entry.reference,
                entry.words,
                entry.cents,
                balance,
                currency,
            )
        )
    return lines
