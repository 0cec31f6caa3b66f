"""TigerBeetle's state machine: what each event answers and does. Pure; the order is the contract.

The first status that applies wins. Accounts, transfers of one phase, and the second phase (post,
void) each have their list; `chains.run` adds what linked events do to each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from openinsure.ledger import chains
from openinsure.ledger.books import SECOND_NS, Books
from openinsure.ledger.port import (
    CREATED,
    EXISTS,
    U128_MAX,
    Account,
    AccountFlags,
    Result,
    Transfer,
    TransferFlags,
)
from openinsure.ledger.second_phase import settle

ACCOUNT_FLAGS_MAX, TRANSFER_FLAGS_MAX = 2 * AccountFlags.CLOSED, 2 * TransferFlags.IMPORTED
U64_MAX = 2**64 - 1
# Bits as plain numbers: `&` of two enum members makes a third, at a third of a batch's time.
DEBIT_LIMIT = int(AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS)
CREDIT_LIMIT = int(AccountFlags.CREDITS_MUST_NOT_EXCEED_DEBITS)
CLOSED = int(AccountFlags.CLOSED)
BOTH_LIMITS = DEBIT_LIMIT | CREDIT_LIMIT
PENDING, VOID = int(TransferFlags.PENDING), int(TransferFlags.VOID_PENDING_TRANSFER)
SECOND = int(TransferFlags.POST_PENDING_TRANSFER) | VOID
BALANCING_DEBIT = int(TransferFlags.BALANCING_DEBIT)
BALANCING_CREDIT = int(TransferFlags.BALANCING_CREDIT)
BALANCING = BALANCING_DEBIT | BALANCING_CREDIT
CLOSING_DEBIT, CLOSING_CREDIT = int(TransferFlags.CLOSING_DEBIT), int(TransferFlags.CLOSING_CREDIT)
CLOSING = CLOSING_DEBIT | CLOSING_CREDIT


def create_accounts(books: Books, events: Sequence[Account]) -> list[Result]:
    """Open accounts in the books; one result each."""
    return chains.run(books, events, _create_account)


def create_transfers(books: Books, events: Sequence[Transfer]) -> list[Result]:
    """Move money in the books; one result each. Expired pending amounts are released first."""
    books.expire(books.clock)
    return chains.run(books, events, _create_transfer)


def _create_account(books: Books, asked: Account, at: int) -> str:
    for status in _account_refusals(books, asked):
        return status
    books.put_account(replace(asked, timestamp=at))
    return CREATED


def _account_refusals(books: Books, asked: Account) -> Iterator[str]:
    if asked.timestamp:
        yield "TIMESTAMP_MUST_BE_ZERO"
    if asked.flags >= ACCOUNT_FLAGS_MAX:
        yield "RESERVED_FLAG"
    yield from _id_refusals(asked.id)
    known = books.accounts.get(asked.id)
    if known:
        for name in ("flags", "user_data_128", "user_data_64", "user_data_32", "ledger", "code"):
            if getattr(asked, name) != getattr(known, name):
                yield f"EXISTS_WITH_DIFFERENT_{name.upper()}"
        yield EXISTS
    if int(asked.flags) & BOTH_LIMITS == BOTH_LIMITS:
        yield "FLAGS_ARE_MUTUALLY_EXCLUSIVE"
    for name in ("debits_pending", "debits_posted", "credits_pending", "credits_posted"):
        if getattr(asked, name):
            yield f"{name.upper()}_MUST_BE_ZERO"
    if not asked.ledger:
        yield "LEDGER_MUST_NOT_BE_ZERO"
    if not asked.code:
        yield "CODE_MUST_NOT_BE_ZERO"


def _create_transfer(books: Books, asked: Transfer, at: int) -> str:
    for status in _common_refusals(books, asked):
        return status
    if int(asked.flags) & SECOND:
        return settle(books, asked, at)
    for status in _shape_refusals(asked):
        return status
    debit = books.accounts.get(asked.debit_account_id)
    credit = books.accounts.get(asked.credit_account_id)
    if debit is None:
        return "DEBIT_ACCOUNT_NOT_FOUND"
    if credit is None:
        return "CREDIT_ACCOUNT_NOT_FOUND"
    moved = replace(asked, amount=_clamped(asked, debit, credit), timestamp=at)
    for status in _balance_refusals(moved, debit, credit):
        return status
    _move(books, moved, debit, credit)
    return CREATED


def _common_refusals(books: Books, asked: Transfer) -> Iterator[str]:
    if asked.timestamp:
        yield "TIMESTAMP_MUST_BE_ZERO"
    if asked.flags >= TRANSFER_FLAGS_MAX:
        yield "RESERVED_FLAG"
    yield from _id_refusals(asked.id)
    known = books.transfers.get(asked.id)
    if known:
        yield from _differences(books, asked, known)
        yield EXISTS
    if asked.id in books.burnt:
        yield "ID_ALREADY_FAILED"


def _id_refusals(event_id: int) -> Iterator[str]:
    if event_id == 0:
        yield "ID_MUST_NOT_BE_ZERO"
    if event_id == U128_MAX:
        yield "ID_MUST_NOT_BE_INT_MAX"


def _differences(books: Books, asked: Transfer, known: Transfer) -> Iterator[str]:
    """EXISTS_WITH_DIFFERENT_*: what a second phase left to inherit counts as the pending's."""
    for name in ("flags", "pending_id", "timeout"):
        if getattr(asked, name) != getattr(known, name):
            yield f"EXISTS_WITH_DIFFERENT_{name.upper()}"
    held = books.transfers.get(known.pending_id) if int(known.flags) & SECOND else None
    for name in ("debit_account_id", "credit_account_id"):
        if getattr(asked, name) != getattr(known, name) and (held is None or getattr(asked, name)):
            yield f"EXISTS_WITH_DIFFERENT_{name.upper()}"
    if not _same_amount(asked, known, held):
        yield "EXISTS_WITH_DIFFERENT_AMOUNT"
    for name in ("user_data_128", "user_data_64", "user_data_32", "ledger", "code"):
        said = getattr(asked, name)
        if held is not None and not said:
            said = getattr(held, name)
        if said != getattr(known, name):
            yield f"EXISTS_WITH_DIFFERENT_{name.upper()}"


def _same_amount(asked: Transfer, known: Transfer, held: Transfer | None) -> bool:
    if int(asked.flags) & BALANCING:
        return asked.amount >= known.amount
    if held is None:
        return asked.amount == known.amount
    if int(asked.flags) & VOID:
        return asked.amount in (0, known.amount)
    whole = asked.amount == U128_MAX and known.amount == held.amount
    return whole or asked.amount == known.amount


def _shape_refusals(asked: Transfer) -> Iterator[str]:
    for side, account_id in (
        ("DEBIT", asked.debit_account_id),
        ("CREDIT", asked.credit_account_id),
    ):
        if account_id == 0:
            yield f"{side}_ACCOUNT_ID_MUST_NOT_BE_ZERO"
        if account_id == U128_MAX:
            yield f"{side}_ACCOUNT_ID_MUST_NOT_BE_INT_MAX"
    if asked.debit_account_id == asked.credit_account_id:
        yield "ACCOUNTS_MUST_BE_DIFFERENT"
    if asked.pending_id:
        yield "PENDING_ID_MUST_BE_ZERO"
    flags = int(asked.flags)
    if not flags & PENDING:
        if asked.timeout:
            yield "TIMEOUT_RESERVED_FOR_PENDING_TRANSFER"
        if flags & CLOSING:
            yield "CLOSING_TRANSFER_MUST_BE_PENDING"
    if not asked.ledger:
        yield "LEDGER_MUST_NOT_BE_ZERO"
    if not asked.code:
        yield "CODE_MUST_NOT_BE_ZERO"


def _clamped(asked: Transfer, debit: Account, credit: Account) -> int:
    """The amount after balancing: what the limits leave, possibly 0."""
    amount, flags = asked.amount, int(asked.flags)
    if flags & BALANCING_DEBIT:
        room = debit.credits_posted - debit.debits_posted - debit.debits_pending
        amount = min(amount, max(0, room))
    if flags & BALANCING_CREDIT:
        room = credit.debits_posted - credit.credits_posted - credit.credits_pending
        amount = min(amount, max(0, room))
    return amount


def _balance_refusals(moved: Transfer, debit: Account, credit: Account) -> Iterator[str]:
    if debit.ledger != credit.ledger:
        yield "ACCOUNTS_MUST_HAVE_THE_SAME_LEDGER"
    if moved.ledger != debit.ledger:
        yield "TRANSFER_MUST_HAVE_THE_SAME_LEDGER_AS_ACCOUNTS"
    if int(debit.flags) & CLOSED:
        yield "DEBIT_ACCOUNT_ALREADY_CLOSED"
    if int(credit.flags) & CLOSED:
        yield "CREDIT_ACCOUNT_ALREADY_CLOSED"
    amount = moved.amount
    if int(moved.flags) & PENDING:
        if debit.debits_pending + amount > U128_MAX:
            yield "OVERFLOWS_DEBITS_PENDING"
        if credit.credits_pending + amount > U128_MAX:
            yield "OVERFLOWS_CREDITS_PENDING"
    if debit.debits_posted + amount > U128_MAX:
        yield "OVERFLOWS_DEBITS_POSTED"
    if credit.credits_posted + amount > U128_MAX:
        yield "OVERFLOWS_CREDITS_POSTED"
    debits = debit.debits_pending + debit.debits_posted + amount
    credits = credit.credits_pending + credit.credits_posted + amount
    if debits > U128_MAX:
        yield "OVERFLOWS_DEBITS"
    if credits > U128_MAX:
        yield "OVERFLOWS_CREDITS"
    if moved.timestamp + moved.timeout * SECOND_NS > U64_MAX:
        yield "OVERFLOWS_TIMEOUT"
    if int(debit.flags) & DEBIT_LIMIT and debits > debit.credits_posted:
        yield "EXCEEDS_CREDITS"
    if int(credit.flags) & CREDIT_LIMIT and credits > credit.debits_posted:
        yield "EXCEEDS_DEBITS"


def _move(books: Books, moved: Transfer, debit: Account, credit: Account) -> None:
    flags = int(moved.flags)
    if flags & PENDING:
        debit = replace(debit, debits_pending=debit.debits_pending + moved.amount)
        credit = replace(credit, credits_pending=credit.credits_pending + moved.amount)
    else:
        debit = replace(debit, debits_posted=debit.debits_posted + moved.amount)
        credit = replace(credit, credits_posted=credit.credits_posted + moved.amount)
    if flags & CLOSING_DEBIT:
        debit = replace(debit, flags=debit.flags | AccountFlags.CLOSED)
    if flags & CLOSING_CREDIT:
        credit = replace(credit, flags=credit.flags | AccountFlags.CLOSED)
    books.put_account(debit)
    books.put_account(credit)
    books.add_transfer(moved)
