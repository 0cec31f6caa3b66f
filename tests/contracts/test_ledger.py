"""What every ledger answers: one suite, both adapters (transfers of one phase, chains, limits)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from openinsure.ledger.port import U128_MAX, Account, Adapter, History
from tests.contracts.ledgers import DEADLINE_MS, A, Bench, T, fresh

pytestmark = pytest.mark.django_db(databases=["ledger_engine"])


@pytest.fixture
def bench(adapter: Adapter) -> Bench:
    """A ledger number of its own."""
    return Bench(adapter)


def test_it_opens_an_account_once(bench: Bench) -> None:
    asked = Account(id=fresh(), ledger=bench.ledger, code=101, flags=A.HISTORY, user_data_64=7)
    assert bench.accounts(asked) == ["CREATED"]
    assert bench.accounts(asked) == ["EXISTS"]
    assert bench.read(asked.id).timestamp > 0
    other = {"flags": A.NONE, "user_data_128": 1, "user_data_64": 8, "user_data_32": 1}
    for name, value in {**other, "ledger": bench.ledger + 1, "code": 102}.items():
        changed: dict[str, Any] = {name: value}
        assert bench.accounts(replace(asked, **changed)) == [
            f"EXISTS_WITH_DIFFERENT_{name.upper()}"
        ]


ACCOUNT_REFUSALS = [
    ({"id": 0}, "ID_MUST_NOT_BE_ZERO"),
    ({"id": U128_MAX}, "ID_MUST_NOT_BE_INT_MAX"),
    ({"flags": A(6)}, "FLAGS_ARE_MUTUALLY_EXCLUSIVE"),
    ({"debits_posted": 1}, "DEBITS_POSTED_MUST_BE_ZERO"),
    ({"ledger": 0, "code": 0}, "LEDGER_MUST_NOT_BE_ZERO"),
    ({"code": 0}, "CODE_MUST_NOT_BE_ZERO"),
    ({"timestamp": 5, "id": 0}, "TIMESTAMP_MUST_BE_ZERO"),
]


@pytest.mark.parametrize(("changes", "status"), ACCOUNT_REFUSALS)
def test_it_refuses_an_account(bench: Bench, changes: dict[str, Any], status: str) -> None:
    asked = replace(Account(id=fresh(), ledger=bench.ledger, code=101), **changes)
    assert bench.accounts(asked) == [status]


TRANSFER_REFUSALS = [
    ({"id": 0}, "ID_MUST_NOT_BE_ZERO"),
    ({"id": U128_MAX}, "ID_MUST_NOT_BE_INT_MAX"),
    ({"debit_account_id": 0}, "DEBIT_ACCOUNT_ID_MUST_NOT_BE_ZERO"),
    ({"credit_account_id": U128_MAX}, "CREDIT_ACCOUNT_ID_MUST_NOT_BE_INT_MAX"),
    ({"debit_account_id": 5, "credit_account_id": 5}, "ACCOUNTS_MUST_BE_DIFFERENT"),
    ({"pending_id": 5}, "PENDING_ID_MUST_BE_ZERO"),
    ({"timeout": 5}, "TIMEOUT_RESERVED_FOR_PENDING_TRANSFER"),
    ({"flags": T.CLOSING_DEBIT}, "CLOSING_TRANSFER_MUST_BE_PENDING"),
    ({"ledger": 0}, "LEDGER_MUST_NOT_BE_ZERO"),
    ({"code": 0}, "CODE_MUST_NOT_BE_ZERO"),
    ({"debit_account_id": 5}, "DEBIT_ACCOUNT_NOT_FOUND"),
    ({"credit_account_id": 5}, "CREDIT_ACCOUNT_NOT_FOUND"),
    ({"ledger": 9}, "TRANSFER_MUST_HAVE_THE_SAME_LEDGER_AS_ACCOUNTS"),
    ({"flags": T.POST_PENDING_TRANSFER}, "PENDING_ID_MUST_NOT_BE_ZERO"),
    ({"flags": T.POST_PENDING_TRANSFER, "pending_id": U128_MAX}, "PENDING_ID_MUST_NOT_BE_INT_MAX"),
    ({"flags": T.VOID_PENDING_TRANSFER, "pending_id": 6}, "PENDING_TRANSFER_NOT_FOUND"),
    ({"flags": T(12), "pending_id": 6}, "FLAGS_ARE_MUTUALLY_EXCLUSIVE"),
    ({"flags": T(6), "pending_id": 6}, "FLAGS_ARE_MUTUALLY_EXCLUSIVE"),
]


@pytest.mark.parametrize(("changes", "status"), TRANSFER_REFUSALS)
def test_it_refuses_a_transfer(bench: Bench, changes: dict[str, Any], status: str) -> None:
    asked = bench.transfer(bench.account(), bench.account(), 100)
    assert bench.send(replace(asked, **changes)) == [status]


def test_it_moves_money_once(bench: Bench) -> None:
    debit, credit = bench.account(), bench.account()
    asked = bench.transfer(debit, credit, 1_234, user_data_128=3)
    assert bench.send(asked, asked) == ["CREATED", "EXISTS"]
    assert bench.send(asked) == ["EXISTS"]
    assert bench.sums(debit) == (0, 1_234, 0, 0)
    assert bench.sums(credit) == (0, 0, 0, 1_234)
    assert bench.send(replace(asked, amount=5)) == ["EXISTS_WITH_DIFFERENT_AMOUNT"]
    assert bench.send(replace(asked, user_data_128=4)) == ["EXISTS_WITH_DIFFERENT_USER_DATA_128"]
    assert bench.send(replace(asked, code=9, flags=T.PENDING)) == ["EXISTS_WITH_DIFFERENT_FLAGS"]
    assert bench.move(debit, credit, 0) == "CREATED"


def test_it_keeps_ledgers_apart(bench: Bench) -> None:
    ours = bench.account()
    foreign = bench.account(ledger=bench.ledger + 1000)
    assert bench.move(ours, foreign, 1) == "ACCOUNTS_MUST_HAVE_THE_SAME_LEDGER"


def test_it_burns_the_id_of_a_transient_refusal(bench: Bench) -> None:
    fund, other = bench.account(A.DEBITS_MUST_NOT_EXCEED_CREDITS), bench.account()
    asked = bench.transfer(fund, other, 100)
    assert bench.send(asked) == ["EXCEEDS_CREDITS"]
    assert bench.move(other, fund, 100) == "CREATED"
    assert bench.send(asked) == ["ID_ALREADY_FAILED"]
    assert bench.send(replace(asked, id=fresh())) == ["CREATED"]


def test_it_limits_by_posted_amounts_only(bench: Bench) -> None:
    cash, other = bench.account(A.CREDITS_MUST_NOT_EXCEED_DEBITS), bench.account()
    assert bench.move(cash, other, 50, flags=T.PENDING) == "CREATED"
    assert bench.move(other, cash, 50) == "EXCEEDS_DEBITS"  # a pending debit does not help
    assert bench.move(cash, other, 50) == "CREATED"
    assert bench.move(other, cash, 30, flags=T.PENDING) == "CREATED"
    assert bench.move(other, cash, 21) == "EXCEEDS_DEBITS"  # a pending credit counts
    assert bench.move(other, cash, 20) == "CREATED"


def test_it_posts_all_of_a_chain_or_nothing(bench: Bench) -> None:
    a, b = bench.account(), bench.account()
    first = bench.transfer(a, b, 10, flags=T.LINKED)
    broken = bench.transfer(a, 77, 10, flags=T.LINKED)
    last = bench.transfer(a, b, 10)
    alone = bench.transfer(a, b, 1)
    assert bench.send(first, broken, last, alone) == [
        "LINKED_EVENT_FAILED",
        "CREDIT_ACCOUNT_NOT_FOUND",
        "LINKED_EVENT_FAILED",
        "CREATED",
    ]
    assert bench.sums(a) == (0, 1, 0, 0)
    assert bench.send(first, last) == ["CREATED", "CREATED"]  # their ids stay usable
    assert bench.send(broken, replace(last, id=fresh())) == [
        "ID_ALREADY_FAILED",
        "LINKED_EVENT_FAILED",
    ]


def test_it_refuses_a_chain_left_open(bench: Bench) -> None:
    a, b = bench.account(), bench.account()
    opened = [bench.transfer(a, b, 10, flags=T.LINKED) for _ in range(2)]
    assert bench.send(*opened) == ["LINKED_EVENT_FAILED", "LINKED_EVENT_CHAIN_OPEN"]
    assert bench.sums(a) == (0, 0, 0, 0)


def test_it_takes_back_balances_of_a_broken_chain(bench: Bench) -> None:
    fund, other = bench.funded(100, A.DEBITS_MUST_NOT_EXCEED_CREDITS), bench.account(A.HISTORY)
    taken = bench.transfer(fund, other, 80, flags=T.LINKED)
    assert bench.send(taken, bench.transfer(fund, other, 80)) == [
        "LINKED_EVENT_FAILED",
        "EXCEEDS_CREDITS",
    ]
    assert bench.sums(fund) == (0, 0, 0, 100)
    asked = History(account_id=other)
    assert bench.adapter.account_balances(asked, deadline_ms=DEADLINE_MS) == []


def test_it_tells_history_in_either_direction(bench: Bench) -> None:
    a, b = bench.account(A.HISTORY), bench.account()
    sent = [bench.transfer(a, b, n) for n in (1, 2, 3)] + [bench.transfer(b, a, 4)]
    assert set(bench.send(*sent)) == {"CREATED"}
    ask = bench.adapter.account_transfers
    told = ask(History(account_id=a, limit=2, newest_first=True), deadline_ms=DEADLINE_MS)
    assert [one.amount for one in told] == [4, 3]
    told = ask(History(account_id=a, credits=False), deadline_ms=DEADLINE_MS)
    assert [one.amount for one in told] == [1, 2, 3]
    assert [one.timestamp for one in told] == sorted({one.timestamp for one in told})
    later = History(account_id=a, timestamp_min=told[1].timestamp)
    assert [one.amount for one in ask(later, deadline_ms=DEADLINE_MS)] == [2, 3, 4]
    balances = bench.adapter.account_balances(History(account_id=a), deadline_ms=DEADLINE_MS)
    assert [(one.debits_posted, one.credits_posted) for one in balances] == [
        (1, 0),
        (3, 0),
        (6, 0),
        (6, 4),
    ]
    without = bench.adapter.account_balances(History(account_id=b), deadline_ms=DEADLINE_MS)
    assert without == []


def test_it_finds_only_what_exists(bench: Bench) -> None:
    made = bench.account()
    found = bench.adapter.lookup_accounts([fresh(), made], deadline_ms=DEADLINE_MS)
    assert [one.id for one in found] == [made]
    assert bench.adapter.lookup_transfers([fresh()], deadline_ms=DEADLINE_MS) == []
