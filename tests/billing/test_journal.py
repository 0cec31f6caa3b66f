"""post_entry: balanced or refused, numbered without gaps, once, never changed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from threading import Thread
from typing import Any

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from openinsure.billing.models import GlPeriod, LedgerTransfer
from openinsure.billing.operations.journal import post_entry
from openinsure.billing.operations.mirrors import reverse_entry
from openinsure.billing.postings import Line, UnbalancedEntry, balanced, directed, merged
from openinsure.console.forms import Once
from openinsure.keyspaces.ids import new_id
from openinsure.problems import Conflict
from openinsure.tenancy.scope import Scope, entered
from tests.billing import posting
from tests.billing.posting import NOW, leg, once, pair

databases = pytest.mark.django_db(databases=["default", "oi_global", "oi_billing"])
MAY = date(2026, 5, 1)


def post(scope: Scope, form: Once | None = None, **given_: Any) -> Any:
    """An entry of 10.00 unless told otherwise."""
    wanted: dict[str, Any] = {
        "entry_date": MAY,
        "source_type": "payment",
        "source_id": new_id(),
        "lines": pair(1_000),
        "transfers": [leg(1_000)],
        "now": NOW,
    } | given_
    with entered(scope):
        return post_entry(scope, once=form or once(), **wanted)


@databases
def test_it_posts_lines_and_queues_transfers(acme: Scope) -> None:
    posting.organization(acme)
    posted = post(acme)
    assert posted.number == "JE-2026-05-00000001"
    assert posting.balances(acme) == {"1010": 1_000, "4200": -1_000}
    assert posting.ledger_balances(acme) == {"MGA_FIDUCIARY": 1_000, "MGA_REVENUE": -1_000}
    with entered(acme):
        (transfer,) = LedgerTransfer.objects.within(acme)
    assert (transfer.status, transfer.gl_entry_id) == ("queued", posted.entry_id)
    assert len(transfer.tb_transfer_id) == 32


@databases
def test_it_does_a_repeat_once(acme: Scope) -> None:
    posting.organization(acme)
    form = once()
    first, second = post(acme, form), post(acme, form)
    assert (first.entry_id, first.number) == (second.entry_id, second.number)
    assert (first.repeated, second.repeated) == (False, True)
    assert len(posting.entries(acme)) == 1


@databases
def test_it_numbers_without_gaps(acme: Scope) -> None:
    posting.organization(acme)
    for _ in range(2):
        post(acme)
    with pytest.raises(UnbalancedEntry):
        post(acme, lines=[*pair(5), Line(account="1010", cents=1)])
    with pytest.raises(KeyError):
        post(acme, lines=[Line(account="9999", cents=1), Line(account="1010", cents=-1)])
    post(acme)
    post(acme, entry_date=date(2026, 6, 1))
    assert [entry.entry_number for entry in posting.entries(acme)] == [
        "JE-2026-05-00000001",
        "JE-2026-05-00000002",
        "JE-2026-05-00000003",
        "JE-2026-06-00000001",
    ]


@databases
def test_it_posts_for_a_closed_period_into_the_oldest_open_one(acme: Scope) -> None:
    posting.organization(acme)
    post(acme)
    post(acme, entry_date=date(2026, 7, 9))
    with entered(acme):
        GlPeriod.objects.within(acme).filter(period_code="2026-05").update(status="closed")
    moved = post(acme)
    entry = posting.entries(acme)[-2]
    assert moved.entry_date == date(2026, 7, 1)
    assert (entry.entry_number, entry.effective_date) == ("JE-2026-07-00000002", MAY) or (
        posting.entries(acme)[-1].effective_date == MAY
    )


@databases
def test_it_opens_no_month_behind_a_closed_one(acme: Scope) -> None:
    posting.organization(acme)
    post(acme)
    with entered(acme):
        GlPeriod.objects.within(acme).filter(period_code="2026-05").update(status="closed")
    assert post(acme, entry_date=date(2001, 1, 1)).number.startswith("JE-2026-")
    assert post(acme, entry_date=date(2026, 7, 1)).number == "JE-2026-07-00000001"
    with entered(acme):
        codes = GlPeriod.objects.within(acme).values_list("period_code", flat=True)
        assert min(codes) == "2026-05"


@databases
def test_it_reverses_by_a_mirror_and_only_once(acme: Scope) -> None:
    posting.organization(acme)
    posted = post(acme)
    form = once()
    with entered(acme):
        mirror = reverse_entry(acme, posted.entry_id, once=form, entry_date=MAY, now=NOW)
        again = reverse_entry(acme, posted.entry_id, once=form, entry_date=MAY, now=NOW)
        with pytest.raises(Conflict):
            reverse_entry(acme, posted.entry_id, once=once(), entry_date=MAY, now=NOW)
    assert mirror.entry_id == again.entry_id
    assert posting.balances(acme) == posting.ledger_balances(acme) == {}
    first, second = posting.entries(acme)
    assert (first.reversed_by_id, second.reversal_of_id) == (second.id, first.id)


@databases
def test_ten_at_once_have_one_effect(acme: Scope) -> None:
    form, source, numbers, failures = once(), new_id(), [], []

    def work() -> None:
        try:
            numbers.append(post(acme, form, source_id=source, transfers=[]).number)
        except BaseException as error:
            failures.append(error)
        finally:
            connections["oi_billing"].close()

    threads = [Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert set(numbers) == {"JE-2026-05-00000001"}


@given(amounts=some.lists(some.integers(-(10**12), 10**12), min_size=1, max_size=8))
def test_it_takes_exactly_what_balances(amounts: list[int]) -> None:
    lines = [Line(account="1010", cents=cents) for cents in amounts]
    if sum(amounts) == 0 and 0 not in amounts:
        assert balanced(lines) == {"USD": sum(c for c in amounts if c > 0)}
        return
    with pytest.raises(UnbalancedEntry):
        balanced(lines)


@given(amounts=some.lists(some.integers(-100, 100), max_size=8))
def test_it_never_makes_a_zero_or_negative_transfer(amounts: list[int]) -> None:
    legs = directed(leg(cents, str(place)) for place, cents in enumerate(amounts))
    assert all(one.cents > 0 for one in legs)
    signed = sum(one.cents if one.debit == posting.CASH else -one.cents for one in legs)
    assert signed == sum(amounts)


@given(amounts=some.lists(some.tuples(some.sampled_from("AB"), some.integers(-9, 9)), max_size=9))
def test_it_merges_lines_without_changing_sums(amounts: list[tuple[str, int]]) -> None:
    made = merged(Line(account=code, cents=cents) for code, cents in amounts)
    assert 0 not in [line.cents for line in made]
    for code in "AB":
        sums = [cents for name, cents in amounts if name == code]
        assert sum(line.cents for line in made if line.account == code) == sum(sums)


@databases
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=some.lists(some.integers(1, 10**9), min_size=1, max_size=5))
def test_its_journal_and_ledger_agree(acme: Scope, amounts: list[int]) -> None:
    for cents in amounts:
        post(acme, lines=pair(cents), transfers=[], now=datetime(2026, 5, 2, tzinfo=UTC))
    assert sum(posting.balances(acme).values()) == 0
    for entry in posting.entries(acme):
        assert entry.total_debit_cents == entry.total_credit_cents
