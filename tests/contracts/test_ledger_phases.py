"""What every ledger answers to pending, balancing and closing transfers; both adapters."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from openinsure.ledger.port import AMOUNT_MAX, Adapter
from tests.contracts.ledgers import A, Bench, T

pytestmark = pytest.mark.django_db(databases=["ledger_engine"])
POST, VOID = T.POST_PENDING_TRANSFER, T.VOID_PENDING_TRANSFER


@pytest.fixture
def bench(adapter: Adapter) -> Bench:
    """A ledger number of its own."""
    return Bench(adapter)


def pending(bench: Bench, a: int, b: int, amount: int = 100, timeout: int = 0) -> int:
    """A pending transfer; its id."""
    asked = bench.transfer(a, b, amount, flags=T.PENDING, timeout=timeout, user_data_128=9)
    assert bench.send(asked) == ["CREATED"]
    return asked.id


def second(bench: Bench, held: int, flags: T, amount: int) -> str:
    """Post or void it, inheriting all the rest; the status."""
    return bench.move(0, 0, amount, flags=flags, pending_id=held, ledger=0, code=0)


@pytest.mark.parametrize(
    ("flags", "amount", "posted"), [(POST, AMOUNT_MAX, 100), (POST, 60, 60), (POST, 0, 0),
                                    (VOID, 0, 0), (VOID, 100, 0)],
)  # fmt: skip
def test_it_ends_a_pending_transfer(bench: Bench, flags: T, amount: int, posted: int) -> None:
    a, b = bench.account(), bench.account()
    held = pending(bench, a, b)
    assert bench.sums(a) == (100, 0, 0, 0)
    asked = bench.transfer(0, 0, amount, flags=flags, pending_id=held, ledger=0, code=0)
    assert bench.send(asked) == ["CREATED"]
    assert bench.sums(a) == (0, posted, 0, 0)
    assert bench.sums(b) == (0, 0, 0, posted)
    assert bench.send(asked) == ["EXISTS"]
    kept = bench.kept(asked.id)
    assert (kept.debit_account_id, kept.code, kept.user_data_128) == (a, 1901, 9)
    ended = "POSTED" if flags == POST else "VOIDED"
    assert second(bench, held, VOID, 0) == f"PENDING_TRANSFER_ALREADY_{ended}"


def test_it_refuses_what_does_not_fit_the_pending_transfer(bench: Bench) -> None:
    a, b = bench.account(), bench.account()
    held = pending(bench, a, b)
    assert second(bench, held, POST, 101) == "EXCEEDS_PENDING_TRANSFER_AMOUNT"
    assert second(bench, held, VOID, 99) == "PENDING_TRANSFER_HAS_DIFFERENT_AMOUNT"
    named = bench.transfer(b, a, 1, flags=POST, pending_id=held)
    assert bench.send(named) == ["PENDING_TRANSFER_HAS_DIFFERENT_DEBIT_ACCOUNT_ID"]
    assert bench.move(a, b, 1, flags=POST, pending_id=held, code=7) == (
        "PENDING_TRANSFER_HAS_DIFFERENT_CODE"
    )
    single = bench.transfer(a, b, 1)
    assert bench.send(single) == ["CREATED"]
    assert second(bench, single.id, POST, 1) == "PENDING_TRANSFER_NOT_PENDING"


def test_it_settles_within_one_chain(bench: Bench) -> None:
    payable, clearing, cash = bench.funded(100), bench.account(), bench.account()
    held = pending(bench, payable, clearing)
    post = bench.transfer(
        0, 0, AMOUNT_MAX, flags=POST | T.LINKED, pending_id=held, ledger=0, code=0
    )
    paid = bench.transfer(clearing, cash, 100, code=1302)
    assert bench.send(post, paid) == ["CREATED", "CREATED"]
    assert bench.sums(clearing) == (0, 100, 0, 100)


def test_it_takes_back_a_posting_of_a_broken_chain(bench: Bench) -> None:
    a, b = bench.account(), bench.account()
    held = pending(bench, a, b)
    post = bench.transfer(
        0, 0, AMOUNT_MAX, flags=POST | T.LINKED, pending_id=held, ledger=0, code=0
    )
    assert bench.send(post, bench.transfer(a, 7, 1))[0] == "LINKED_EVENT_FAILED"
    assert bench.sums(a) == (100, 0, 0, 0)
    assert second(bench, held, VOID, 0) == "CREATED"


def test_it_balances_to_what_the_limits_leave(bench: Bench) -> None:
    fund, other = bench.funded(70), bench.account()
    asked = bench.transfer(fund, other, 100, flags=T.BALANCING_DEBIT)
    assert bench.send(asked) == ["CREATED"]
    assert bench.kept(asked.id).amount == 70
    assert bench.send(asked, replace(asked, amount=70)) == ["EXISTS", "EXISTS"]
    assert bench.send(replace(asked, amount=69)) == ["EXISTS_WITH_DIFFERENT_AMOUNT"]
    again = bench.transfer(fund, other, AMOUNT_MAX, flags=T.BALANCING_DEBIT)
    assert bench.send(again) == ["CREATED"]
    assert bench.kept(again.id).amount == 0


def test_it_closes_and_reopens_an_account(bench: Bench) -> None:
    a, b = bench.account(), bench.account()
    closing = bench.transfer(a, b, 0, flags=T.PENDING | T.CLOSING_DEBIT)
    assert bench.send(closing) == ["CREATED"]
    assert bench.read(a).flags & A.CLOSED
    assert bench.move(a, b, 1) == "DEBIT_ACCOUNT_ALREADY_CLOSED"
    assert bench.move(b, a, 1) == "CREDIT_ACCOUNT_ALREADY_CLOSED"
    assert second(bench, closing.id, POST, 0) == "DEBIT_ACCOUNT_ALREADY_CLOSED"
    assert second(bench, closing.id, VOID, 0) == "CREATED"
    assert bench.move(a, b, 1) == "CREATED"


@pytest.mark.parametrize("flags", [POST, VOID])
def test_it_lets_a_pending_transfer_lapse(bench: Bench, flags: T) -> None:
    a, b = bench.account(), bench.account()
    held = pending(bench, a, b, timeout=1)
    time.sleep(1.01)
    assert second(bench, held, flags, 0) == "PENDING_TRANSFER_EXPIRED"
    assert bench.move(a, b, 1) == "CREATED"
