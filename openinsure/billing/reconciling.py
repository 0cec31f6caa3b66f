"""Journal against ledger, by account type: difference, what explains it, what does not. Pure.

Amounts are debits positive until the end, where each type shows its balance on its normal side
(domain.md 5.6). An explaining cause lowers the unexplained part; a fault only names it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from openinsure.billing.chart import CHART, LEDGER_TYPES
from openinsure.ledger.port import TransferFlags

OUTBOX_PENDING, LEDGER_DOWN, PENDING_PAYOUT = "OUTBOX_PENDING", "LEDGER_DOWN", "PENDING_PAYOUT"
CUTOFF = "CUTOFF"  # booked, or taken by the ledger, after the ledger was read
DUPLICATE, MISSING_GL, MISSING_TB, AMOUNT = "DUPLICATE", "MISSING_GL", "MISSING_TB", "AMOUNT"
CAUSE_WORDS = {
    "OUTBOX_PENDING": "On its way to the ledger",
    "LEDGER_DOWN": "The ledger is away; transfers wait",
    "CUTOFF": "Booked after the ledger was read",
    "PENDING_PAYOUT": "Payout the bank has not answered",
    "DUPLICATE": "Moved twice",
    "MISSING_GL": "Only in the ledger",
    "MISSING_TB": "Not in the ledger",
    "AMOUNT": "Another amount",
}
PAYOUT_CODE = 1301  # its journal entry is posted when it is authorised, not when the bank pays
PENDING = TransferFlags.PENDING
POST, VOID = TransferFlags.POST_PENDING_TRANSFER, TransferFlags.VOID_PENDING_TRANSFER
CLAIMS_FUND = "2510"


class Kind(NamedTuple):
    """What one line of the comparison is about."""

    account_type: str
    purpose: str
    currency: str


class Moved(NamedTuple):
    """A transfer as far as a comparison looks at it. flags: the engine's."""

    id: str
    debit_account_id: str
    credit_account_id: str
    cents: int
    flags: int
    code: int
    entry_id: str | None


class Sums(NamedTuple):
    """Debits and credits, cents."""

    debits: int = 0
    credits: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong, cents debits positive in the ledger beyond the journal.

    stray: the ledger's id of a transfer that the mirror does not know.
    """

    kind: Kind
    cause: str
    cents: int
    account_id: str | None = None
    transfer_id: str | None = None
    entry_id: str | None = None
    stray: str | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """One account type: both sides' sums; causes and drift on its normal side, cents."""

    kind: Kind
    ledger: Sums
    journal: Sums
    causes: Mapping[str, int] = field(default_factory=dict)

    @property
    def sign(self) -> int:
        """1 where debits raise the balance."""
        return sign_of(self.kind)

    @property
    def ledger_cents(self) -> int:
        """The ledger's balance."""
        return self.sign * (self.ledger.debits - self.ledger.credits)

    @property
    def journal_cents(self) -> int:
        """The journal's balance."""
        return self.sign * (self.journal.debits - self.journal.credits)

    @property
    def drift_cents(self) -> int:
        """Ledger less journal."""
        return self.ledger_cents - self.journal_cents

    @property
    def explained_cents(self) -> int:
        """What the causes account for."""
        return sum(self.causes.values())

    @property
    def unexplained_cents(self) -> int:
        """What nothing accounts for. Tolerance: 0."""
        return self.drift_cents - self.explained_cents

    @property
    def status(self) -> str:
        """matched, explained or unexplained."""
        if self.unexplained_cents:
            return "unexplained"
        return "explained" if self.drift_cents or any(self.causes.values()) else "matched"


def sign_of(kind: Kind) -> int:
    """1 for a type whose normal side is debit, else -1."""
    return 1 if LEDGER_TYPES[kind.account_type, kind.purpose].side == "D" else -1


def kind_of_code(code: str, currency: str) -> Kind | None:
    """The ledger side of a journal account, None for an unmapped one."""
    row = CHART.get(code)
    if row is None or not row.ledger:
        return None
    purpose = ""
    if row.ledger == "LOSS_FUND":
        purpose = "claims" if code == CLAIMS_FUND else "unearned"
    return Kind(row.ledger, purpose, currency)


def codes_of(kind: Kind) -> list[str]:
    """The journal accounts of a type."""
    return [code for code in CHART if kind_of_code(code, kind.currency) == kind]


def journal_effect(moved: Moved) -> int:
    """What the journal already says of a transfer, cents: a pending payout is posted there, any
    other pending transfer is not; a correction has no entry.
    """
    if moved.entry_id is None:
        return 0
    payout = moved.code == PAYOUT_CODE
    if moved.flags & PENDING:
        return moved.cents if payout else 0
    if moved.flags & POST:
        return 0 if payout else moved.cents
    if moved.flags & VOID:
        return -moved.cents if payout else 0
    return moved.cents


def ledger_effect(moved: Moved) -> int:
    """What a transfer that stands in the ledger changes of its posted balances, cents."""
    return 0 if moved.flags & (PENDING | VOID) else moved.cents


def causes_of(
    missing: Mapping[str, Iterable[Moved]], payouts: Iterable[Moved], kinds: Mapping[str, Kind]
) -> dict[Kind, dict[str, int]]:
    """Explained cents by type and cause, on the normal side.

    missing: by cause, what the ledger did not have when it was read. payouts: in the ledger,
    pending or ended.
    """
    made: dict[Kind, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def add(moved: Moved, named: str, cents: int) -> None:
        for account, signed in ((moved.debit_account_id, cents), (moved.credit_account_id, -cents)):
            kind = kinds[account]
            made[kind][named] += sign_of(kind) * signed

    for cause, rows in missing.items():
        for moved in rows:
            add(moved, cause, -journal_effect(moved))
    for moved in payouts:
        add(moved, PENDING_PAYOUT, ledger_effect(moved) - journal_effect(moved))
    return {
        kind: kept
        for kind, told in made.items()
        if (kept := {name: cents for name, cents in told.items() if cents})
    }


def compare(
    ledger: Mapping[Kind, Sums],
    journal: Mapping[Kind, Sums],
    causes: Mapping[Kind, Mapping[str, int]],
) -> list[Compared]:
    """Every type that either side has, in the order of the chart of types."""
    places = {key: place for place, key in enumerate(LEDGER_TYPES)}
    kinds = sorted(
        ledger.keys() | journal.keys(), key=lambda kind: (places[kind[:2]], kind.currency)
    )
    return [
        Compared(kind, ledger.get(kind, Sums()), journal.get(kind, Sums()), causes.get(kind, {}))
        for kind in kinds
    ]


def entry_faults(kind: Kind, lines: Mapping[str, int], transfers: Mapping[str, int]) -> list[Fault]:
    """Entries whose transfers do not say what their lines say, for one type.

    Both: entry -> debits less credits. Biggest difference first.
    """
    found = []
    for entry in lines.keys() | transfers.keys():
        said, moved = lines.get(entry, 0), transfers.get(entry, 0)
        if said == moved:
            continue
        if not moved:
            cause = MISSING_TB
        elif not said:
            cause = MISSING_GL
        else:
            cause = DUPLICATE if moved == 2 * said else AMOUNT
        found.append(Fault(kind, cause, moved - said, entry_id=entry))
    return sorted(found, key=lambda fault: (-abs(fault.cents), fault.entry_id or ""))


def main_cause(compared: Compared, faults: Sequence[Fault]) -> str | None:
    """The one cause that stands on the line: a fault before an explanation, the biggest first."""
    if faults:
        return max(faults, key=lambda fault: abs(fault.cents)).cause
    named = sorted(compared.causes.items(), key=lambda item: (-abs(item[1]), item[0]))
    return named[0][0] if named else None
