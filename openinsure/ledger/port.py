"""What a ledger is to the console: accounts, transfers, their results, and the two refusals.

The words are TigerBeetle's; both adapters answer with the same status names. An adapter knows
nothing of organisations: `OrgLedger` binds one to the ledger numbers of one organisation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntFlag
from typing import Protocol

from openinsure.tenancy.scope import Scope, TenantLeak

U128_MAX = 2**128 - 1
AMOUNT_MAX = U128_MAX  # posting this much posts all that is pending
CENTS_MAX = 2**63 - 1  # what a column of cents holds
WEB_DEADLINE_MS, JOB_DEADLINE_MS = 2_000, 30_000
CURRENCIES_PER_ORG = 1000  # tb_ledger_id = 1000 n + ISO 4217 number (decisions: ledger numbers)

CREATED, EXISTS = "CREATED", "EXISTS"
DONE = frozenset({CREATED, EXISTS})
# The id is burnt: it answers ID_ALREADY_FAILED for ever, so a retry needs a new one.
TRANSIENT = frozenset(
    {
        "DEBIT_ACCOUNT_NOT_FOUND",
        "CREDIT_ACCOUNT_NOT_FOUND",
        "PENDING_TRANSFER_NOT_FOUND",
        "DEBIT_ACCOUNT_ALREADY_CLOSED",
        "CREDIT_ACCOUNT_ALREADY_CLOSED",
        "EXCEEDS_CREDITS",
        "EXCEEDS_DEBITS",
    }
)


class LedgerAway(Exception):
    """No answer by the deadline. What was asked may have happened: ask again with the same ids."""


class LedgerRefusal(Exception):
    """A request the port never sends: IMPORTED, an amount over 2^63-1, a batch over the limit."""


class AccountFlags(IntFlag):
    """Immutable once the account exists, except CLOSED."""

    NONE = 0
    LINKED = 1
    DEBITS_MUST_NOT_EXCEED_CREDITS = 2
    CREDITS_MUST_NOT_EXCEED_DEBITS = 4
    HISTORY = 8
    IMPORTED = 16
    CLOSED = 32


class TransferFlags(IntFlag):
    """How a transfer moves its amount."""

    NONE = 0
    LINKED = 1
    PENDING = 2
    POST_PENDING_TRANSFER = 4
    VOID_PENDING_TRANSFER = 8
    BALANCING_DEBIT = 16
    BALANCING_CREDIT = 32
    CLOSING_DEBIT = 64
    CLOSING_CREDIT = 128
    IMPORTED = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account; balances and timestamp (ns) are the engine's, 0 in a request. Cents."""

    id: int
    ledger: int
    code: int
    flags: AccountFlags = AccountFlags.NONE
    user_data_128: int = 0
    user_data_64: int = 0
    user_data_32: int = 0
    debits_pending: int = 0
    debits_posted: int = 0
    credits_pending: int = 0
    credits_posted: int = 0
    timestamp: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer of `amount` cents. timeout: seconds, 0 = never. timestamp: the engine's, ns."""

    id: int
    debit_account_id: int = 0
    credit_account_id: int = 0
    amount: int = 0
    pending_id: int = 0
    user_data_128: int = 0
    user_data_64: int = 0
    user_data_32: int = 0
    timeout: int = 0
    ledger: int = 0
    code: int = 0
    flags: TransferFlags = TransferFlags.NONE
    timestamp: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """The status name of one event and the engine's time of it in ns (0 where none is told)."""

    status: str
    timestamp: int = 0

    @property
    def done(self) -> bool:
        """The event stands in the ledger, now or since an earlier attempt."""
        return self.status in DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """An account's four sums in cents as they stood after the event at `timestamp` (ns)."""

    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int
    timestamp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Which transfers or balances of an account: both sides, oldest first, unless told."""

    account_id: int
    limit: int = 1000
    timestamp_min: int = 0
    timestamp_max: int = 0
    debits: bool = True
    credits: bool = True
    newest_first: bool = False


class Adapter(Protocol):
    """One engine. One result per event, in order. Every call raises LedgerAway in the end."""

    name: str
    batch_max: int
    any_thread: bool  # of the caller's; else it keeps the caller's connection to a database

    def create_accounts(self, events: Sequence[Account], *, deadline_ms: int) -> list[Result]:
        """Open accounts."""
        ...

    def create_transfers(self, events: Sequence[Transfer], *, deadline_ms: int) -> list[Result]:
        """Move money. At most `batch_max` events, no chain cut."""
        ...

    def lookup_accounts(self, ids: Sequence[int], *, deadline_ms: int) -> list[Account]:
        """The accounts that exist."""
        ...

    def lookup_transfers(self, ids: Sequence[int], *, deadline_ms: int) -> list[Transfer]:
        """The transfers that exist."""
        ...

    def account_transfers(self, asked: History, *, deadline_ms: int) -> list[Transfer]:
        """Transfers touching the account."""
        ...

    def account_balances(self, asked: History, *, deadline_ms: int) -> list[Balance]:
        """Balances after each transfer; empty for an account without HISTORY."""
        ...


@dataclass(frozen=True, slots=True)
class OrgLedger:
    """The ledger as one organisation may use it. ledger_id: its `organizations.tb_ledger_id`."""

    scope: Scope
    ledger_id: int
    adapter: Adapter
    deadline_ms: int = field(default=JOB_DEADLINE_MS)

    def create_accounts(self, events: Sequence[Account]) -> list[Result]:
        """Open accounts of this organisation. Raises LedgerRefusal, TenantLeak, LedgerAway."""
        for event in events:
            if event.flags & AccountFlags.IMPORTED:
                raise LedgerRefusal(f"account {event.id:032x}: IMPORTED is not offered")
            self._hold(event.ledger, "account", event.id)
        return self.adapter.create_accounts(events, deadline_ms=self.deadline_ms)

    def create_transfers(self, events: Sequence[Transfer]) -> list[Result]:
        """Move money of this organisation. Raises LedgerRefusal, TenantLeak, LedgerAway."""
        for event in events:
            self._hold_transfer(event)
        return self.adapter.create_transfers(events, deadline_ms=self.deadline_ms)

    def lookup_accounts(self, ids: Sequence[int]) -> list[Account]:
        """Those that exist. Raises TenantLeak if one is another organisation's."""
        found = self.adapter.lookup_accounts(ids, deadline_ms=self.deadline_ms)
        for account in found:
            self._hold(account.ledger, "account", account.id)
        return found

    def lookup_transfers(self, ids: Sequence[int]) -> list[Transfer]:
        """Those that exist. Raises TenantLeak if one is another organisation's."""
        found = self.adapter.lookup_transfers(ids, deadline_ms=self.deadline_ms)
        for transfer in found:
            self._hold(transfer.ledger, "transfer", transfer.id)
        return found

    def account_transfers(self, asked: History) -> list[Transfer]:
        """Transfers of one of our accounts. Raises TenantLeak for another's."""
        self.lookup_accounts([asked.account_id])
        return self.adapter.account_transfers(asked, deadline_ms=self.deadline_ms)

    def account_balances(self, asked: History) -> list[Balance]:
        """Balances over time of one of our accounts. Raises TenantLeak for another's."""
        self.lookup_accounts([asked.account_id])
        return self.adapter.account_balances(asked, deadline_ms=self.deadline_ms)

    def _hold_transfer(self, event: Transfer) -> None:
        flags = int(event.flags)
        if flags & _IMPORTED:
            raise LedgerRefusal(f"transfer {event.id:032x}: IMPORTED is not offered")
        if event.amount > CENTS_MAX and not (event.amount == AMOUNT_MAX and flags & _WHOLE):
            said = f"amount {event.amount} is over {CENTS_MAX}"
            raise LedgerRefusal(f"transfer {event.id:032x}: {said}")
        if event.ledger or not flags & _SECOND_PHASE:
            self._hold(event.ledger, "transfer", event.id)
        else:  # it inherits the pending transfer's ledger, which must be ours
            self.lookup_transfers([event.pending_id])

    def _hold(self, ledger: int, kind: str, key: int) -> None:
        if ledger // CURRENCIES_PER_ORG != self.ledger_id // CURRENCIES_PER_ORG:
            said = f"is of ledger {ledger}, not of this organisation's"
            raise TenantLeak(f"{kind} {key:032x} {said}")


_IMPORTED = int(TransferFlags.IMPORTED)
_SECOND_PHASE = int(TransferFlags.POST_PENDING_TRANSFER | TransferFlags.VOID_PENDING_TRANSFER)
_WHOLE = int(
    TransferFlags.POST_PENDING_TRANSFER
    | TransferFlags.BALANCING_DEBIT
    | TransferFlags.BALANCING_CREDIT
)
