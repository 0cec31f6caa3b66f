"""The 03:00 job from the runs row to the queued transfers: policies a second, ratio, cents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from django.db.models import Count, Sum

from openinsure.billing.models import EarnedPremiumPosting
from openinsure.billing.operations.earning import begin_run
from openinsure.billing.operations.earning_proof import by_rule
from openinsure.jobs import earned_premium
from openinsure.tenancy.scope import Scope, entered
from tests.benches import loop
from tests.benches.book import Book
from tests.benches.verdict import Verdict, Watch
from tests.billing import posting
from tests.conftest import fresh_scope

POLICIES = {"smoke": 5_000, "full": 100_000}
SAMPLE = 1_000  # policies of the loop
PROVEN, AT_ONCE = 2_000, 500  # policies whose every posting is computed again
NIGHTS = [date(2026, 11, 10) + timedelta(days) for days in range(3)]  # no month's first among them
RATE, RATIO = 20_000, 10
SUMS = ("earned_cents", "carrier_earned_cents", "ledger_earned_cents", "cumulative_cents")


def measure(verdict: Verdict, size: str) -> None:
    """The job over three nights on a large book; the loop and the job on the same small one."""
    wanted = POLICIES[size]
    large = _organization()
    streams = Book.fresh().load(large, wanted)
    verdict.say(f"earning: {wanted:,} policies, {streams:,} streams, {len(NIGHTS)} nights")
    rates = []
    for night in NIGHTS:
        watch = Watch()
        done = _night(large, night)
        rates.append(wanted / watch.wall)
        verdict.say(
            f"earning: night of {night:%d %B}: {done:,} postings in {watch.wall:.2f} s,"
            f" {rates[-1]:,.0f} policies/s, {done / watch.wall:,.0f} postings/s,"
            f" {watch.words}"
        )
    by_loop = _by_loop(verdict)
    if size == "full":  # a few chunks say little: what is done once a night weighs more
        verdict.at_least("earning: policies/s, slowest night", min(rates), RATE, wall=True)
    verdict.at_least("earning: times as fast as model by model", min(rates) / by_loop, RATIO)
    verdict.holds(
        f"earning: postings of {PROVEN:,} policies are the exact rule's", not _wrong(large)
    )


def _by_loop(verdict: Verdict) -> float:
    """Policies a second of the loop; its sums must be those of the job on an equal book."""
    one, other = _organization(), _organization()
    for scope in (one, other):
        Book.fresh().load(scope, SAMPLE)
    watch = Watch()
    for night in NIGHTS[:2]:
        with entered(one):
            run = begin_run(one, night, cron_run_id=None, now=datetime.now(UTC))
            assert run is not None
            loop.earn(one, run, now=datetime.now(UTC))
    rate = 2 * SAMPLE / watch.wall
    for night in NIGHTS[:2]:
        _night(other, night)
    verdict.say(f"earning: model by model {rate:,.0f} policies/s")
    same = _sums(one) == _sums(other) and posting.balances(one) == posting.balances(other)
    verdict.holds("earning: the same cents as model by model", same)
    return rate


def _organization() -> Scope:
    scope = fresh_scope()
    posting.organization(scope)
    return scope


def _night(scope: Scope, day: date) -> int:
    with entered(scope):
        at = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
        return earned_premium.run_org(scope, at).done


def _sums(scope: Scope) -> dict[str, int]:
    with entered(scope):
        rows = EarnedPremiumPosting.objects.within(scope)
        found = rows.aggregate(rows=Count("id"), **{name: Sum(name) for name in SUMS})
    return {name: int(value) for name, value in found.items()}


def _wrong(scope: Scope) -> int:
    """Postings of the last night that differ from the rule, among PROVEN policies."""
    wrong = 0
    with entered(scope):
        rows = EarnedPremiumPosting.objects.within(scope).filter(as_of_date=NIGHTS[-1])
        every = iter(rows.order_by("policy_id").values_list("policy_id", flat=True).distinct())
        for part in _parts(islice(every, PROVEN)):
            told = rows.filter(policy_id__in=part).values_list(
                "premium_transaction_id", "days_elapsed", "days_total",
                "previous_cumulative_cents", "cumulative_cents", "carrier_cumulative_cents",
                "carrier_earned_cents", "ledger_earned_cents",
            )  # fmt: skip
            wrong += {row[0]: row[1:] for row in told} != by_rule(scope, NIGHTS[-1], part)
    return wrong


def _parts(policies: Iterable[str]) -> Iterable[list[str]]:
    while part := list(islice(policies, AT_ONCE)):
        yield part
