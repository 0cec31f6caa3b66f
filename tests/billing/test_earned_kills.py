"""The nightly earning killed at every boundary: exact after it was run again."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from openinsure.billing.models import EarnedPremiumRun
from openinsure.billing.operations import earning as operation
from openinsure.billing.operations import earning_sql
from openinsure.jobs import earned_premium
from openinsure.tenancy.scope import Scope, entered
from tests.billing import posting
from tests.billing.earning import Book
from tests.billing.test_earned_premium import night, runs

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_billing"])


def totals(scope: Scope) -> list[tuple[int, ...]]:
    """Of each run: streams, earned, carrier share, its ledger part."""
    names = ("streams_posted", "earned_cents", "gl_total_cents", "ledger_total_cents")
    with entered(scope):
        found = EarnedPremiumRun.objects.within(scope).order_by("as_of_date")
        return list(found.values_list(*names))


def of_postings(book: Book) -> list[tuple[int, ...]]:
    """The same of the postings."""
    sums: dict[str, tuple[int, ...]] = {}
    for row in book.posted():
        one = (1, row.earned_cents, row.carrier_earned_cents, row.ledger_earned_cents)
        held = sums.get(row.run_id, (0, 0, 0, 0))
        sums[row.run_id] = tuple(a + b for a, b in zip(held, one, strict=True))
    return list(sums.values())


class Killed(BaseException):
    """The worker ends here; nothing of the job may catch it."""


# Every function at whose begin or end a worker may die, and how often one run comes by.
BOUNDARIES: list[tuple[Any, str]] = [
    (earned_premium, "begin_run"),
    (earned_premium, "store_month_end"),
    (operation, "_chunk"),
    (operation, "_enter"),
    (operation, "_close"),
    (operation, "_add_up"),
    (operation, "_finish"),
    (operation, "post_entry"),
    (earning_sql, "lock_accounts"),
    (earning_sql, "post"),
    (operation, "prove"),
]
DAYS = (date(2026, 10, 31), date(2026, 11, 1))


class Reaper:
    """Counts the boundaries passed, and kills at one of them."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.passed, self.fatal = 0, -1
        for where, name in BOUNDARIES:
            patch.setattr(where, name, self.watched(getattr(where, name)))

    def watched(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            self.step()
            done = work(*args, **kwargs)
            self.step()
            return done

        return run

    def step(self) -> None:
        self.passed += 1
        if self.passed == self.fatal:
            raise Killed


def small(scope: Scope) -> Book:
    """Five policies, earned in chunks of two streams."""
    posting.organization(scope)
    book, rng = Book(scope), random.Random(5)
    for _ in range(5):
        book.policy(rng)
    return book


def test_it_is_exact_after_a_kill_at_any_boundary(
    acme: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.conftest import fresh_scope

    monkeypatch.setattr(operation, "CHUNK_STREAMS", 2)
    reaper = Reaper(monkeypatch)
    first = small(acme)
    for day in DAYS:
        night(acme, day)
    boundaries, whole = reaper.passed, posting.balances(acme)
    assert whole == first.reference(DAYS[-1])
    assert boundaries >= 100
    for fatal in range(1, boundaries + 1):
        book = small(fresh_scope())
        reaper.passed, reaper.fatal = 0, fatal
        killed = False
        for day in DAYS:
            try:
                night(book.scope, day)
            except Killed:
                killed = True
                night(book.scope, day)
        assert killed
        assert posting.balances(book.scope) == whole
        kept = Counter((row.premium_transaction_id, row.as_of_date) for row in book.posted())
        assert set(kept.values()) == {1}
        assert {status for _, status in runs(book.scope)} == {"succeeded"}
        assert totals(book.scope) == of_postings(book)
