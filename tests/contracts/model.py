"""A ledger as small as its rules allow: dicts, no chains of objects, nothing of the product.

What `test_ledger_sequences` holds both adapters to. Written from the vendor's description, apart
from openinsure/ledger/rules.py: the same mistake would have to be made twice.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field

from openinsure.ledger.port import AMOUNT_MAX, Transfer
from tests.contracts.ledgers import A, T

POST, VOID = T.POST_PENDING_TRANSFER, T.VOID_PENDING_TRANSFER
BURNING = {
    "DEBIT_ACCOUNT_NOT_FOUND", "CREDIT_ACCOUNT_NOT_FOUND", "PENDING_TRANSFER_NOT_FOUND",
    "EXCEEDS_CREDITS", "EXCEEDS_DEBITS",
}  # fmt: skip


@dataclass
class Purse:
    """An account: what it may not do, and its four sums."""

    ledger: int
    flags: A
    debits: int = 0
    credits: int = 0
    held_debits: int = 0
    held_credits: int = 0

    @property
    def sums(self) -> tuple[int, int, int, int]:
        """Debits pending, posted, credits pending, posted."""
        return self.held_debits, self.debits, self.held_credits, self.credits


@dataclass
class State:
    """Everything that a broken chain takes back."""

    purses: dict[int, Purse] = field(default_factory=dict)
    asked: dict[int, Transfer] = field(default_factory=dict)  # transfers that stand, as sent
    amounts: dict[int, int] = field(default_factory=dict)  # and what each moved
    ended: dict[int, str] = field(default_factory=dict)  # pending ones: ALREADY_POSTED, _VOIDED


class Model:
    """The statuses of batches, one after another."""

    def __init__(self, purses: dict[int, Purse]) -> None:
        self.state = State(purses)
        self.burnt: set[int] = set()

    def send(self, batch: list[Transfer]) -> list[str]:
        """What each event of a batch answers."""
        told: list[str] = []
        while len(told) < len(batch):
            end = len(told) + 1
            while end < len(batch) and batch[end - 1].flags & T.LINKED:
                end += 1
            told += self._chain(batch[len(told) : end])
        return told

    def _chain(self, chain: list[Transfer]) -> list[str]:
        before, told, broken = deepcopy(self.state), [], False
        for event in chain:
            if event is chain[-1] and event.flags & T.LINKED:
                status = "LINKED_EVENT_CHAIN_OPEN"
            else:
                status = "LINKED_EVENT_FAILED" if broken else self._one(event)
            if status in BURNING:
                self.burnt.add(event.id)
            if status != "CREATED" and not broken and (len(chain) > 1 or event.flags & T.LINKED):
                broken, self.state = True, before
                told = ["LINKED_EVENT_FAILED"] * len(told)
            told.append(status)
        return told

    def _one(self, event: Transfer) -> str:
        if event.id in self.state.asked:
            return self._repeated(event, self.state.asked[event.id])
        if event.id in self.burnt:
            return "ID_ALREADY_FAILED"
        return self._end(event) if event.flags & (POST | VOID) else self._move(event)

    def _repeated(self, event: Transfer, first: Transfer) -> str:
        """The generator changes amounts and codes of first phases only, and LINKED of any."""
        if event.flags != first.flags:
            return "EXISTS_WITH_DIFFERENT_FLAGS"
        moved = self.state.amounts[event.id]
        if event.flags & (T.BALANCING_DEBIT | T.BALANCING_CREDIT):
            same = event.amount >= moved
        else:
            same = event.amount == first.amount
        if not same:
            return "EXISTS_WITH_DIFFERENT_AMOUNT"
        return "EXISTS" if event.code == first.code else "EXISTS_WITH_DIFFERENT_CODE"

    def _move(self, event: Transfer) -> str:
        if event.debit_account_id == event.credit_account_id:
            return "ACCOUNTS_MUST_BE_DIFFERENT"
        debit = self.state.purses.get(event.debit_account_id)
        credit = self.state.purses.get(event.credit_account_id)
        if debit is None or credit is None:
            return f"{'CREDIT' if debit else 'DEBIT'}_ACCOUNT_NOT_FOUND"
        if debit.ledger != credit.ledger:
            return "ACCOUNTS_MUST_HAVE_THE_SAME_LEDGER"
        if debit.ledger != event.ledger:
            return "TRANSFER_MUST_HAVE_THE_SAME_LEDGER_AS_ACCOUNTS"
        amount = event.amount
        if event.flags & T.BALANCING_DEBIT:
            amount = min(amount, max(debit.credits - debit.debits - debit.held_debits, 0))
        if event.flags & T.BALANCING_CREDIT:
            amount = min(amount, max(credit.debits - credit.credits - credit.held_credits, 0))
        spent = debit.debits + debit.held_debits + amount
        if debit.flags & A.DEBITS_MUST_NOT_EXCEED_CREDITS and spent > debit.credits:
            return "EXCEEDS_CREDITS"
        spent = credit.credits + credit.held_credits + amount
        if credit.flags & A.CREDITS_MUST_NOT_EXCEED_DEBITS and spent > credit.debits:
            return "EXCEEDS_DEBITS"
        held = bool(event.flags & T.PENDING)
        self._add(debit, credit, amount * (not held), amount * held)
        return self._stands(event, amount)

    def _end(self, event: Transfer) -> str:
        held = self.state.asked.get(event.pending_id)
        if held is None:
            return "PENDING_TRANSFER_NOT_FOUND"
        if not held.flags & T.PENDING:
            return "PENDING_TRANSFER_NOT_PENDING"
        whole = self.state.amounts[held.id]
        everything = AMOUNT_MAX if event.flags & POST else 0
        amount = whole if event.amount == everything else event.amount
        if amount > whole:
            return "EXCEEDS_PENDING_TRANSFER_AMOUNT"
        if event.flags & VOID and amount < whole:
            return "PENDING_TRANSFER_HAS_DIFFERENT_AMOUNT"
        if held.id in self.state.ended:
            return f"PENDING_TRANSFER_{self.state.ended[held.id]}"
        posts = bool(event.flags & POST)
        self.state.ended[held.id] = "ALREADY_POSTED" if posts else "ALREADY_VOIDED"
        debit = self.state.purses[held.debit_account_id]
        credit = self.state.purses[held.credit_account_id]
        self._add(debit, credit, amount * posts, -whole)
        return self._stands(event, amount)

    def _stands(self, event: Transfer, amount: int) -> str:
        self.state.asked[event.id], self.state.amounts[event.id] = event, amount
        return "CREATED"

    @staticmethod
    def _add(debit: Purse, credit: Purse, posted: int, held: int) -> None:
        debit.debits, debit.held_debits = debit.debits + posted, debit.held_debits + held
        credit.credits, credit.held_credits = credit.credits + posted, credit.held_credits + held
