"""The nightly earning: exact to the cent, once per stream and day, wherever it is killed."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from openinsure.billing.models import (
    BillingHold,
    EarnedPremiumRun,
    LedgerTransfer,
    PremiumTransaction,
    UnearnedPremiumBalance,
)
from openinsure.billing.operations import earning as operation
from openinsure.billing.operations import earning_sql
from openinsure.billing.operations.earning_proof import EarningDiffers
from openinsure.billing.queries.earning import carrier_earned, postings_of_transfer
from openinsure.jobs import earned_premium
from openinsure.jobs.leases import leased
from openinsure.keyspaces.ids import new_id
from openinsure.problems import Conflict
from openinsure.tenancy.scope import Scope, entered
from tests.billing import making, posting
from tests.billing.earning import Book
from tests.factories import made

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_billing"])
LAST = date(2026, 11, 20)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)


def night(scope: Scope, day: date) -> int:
    """The job of one scheduled time."""
    with entered(scope):
        return earned_premium.run_org(scope, at(day)).done


def runs(scope: Scope) -> list[tuple[date, str]]:
    with entered(scope):
        found = EarnedPremiumRun.objects.within(scope).order_by("as_of_date")
        return list(found.values_list("as_of_date", "status"))


@pytest.fixture
def book(acme: Scope) -> Book:
    """Eight policies of two programs."""
    posting.organization(acme)
    made_book, rng = Book(acme), random.Random(8)
    for _ in range(8):
        made_book.policy(rng)
    return made_book


def test_it_equals_the_exact_reference(book: Book) -> None:
    for day in (date(2026, 5, 12), date(2026, 5, 13), LAST):
        night(book.scope, day)
    assert posting.balances(book.scope) == book.reference(LAST)
    posted = book.posted()
    assert sum(row.earned_cents for row in posted) == book.gross(LAST)
    ledger = sum(row.ledger_earned_cents for row in posted)
    assert posting.ledger_balances(book.scope) == {"LOSS_FUND": ledger, "CARRIER_PAYABLE": -ledger}


def test_it_posts_each_stream_once_a_day(book: Book) -> None:
    assert night(book.scope, LAST) > 0
    before = posting.balances(book.scope)
    assert night(book.scope, LAST) == 0
    assert night(book.scope, LAST - timedelta(1)) == 0  # an older day is never posted after it
    assert posting.balances(book.scope) == before
    kept = Counter((row.premium_transaction_id, row.as_of_date) for row in book.posted())
    assert set(kept.values()) == {1}


def test_it_gives_one_total_however_the_days_are_split(acme: Scope, borealis: Scope) -> None:
    totals = []
    for scope, days in ((acme, range(0, 60, 7)), (borealis, range(59, 60))):
        posting.organization(scope)
        one, rng = Book(scope), random.Random(3)
        for _ in range(4):
            one.policy(rng)
        for back in days:
            night(scope, LAST - timedelta(59 - back))
        night(scope, LAST)
        totals.append(posting.balances(scope))
    assert totals[0] == totals[1]


def test_it_catches_up_month_by_month(book: Book) -> None:
    night(book.scope, date(2026, 8, 20))
    night(book.scope, LAST)
    days = [date(2026, 8, 20), *(date(2026, month, 1) for month in (9, 10, 11)), LAST]
    assert runs(book.scope) == [(day, "succeeded") for day in days]
    assert posting.balances(book.scope) == book.reference(LAST)


def test_it_points_from_the_transfer_to_the_policies(book: Book) -> None:
    night(book.scope, LAST)
    with entered(book.scope):
        for transfer in LedgerTransfer.objects.within(book.scope):
            rows = postings_of_transfer(book.scope, transfer.id)
            signed = sum(row.ledger_earned_cents for row in rows)
            assert abs(signed) == transfer.amount_cents
            assert transfer.source_type == "earned_premium"
            assert all(row.policy_number.startswith("TST-") for row in rows)
        policy = book.posted()[0].policy_id
        shares = [row.earned(row.share, LAST) for row in book.streams if row.policy_id == policy]
        assert carrier_earned(book.scope, policy) == sum(shares)


def test_it_follows_what_is_collected_and_stopped(acme: Scope) -> None:
    """Domain.md 4.7: 1,651.44 earned, 1,339.51 collected, the rest uncollected; then a stop."""
    posting.organization(acme)
    book, account = Book(acme), making.account(acme)
    book.stream(account, 0, 0, 1_234_567, date(2026, 3, 1), date(2027, 3, 1), share=669_752)
    book.collect(account.policy_id, 133_951)
    night(acme, date(2026, 5, 30))
    assert posting.balances(acme) == {
        "2500": 133_951, "2100": -133_951, "1210": 31_193, "2110": -31_193,
    }  # fmt: skip
    with entered(acme):
        PremiumTransaction.objects.within(acme).update(stopped_on=date(2026, 4, 30))
    night(acme, date(2026, 5, 31))  # found later: what was earned too much goes back
    assert posting.balances(acme) == {"2500": 110_096, "2100": -110_096}
    with entered(acme):
        row = PremiumTransaction.objects.within(acme).get()
    assert (row.status, row.fully_earned) == ("stopped", True)
    assert [one.unearned_after_cents > 0 for one in book.posted()] == [True, False]
    assert night(acme, date(2026, 6, 1)) == 0


def test_it_leaves_golden_policies_alone(book: Book) -> None:
    account = making.account(book.scope)
    book.stream(account, 0, 0, 365_00, date(2026, 1, 1), date(2027, 1, 1))
    values = {
        "id": new_id(), "billing_account_id": account.id, "scope": "account", "reason": "golden",
        "starts_on": date(2026, 1, 1), "placed_by_user_id": new_id(),
    }  # fmt: skip
    made(book.scope, BillingHold, values)
    night(book.scope, LAST)
    assert account.policy_id not in {row.policy_id for row in book.posted()}


def test_it_keeps_the_month_ends(book: Book) -> None:
    night(book.scope, date(2026, 11, 1))
    with entered(book.scope):
        rows = list(UnearnedPremiumBalance.objects.within(book.scope))
    assert sum(row.earned_cents for row in rows) == book.gross(date(2026, 11, 1))
    assert all(row.written_cents == row.earned_cents + row.unearned_cents for row in rows)


def test_it_takes_turns(book: Book) -> None:
    with (
        entered(book.scope),
        leased(book.scope, earned_premium.LEASE, now=datetime.now(UTC), lasts=timedelta(minutes=5)),
        pytest.raises(Conflict),
    ):
        earned_premium.run_org(book.scope, at(LAST))


def test_it_keeps_organisations_apart(book: Book, borealis: Scope) -> None:
    posting.organization(borealis)
    other = Book(borealis)
    other.policy(random.Random(1))
    night(book.scope, LAST)
    assert posting.balances(borealis) == {}
    assert other.posted() == []


def test_it_books_groups_that_it_learns_of_late(acme: Scope, monkeypatch: Any) -> None:
    """Chunks of one policy, each of another program: what names an entry must name its own."""
    monkeypatch.setattr(operation, "CHUNK_STREAMS", 1)
    posting.organization(acme)
    book = Book(acme)
    for place in (0, 1, 0):
        account = making.account(acme)
        book.stream(account, place, 0, 365_00, date(2026, 1, 1), date(2027, 1, 1))
        book.collect(account.policy_id, 10_000 * place)
    night(acme, LAST)
    assert posting.balances(acme) == book.reference(LAST)
    with entered(acme):
        moved = {row.id: row for row in LedgerTransfer.objects.within(acme)}
    told = [(row.ledger_transfer_id, row.ledger_status) for row in book.posted()]
    assert [status for _, status in told] == ["none", "handed_over", "none"]
    assert set(moved) == {told[1][0]}
    assert all(row.gl_entry_id for row in book.posted())


def test_it_keeps_nothing_that_the_rule_does_not_say(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement that rounds half up is found by the second look, and undone."""
    monkeypatch.setattr(earning_sql, "POST", earning_sql.POST.replace("MOD 2 = 1", "MOD 2 = 2"))
    account = making.account(book.scope)
    book.stream(account, 0, 0, 1, date(2026, 11, 10), date(2026, 11, 30))  # half a cent on the 20th
    with pytest.raises(EarningDiffers, match="as of 2026-11-20"):
        night(book.scope, LAST)
    assert book.posted() == []
    assert posting.balances(book.scope) == {}
