"""What a journal entry is made of: lines, transfers, and the two rules they must meet. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import Any

from openinsure.problems import Problem


class UnbalancedEntry(Problem):
    """422: debits and credits of a currency differ, or a line is no amount at all."""

    status, code = 422, "unbalanced_entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One journal line. cents: positive debits, negative credits the account; never zero."""

    account: str
    cents: int
    currency: str = "USD"
    policy_id: str | None = None
    claim_id: str | None = None
    producer_id: str | None = None
    carrier_id: str | None = None
    treaty_id: str | None = None
    state: str | None = None
    memo: str | None = None


@dataclass(frozen=True, slots=True)
class LedgerKey:
    """A ledger account by what it is kept for."""

    account_type: str
    entity_type: str = ""
    entity_id: str = ""
    sub_purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One leg: cents > 0 move from debit to credit. leg: unique within its entry.

    row_id: of its outbox row, where rows that name it were written before.
    """

    leg: str
    code: int
    debit: LedgerKey
    credit: LedgerKey
    cents: int
    currency: str = "USD"
    policy_id: str | None = None
    claim_id: str | None = None
    flags: int = 0
    pending_transfer_id: str | None = None
    row_id: str | None = None


_object_of = attrgetter(*(field.name for field in fields(Line) if field.name != "cents"))


def balanced(lines: Sequence[Line]) -> dict[str, int]:
    """Total debits by currency. Raises UnbalancedEntry naming the currency and the difference."""
    debits: dict[str, int] = defaultdict(int)
    credits: dict[str, int] = defaultdict(int)
    for line in lines:
        if type(line.cents) is not int or line.cents == 0:
            raise UnbalancedEntry(f"Account {line.account}: a line is a whole amount, not zero.")
        (debits if line.cents > 0 else credits)[line.currency] += abs(line.cents)
    if not lines:
        raise UnbalancedEntry("A journal entry has at least two lines.")
    for currency in debits.keys() | credits.keys():
        if debits[currency] != credits[currency]:
            difference = debits[currency] - credits[currency]
            raise UnbalancedEntry(
                f"{currency}: debits exceed credits by {difference} cents.", field="lines"
            )
    return dict(debits)


def directed(transfers: Iterable[Transfer]) -> list[Transfer]:
    """Legs as the ledger takes them: a negative one runs the other way, a zero one is no leg."""
    made = []
    for leg in transfers:
        if leg.cents > 0:
            made.append(leg)
        elif leg.cents < 0:
            made.append(replace(leg, debit=leg.credit, credit=leg.debit, cents=-leg.cents))
    return made


def merged(lines: Iterable[Line]) -> list[Line]:
    """Lines of one account and object together, in first-seen order; zero sums fall away."""
    kept: dict[tuple[Any, ...], tuple[Line, int]] = {}
    for line in lines:
        key = _object_of(line)
        first, cents = kept.get(key, (line, 0))
        kept[key] = first, cents + line.cents
    return [
        line if line.cents == cents else replace(line, cents=cents)
        for line, cents in kept.values()
        if cents
    ]
