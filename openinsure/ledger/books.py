"""The rows one batch may touch, in memory, with an undo log for linked chains. No SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from openinsure.ledger.port import Account, AccountFlags, Balance, Transfer, TransferFlags

SECOND_NS = 1_000_000_000
HISTORY, PENDING = int(AccountFlags.HISTORY), int(TransferFlags.PENDING)  # plain: asked often


class Phase(StrEnum):
    """Where a transfer stands. Single ones are `single` for ever."""

    SINGLE = "single"
    PENDING = "pending"
    POSTED = "posted"
    VOIDED = "voided"
    EXPIRED = "expired"


@dataclass(slots=True)
class Books:
    """Known accounts, transfers, phases and burnt ids; `clock` is the last timestamp given, ns."""

    clock: int = 0
    accounts: dict[int, Account] = field(default_factory=dict)
    transfers: dict[int, Transfer] = field(default_factory=dict)
    phases: dict[int, Phase] = field(default_factory=dict)
    burnt: set[int] = field(default_factory=set)
    balances: dict[tuple[int, int], Balance] = field(default_factory=dict)
    changed_accounts: set[int] = field(default_factory=set)
    changed_phases: set[int] = field(default_factory=set)
    new_transfers: list[int] = field(default_factory=list)
    new_burnt: set[int] = field(default_factory=set)
    _undo: list[Callable[[], Any]] = field(default_factory=list)

    def tick(self) -> int:
        """The next timestamp; each event gets its own, accounts and transfers alike."""
        self.clock += 1
        return self.clock

    @contextmanager
    def attempt(self) -> Iterator[Callable[[], None]]:
        """A chain: the yielded function takes back all of it, except burnt ids and the clock."""
        self._undo.clear()
        yield self._roll_back
        self._undo.clear()

    def put_account(self, account: Account) -> None:
        """Open or change one."""
        before = self.accounts.get(account.id)
        self.accounts[account.id] = account
        self.changed_accounts.add(account.id)
        self._undo.append(lambda: self._put_back(account.id, before))

    def add_transfer(self, transfer: Transfer) -> None:
        """Keep a new one and the history of its two accounts."""
        self.transfers[transfer.id] = transfer
        self.new_transfers.append(transfer.id)
        first = Phase.PENDING if int(transfer.flags) & PENDING else Phase.SINGLE
        self.phases[transfer.id] = first
        self._undo.append(lambda: self._forget(transfer))
        for side in (transfer.debit_account_id, transfer.credit_account_id):
            if int(self.accounts[side].flags) & HISTORY:
                self.balances[side, transfer.timestamp] = _standing(
                    self.accounts[side], transfer.timestamp
                )

    def end(self, transfer_id: int, phase: Phase) -> None:
        """A pending transfer is posted, voided or expired."""
        before = self.phases[transfer_id]
        self.phases[transfer_id] = phase
        self.changed_phases.add(transfer_id)
        self._undo.append(lambda: self.phases.__setitem__(transfer_id, before))

    def burn(self, transfer_id: int) -> None:
        """This id answers ID_ALREADY_FAILED for ever; rolling back does not heal it."""
        self.burnt.add(transfer_id)
        self.new_burnt.add(transfer_id)

    def expire(self, now: int) -> None:
        """Release what pending transfers past their timeout still hold. now: ns."""
        for transfer_id, phase in list(self.phases.items()):
            held = self.transfers[transfer_id]
            if phase is Phase.PENDING and expires_at(held) and expires_at(held) <= now:
                self.release(held)
                self.end(transfer_id, Phase.EXPIRED)

    def release(self, held: Transfer) -> None:
        """Take a pending amount off both accounts and reopen what it had closed."""
        debit = self.accounts[held.debit_account_id]
        credit = self.accounts[held.credit_account_id]
        debit = replace(debit, debits_pending=debit.debits_pending - held.amount)
        credit = replace(credit, credits_pending=credit.credits_pending - held.amount)
        if held.flags & TransferFlags.CLOSING_DEBIT:
            debit = replace(debit, flags=debit.flags & ~AccountFlags.CLOSED)
        if held.flags & TransferFlags.CLOSING_CREDIT:
            credit = replace(credit, flags=credit.flags & ~AccountFlags.CLOSED)
        self.put_account(debit)
        self.put_account(credit)

    def _roll_back(self) -> None:
        while self._undo:
            self._undo.pop()()

    def _put_back(self, account_id: int, before: Account | None) -> None:
        if before is None:
            del self.accounts[account_id]
            self.changed_accounts.discard(account_id)
        else:
            self.accounts[account_id] = before

    def _forget(self, transfer: Transfer) -> None:
        del self.transfers[transfer.id]
        del self.phases[transfer.id]
        self.new_transfers.remove(transfer.id)
        for side in (transfer.debit_account_id, transfer.credit_account_id):
            self.balances.pop((side, transfer.timestamp), None)


def expires_at(transfer: Transfer) -> int:
    """When a pending transfer lapses, ns; 0 = never."""
    return transfer.timestamp + transfer.timeout * SECOND_NS if transfer.timeout else 0


def _standing(account: Account, timestamp: int) -> Balance:
    return Balance(
        debits_pending=account.debits_pending,
        debits_posted=account.debits_posted,
        credits_pending=account.credits_pending,
        credits_posted=account.credits_posted,
        timestamp=timestamp,
    )
