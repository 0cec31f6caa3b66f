"""The ledger's own answer beside its mirror: which transfers are wrong, and where. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

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


@dataclass(slots=True)
class Asker:
    """One comparison with the engine. kinds, numbers: of the mirror's accounts by their id."""

    scope: Scope
    ledger: OrgLedger
    rows: Sequence[LedgerAccount]
    kinds: Mapping[str, Kind]
    by_number: dict[int, LedgerAccount] = field(init=False)

    def __post_init__(self) -> None:
        self.by_number = {ids.number(row.tb_account_id): row for row in self.rows}

    def ask(self, since: datetime | None) -> Said:
        """Balances, unanswered transfers, and every transfer since then. Raises LedgerAway."""
        wanted = list(self.by_number)
        held: dict[str, Account] = {}
        for part in _parts(wanted):
            for account in self.ledger.lookup_accounts(part):
                held[self.by_number[account.id].id] = account
        sent = reads.sent_numbers(self.scope)
        found = self._lookup(sent)
        standing = frozenset(sent[number] for number in found)
        faults = list(self._wrong_transfers(since))
        faults += self._unknown_transfers(held, standing, faults)
        return Said(held, standing, tuple(faults))

    def _lookup(self, numbers: Iterable[str]) -> dict[str, Transfer]:
        found: dict[str, Transfer] = {}
        for part in _parts([ids.number(one) for one in numbers]):
            found |= {ids.text(one.id): one for one in self.ledger.lookup_transfers(part)}
        return found

    def _wrong_transfers(self, since: datetime | None) -> Iterator[Fault]:
        """Posted transfers that the ledger lacks or holds with another amount."""
        for page in reads.posted_since(self.scope, since):
            held = self._lookup(row["tb_transfer_id"] for row in page)
            for row in page:
                one = held.get(row["tb_transfer_id"])
                if one is None:
                    cause, cents = MISSING_TB, -row["amount_cents"]
                elif one.amount != row["amount_cents"]:
                    cause, cents = AMOUNT, one.amount - row["amount_cents"]
                else:
                    continue
                moved = Moved(*(row[name] for name in reads.MOVED))
                yield from self._both(moved._replace(cents=cents), cause)

    def _both(self, moved: Moved, cause: str) -> Iterator[Fault]:
        cents = ledger_effect(moved)
        for account, signed in ((moved.debit_account_id, cents), (moved.credit_account_id, -cents)):
            if signed:
                yield Fault(self.kinds[account], cause, signed, account, moved.id, moved.entry_id)

    def _unknown_transfers(
        self, held: Mapping[str, Account], standing: frozenset[str], faults: Sequence[Fault]
    ) -> Iterator[Fault]:
        """What only the ledger has, looked for where an account's sums differ from its mirror."""
        mirrored = dict(reads.mirror_sums(self.scope))
        late = [one for one in reads.waiting(self.scope) if one.id in standing]
        for moved in late:
            cents = ledger_effect(moved)
            debited = mirrored.get(moved.debit_account_id, Sums())
            mirrored[moved.debit_account_id] = debited._replace(debits=debited.debits + cents)
            credited = mirrored.get(moved.credit_account_id, Sums())
            mirrored[moved.credit_account_id] = credited._replace(credits=credited.credits + cents)
        known = {fault.account_id for fault in faults}
        for row in self.rows:
            account, sums = held.get(row.id), mirrored.get(row.id, Sums())
            if account is None or (account.debits_posted, account.credits_posted) == sums:
                continue
            found = list(self._only_there(row))
            yield from found
            if not found and row.id not in known:
                net = account.debits_posted - account.credits_posted
                cents = net - (sums.debits - sums.credits)
                yield Fault(self.kinds[row.id], AMOUNT, cents, row.id)

    def _only_there(self, row: LedgerAccount) -> Iterator[Fault]:
        """Transfers of an account that no row of the mirror names."""
        number, at = ids.number(row.tb_account_id), 0
        while page := self.ledger.account_transfers(
            History(account_id=number, limit=LOOKUP, timestamp_min=at)
        ):
            known = reads.transfers_by_number(self.scope, (ids.text(one.id) for one in page))
            for one in page:
                if ids.text(one.id) not in known:
                    flagged = Moved("", "", "", one.amount, int(one.flags), one.code, "")
                    cents = ledger_effect(flagged)
                    debit = one.debit_account_id == number
                    yield Fault(self.kinds[row.id], MISSING_GL, cents if debit else -cents, row.id)
            if len(page) < LOOKUP:
                return
            at = page[-1].timestamp + 1


def stuck_faults(scope: Scope, kinds: Mapping[str, Kind]) -> list[Fault]:
    """Transfers that the ledger will not take: their journal entries stand alone."""
    made = []
    for moved in reads.waiting(scope, stuck=True):
        cents = ledger_effect(moved)
        for account, signed in ((moved.debit_account_id, -cents), (moved.credit_account_id, cents)):
            if signed:
                made.append(
                    Fault(kinds[account], MISSING_TB, signed, account, moved.id, moved.entry_id)
                )
    return made


def journal_faults(scope: Scope, compared: Compared, faults: Sequence[Fault]) -> list[Fault]:
    """Entries behind what is left unexplained of a type, when no transfer accounts for it."""
    left = compared.sign * compared.unexplained_cents
    left -= sum(fault.cents for fault in faults if fault.kind == compared.kind)
    if not left:
        return []
    kind = compared.kind
    return entry_faults(
        kind, reads.lines_by_entry(scope, kind), reads.transfers_by_entry(scope, kind)
    )


def _parts(wanted: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(wanted), LOOKUP):
        yield wanted[start : start + LOOKUP]
