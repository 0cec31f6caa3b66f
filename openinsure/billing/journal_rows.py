"""What leaves the journal: frozen rows of lines, entries, accounts and periods. Cents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line as its table has it."""

    id: str
    entry_id: str
    entry_date: date
    account: str
    debit_cents: int
    credit_cents: int
    currency: str
    kind: str
    policy_id: str | None
    claim_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One line with its entry. balanced: whether the lines of its whole entry are."""

    id: str
    entry_number: str
    entry_date: date
    posted_at: datetime | None
    account: str
    account_name: str
    debit_cents: int
    credit_cents: int
    currency: str
    kind: str
    policy_number: str | None
    description: str | None
    reference: str
    balanced: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. mirrors, mirrored_by: numbers of the entry it takes back, and of the one that
    took it back.
    """

    id: str
    number: str
    period: str
    entry_date: date
    effective_date: date
    kind: str
    source_id: str | None
    description: str | None
    status: str
    debit_cents: int
    credit_cents: int
    currency: str
    posted_at: datetime | None
    posted_by_user_id: str | None
    mirrors: str
    mirrored_by: str
    balanced: bool

    def checked(self, lines: Iterable[EntryLine]) -> Entry:
        """The entry with its sums checked against its lines."""
        rows = list(lines)
        debits = sum(line.debit_cents for line in rows)
        credits = sum(line.credit_cents for line in rows)
        same = debits == self.debit_cents and credits == self.credit_cents
        return replace(self, balanced=self.balanced and same)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """One line of an entry."""

    id: str
    line: int
    account: str
    account_name: str
    debit_cents: int
    credit_cents: int
    currency: str
    policy_number: str | None
    claim_id: str | None
    state: str | None
    memo: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRow:
    """One account as of a day. balance: on its normal side."""

    id: str
    account: str
    name: str
    account_class: str
    normal_side: str
    ledger: str
    debit_cents: int
    credit_cents: int
    balance_cents: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The trial balance. upto: the day it is of; from_period: the closed month it starts at."""

    upto: date
    from_period: str
    rows: tuple[TrialRow, ...]

    @property
    def debit_cents(self) -> int:
        """All debits."""
        return sum(row.debit_cents for row in self.rows)

    @property
    def credit_cents(self) -> int:
        """All credits; they are the debits."""
        return sum(row.credit_cents for row in self.rows)


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """One accounting period."""

    id: str
    code: str
    start_date: date
    end_date: date
    status: str
    closed_at: datetime | None
    closed_by_user_id: str | None
    reopen_asked_by_user_id: str | None
    reopen_reason: str | None
    reopened_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """One thing that a check found. name: what people call it; why: what is wrong with it and
    what puts it right, on the page of href.
    """

    name: str
    href: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the close checklist. status: passed, open or unknown; blocking: while it is
    not passed the month stays open. place: URL name of the page to look at. blockers: the first
    of what stands in the way, one by one, where a person must act on it.
    """

    id: str
    title: str
    status: str
    blocking: bool
    found: str
    place: str
    blockers: tuple[Blocker, ...] = ()

    @property
    def stops(self) -> bool:
        """True while the month cannot be closed."""
        return self.blocking and self.status != "passed"

    @property
    def told(self) -> str:
        """`All transfers are posted to the ledger: 1 refused (Settlement SET-1)`."""
        names = ", ".join(one.name for one in self.blockers)
        return f"{self.title}: {self.found}" + (f" ({names})" if names else "")
