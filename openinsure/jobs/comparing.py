"""The ledger's own answer beside its mirror: which transfers are wrong, and where. Reads only.

Asked for: what was queued since the last comparison, what that one found wrong, and every transfer
of an account whose sums differ. A fault names its transfer; what a correction made good is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from openinsure.billing.models import LedgerAccount
from openinsure.billing.queries import reconciling as reads
from openinsure.billing.reconciling import (
    AMOUNT,
    MISSING_GL,
    MISSING_TB,
    Compared,
    Fault,
    Kind,
    Moved,
    Sums,
    entry_faults,
    ledger_effect,
)
from openinsure.ledger import ids
from openinsure.ledger.port import Account, History, OrgLedger, Transfer
from openinsure.tenancy.scope import Scope

LOOKUP = 8_000  # below the limit of one request


@dataclass(frozen=True, slots=True)
class Said:
    """What the ledger holds. standing: ids of transfers sent that it turned out to have."""

    accounts: Mapping[str, Account]
    standing: frozenset[str] = frozenset()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Wrong:
    """A transfer whose row the ledger does not bear out. cents: the ledger's less the row's."""

    moved: Moved
    cause: str
    cents: int


@dataclass(slots=True)
class Asker:
    """One comparison with the engine. kinds: of the mirror's accounts by their id.

    known: account -> what its transfers and the faults found so far add up to.
    """

    scope: Scope
    ledger: OrgLedger
    rows: Sequence[LedgerAccount]
    kinds: Mapping[str, Kind]
    by_number: dict[int, LedgerAccount] = field(init=False)
    wrong: dict[str, Wrong] = field(init=False, default_factory=dict)
    strays: list[Fault] = field(init=False, default_factory=list)
    known: dict[str, Sums] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.by_number = {ids.number(row.tb_account_id): row for row in self.rows}

    def ask(self, since: datetime | None) -> Said:
        """Balances, unanswered transfers, and every transfer since then. Raises LedgerAway."""
        wanted = list(self.by_number)
        held: dict[str, Account] = {}
        for part in _parts(wanted):
            for account in self.ledger.lookup_accounts(part):
                held[self.by_number[account.id].id] = account
        sent = reads.unanswered(self.scope)
        standing = frozenset(sent[number] for number in self._lookup(sent))
        for page in (reads.suspects(self.scope), *reads.posted_since(self.scope, since)):
            self._compare(page, self._lookup(page))
        left = self._accounts(held, standing)
        mended = reads.mended(self.scope)
        told = [fault for one in self.wrong.values() for fault in self._both(one, mended)]
        return Said(held, standing, (*told, *self.strays, *left))

    def _lookup(self, numbers: Iterable[str]) -> dict[str, Transfer]:
        found: dict[str, Transfer] = {}
        for part in _parts([ids.number(one) for one in numbers]):
            found |= {ids.text(one.id): one for one in self.ledger.lookup_transfers(part)}
        return found

    def _compare(self, page: Mapping[str, Moved], held: Mapping[str, Transfer]) -> None:
        """Posted transfers that the ledger lacks or holds with another amount."""
        for number, moved in page.items():
            one = held.get(number)
            if one is None:
                self._note(Wrong(moved, MISSING_TB, -moved.cents))
            elif one.amount != moved.cents:
                self._note(Wrong(moved, AMOUNT, one.amount - moved.cents))

    def _note(self, wrong: Wrong) -> None:
        if wrong.moved.id not in self.wrong:
            self.wrong[wrong.moved.id] = wrong
            _add(self.known, wrong.moved, ledger_effect(wrong.moved._replace(cents=wrong.cents)))

    def _both(self, one: Wrong, mended: Mapping[str, int]) -> Iterator[Fault]:
        """The fault on either side, less what corrections made good."""
        moved, left = one.moved, one.cents + mended.get(one.moved.id, 0)
        cents = ledger_effect(moved._replace(cents=left))
        for account, signed in ((moved.debit_account_id, cents), (moved.credit_account_id, -cents)):
            if signed:
                kind = self.kinds[account]
                yield Fault(kind, one.cause, signed, account, moved.id, moved.entry_id)

    def _accounts(self, held: Mapping[str, Account], standing: frozenset[str]) -> list[Fault]:
        """Search the accounts whose sums their transfers do not make; what stays unfound.

        The least moved first: its transfer explains the big account on its other side too.
        """
        for key, sums in reads.mirror_sums(self.scope).items():
            old = self.known.get(key, Sums())
            self.known[key] = Sums(old.debits + sums.debits, old.credits + sums.credits)
        for moved in reads.waiting(self.scope):
            if moved.id in standing:
                _add(self.known, moved, ledger_effect(moved))
        rows = [row for row in self.rows if row.id in held]
        rows.sort(key=lambda row: held[row.id].debits_posted + held[row.id].credits_posted)
        left = []
        for row in rows:
            if self._gap(held[row.id], row.id) == Sums():
                continue
            self._search(row)
            debits, credits = self._gap(held[row.id], row.id)
            if debits or credits:
                left.append(Fault(self.kinds[row.id], AMOUNT, debits - credits, row.id))
        return left

    def _gap(self, account: Account, key: str) -> Sums:
        """What the account's sums are beyond what is known of it."""
        debits, credits = self.known.get(key, Sums())
        return Sums(account.debits_posted - debits, account.credits_posted - credits)

    def _search(self, row: LedgerAccount) -> None:
        """Every transfer of an account, as the ledger has it, beside the mirror's."""
        number, at, there = ids.number(row.tb_account_id), 0, dict[str, Transfer]()
        while page := self.ledger.account_transfers(
            History(account_id=number, limit=LOOKUP, timestamp_min=at)
        ):
            there |= {ids.text(one.id): one for one in page}
            if len(page) < LOOKUP:
                break
            at = page[-1].timestamp + 1
        for part in _parts(list(there)):
            known = reads.transfers_by_number(self.scope, part)
            for text in part:
                if text not in known:
                    self._stray(row, there[text], debit=there[text].debit_account_id == number)
        for mirror in reads.posted_on(self.scope, row.id):
            self._compare(mirror, there)

    def _stray(self, row: LedgerAccount, one: Transfer, *, debit: bool) -> None:
        """What only the ledger has, on the side that this account is."""
        cents = ledger_effect(Moved("", "", "", one.amount, int(one.flags), one.code, ""))
        if cents:
            signed = cents if debit else -cents
            found = Fault(self.kinds[row.id], MISSING_GL, signed, row.id, stray=ids.text(one.id))
            self.strays.append(found)
            old = self.known.get(row.id, Sums())
            added = Sums(cents, 0) if debit else Sums(0, cents)
            self.known[row.id] = Sums(old.debits + added.debits, old.credits + added.credits)


def stuck_faults(scope: Scope, kinds: Mapping[str, Kind], mended: Mapping[str, int]) -> list[Fault]:
    """Transfers that the ledger will not take: their journal entries stand alone."""
    made = []
    for moved in reads.waiting(scope, stuck=True):
        cents = ledger_effect(moved) - mended.get(moved.id, 0)
        for account, signed in ((moved.debit_account_id, -cents), (moved.credit_account_id, cents)):
            if signed:
                made.append(
                    Fault(kinds[account], MISSING_TB, signed, account, moved.id, moved.entry_id)
                )
    return made


def journal_faults(
    scope: Scope, compared: Compared, faults: Sequence[Fault], mended: Mapping[str, int]
) -> list[Fault]:
    """Entries behind what is left unexplained of a type, when no transfer accounts for it."""
    left = compared.sign * compared.unexplained_cents
    left -= sum(fault.cents for fault in faults if fault.kind == compared.kind)
    if not left:
        return []
    kind = compared.kind
    lines, transfers = reads.lines_by_entry(scope, kind), reads.transfers_by_entry(scope, kind)
    found = (_with_transfer(scope, one, mended) for one in entry_faults(kind, lines, transfers))
    return [one for one in found if one.cents]


def _with_transfer(scope: Scope, fault: Fault, mended: Mapping[str, int]) -> Fault:
    """The fault of an entry with its transfer, if it has one on this type; less its correction."""
    assert fault.entry_id is not None
    found = reads.transfer_of_entry(scope, fault.entry_id, fault.kind)
    if found is None:
        return fault
    moved, debits = found
    made_good = mended.get(moved.id, 0) * (1 if debits else -1)
    account = moved.debit_account_id if debits else moved.credit_account_id
    return replace(fault, cents=fault.cents + made_good, account_id=account, transfer_id=moved.id)


def _add(sums: dict[str, Sums], moved: Moved, cents: int) -> None:
    """Count a transfer into its two accounts."""
    debited, credited = moved.debit_account_id, moved.credit_account_id
    old = sums.get(debited, Sums())
    sums[debited] = old._replace(debits=old.debits + cents)
    old = sums.get(credited, Sums())
    sums[credited] = old._replace(credits=old.credits + cents)


def _parts(wanted: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(wanted), LOOKUP):
        yield wanted[start : start + LOOKUP]
