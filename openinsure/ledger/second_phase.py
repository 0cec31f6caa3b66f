"""Posting and voiding of pending transfers: what is not said is inherited from the pending one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from openinsure.ledger.books import Books, Phase, expires_at
from openinsure.ledger.port import (
    AMOUNT_MAX,
    CREATED,
    U128_MAX,
    AccountFlags,
    Transfer,
    TransferFlags,
)

POST, VOID = TransferFlags.POST_PENDING_TRANSFER, TransferFlags.VOID_PENDING_TRANSFER
NOT_WITH = (
    TransferFlags.PENDING
    | TransferFlags.BALANCING_DEBIT
    | TransferFlags.BALANCING_CREDIT
    | TransferFlags.CLOSING_DEBIT
    | TransferFlags.CLOSING_CREDIT
)
_ENDED = {
    Phase.POSTED: "PENDING_TRANSFER_ALREADY_POSTED",
    Phase.VOIDED: "PENDING_TRANSFER_ALREADY_VOIDED",
    Phase.EXPIRED: "PENDING_TRANSFER_EXPIRED",
}


def settle(books: Books, asked: Transfer, at: int) -> str:
    """Post or void; the status name. `asked` has passed the checks common to all transfers."""
    for status in _shape_refusals(asked):
        return status
    held = books.transfers.get(asked.pending_id)
    if held is None:
        return "PENDING_TRANSFER_NOT_FOUND"
    for status in _held_refusals(books, asked, held, at):
        return status
    _end(books, _inherited(asked, held, at), held)
    return CREATED


def _shape_refusals(asked: Transfer) -> Iterator[str]:
    if (asked.flags & POST and asked.flags & VOID) or asked.flags & NOT_WITH:
        yield "FLAGS_ARE_MUTUALLY_EXCLUSIVE"
    if asked.pending_id == 0:
        yield "PENDING_ID_MUST_NOT_BE_ZERO"
    if asked.pending_id == U128_MAX:
        yield "PENDING_ID_MUST_NOT_BE_INT_MAX"
    if asked.pending_id == asked.id:
        yield "PENDING_ID_MUST_BE_DIFFERENT"
    if asked.timeout:
        yield "TIMEOUT_RESERVED_FOR_PENDING_TRANSFER"


def _held_refusals(books: Books, asked: Transfer, held: Transfer, at: int) -> Iterator[str]:
    if not held.flags & TransferFlags.PENDING:
        yield "PENDING_TRANSFER_NOT_PENDING"
    for name in ("debit_account_id", "credit_account_id", "ledger", "code"):
        if getattr(asked, name) and getattr(asked, name) != getattr(held, name):
            yield f"PENDING_TRANSFER_HAS_DIFFERENT_{name.upper()}"
    amount = _amount(asked, held)
    if amount > held.amount:
        yield "EXCEEDS_PENDING_TRANSFER_AMOUNT"
    if asked.flags & VOID and amount < held.amount:
        yield "PENDING_TRANSFER_HAS_DIFFERENT_AMOUNT"
    if books.phases[held.id] is not Phase.PENDING:
        yield _ENDED[books.phases[held.id]]
    if expires_at(held) and expires_at(held) <= at:
        yield "PENDING_TRANSFER_EXPIRED"
    if asked.flags & POST:
        if books.accounts[held.debit_account_id].flags & AccountFlags.CLOSED:
            yield "DEBIT_ACCOUNT_ALREADY_CLOSED"
        if books.accounts[held.credit_account_id].flags & AccountFlags.CLOSED:
            yield "CREDIT_ACCOUNT_ALREADY_CLOSED"


def _amount(asked: Transfer, held: Transfer) -> int:
    """Post: AMOUNT_MAX is all, 0 is nothing. Void: 0 is all."""
    everything = AMOUNT_MAX if asked.flags & POST else 0
    return held.amount if asked.amount == everything else asked.amount


def _inherited(asked: Transfer, held: Transfer, at: int) -> Transfer:
    return replace(
        asked,
        debit_account_id=held.debit_account_id,
        credit_account_id=held.credit_account_id,
        amount=_amount(asked, held),
        user_data_128=asked.user_data_128 or held.user_data_128,
        user_data_64=asked.user_data_64 or held.user_data_64,
        user_data_32=asked.user_data_32 or held.user_data_32,
        ledger=held.ledger,
        code=held.code,
        timestamp=at,
    )


def _end(books: Books, done: Transfer, held: Transfer) -> None:
    if done.flags & VOID:
        books.release(held)
        books.end(held.id, Phase.VOIDED)
    else:
        debit = books.accounts[held.debit_account_id]
        credit = books.accounts[held.credit_account_id]
        books.put_account(
            replace(
                debit,
                debits_pending=debit.debits_pending - held.amount,
                debits_posted=debit.debits_posted + done.amount,
            )
        )
        books.put_account(
            replace(
                credit,
                credits_pending=credit.credits_pending - held.amount,
                credits_posted=credit.credits_posted + done.amount,
            )
        )
        books.end(held.id, Phase.POSTED)
    books.add_transfer(done)
