"""The sums of the books: to the cent those of the lines, whatever is posted, closed, taken up."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from openinsure.billing.books import checking, reading, source, taking
from openinsure.billing.books.models import BooksMark, JournalDay
from openinsure.billing.books.running import added, carried
from openinsure.billing.books.tasks import each
from openinsure.billing.models import GlJournalEntry, GlPeriod
from openinsure.billing.operations import closing
from openinsure.billing.operations.mirrors import reverse_entry
from openinsure.billing.postings import Line
from openinsure.billing.queries import trial
from openinsure.jobs import ledger_cli
from openinsure.keyspaces.ids import new_id
from openinsure.settings.cron import HOUSEKEEPING
from openinsure.tenancy.scope import Scope, entered
from tests.billing import books, posting
from tests.billing.posting import NOW
from tests.billing.test_ledger_journal import post

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_billing"])
BEGIN, DAYS = date(2026, 8, 1), 110
SETTLED = datetime.now(UTC) + timedelta(days=1)  # every id made in a test is older
WALKS, STEPS = 4, 50
ANN, BOB = new_id(), new_id()
DAY = some.dates(date(2026, 1, 1), date(2026, 1, 9))
MOVES = some.lists(some.tuples(DAY, some.sampled_from("abc"), some.integers(-99, 99)), max_size=30)


@settings(max_examples=300, deadline=None)
@given(moves=MOVES, cut=some.integers(0, 30), asked=DAY)
def test_it_carries_sums_on_in_whatever_portions(
    moves: list[tuple[date, str, int]], cut: int, asked: date
) -> None:
    def portion(part: list[tuple[date, str, int]]) -> Any:
        days: Any = {}
        for day, key, cents in part:
            days[day] = added(days.get(day, {}), {key: (cents,)})
        return days

    whole = carried({}, {}, portion(moves))
    standing = carried({}, {}, portion(moves[:cut]))
    assert carried({}, standing, portion(moves[cut:])) == whole
    last = max((day for day in whole if day <= asked), default=None)
    naive: dict[str, int] = {}
    for day, key, cents in moves:
        if day <= asked:
            naive[key] = naive.get(key, 0) + cents
    assert {k: c for k, (c,) in whole.get(last or asked, {}).items()} == naive


class Walk:
    """Random steps on one organisation's books."""

    def __init__(self, scope: Scope, seed: int) -> None:
        self.scope, self.dice = scope, random.Random(seed)
        self.carriers = [new_id(), new_id()]
        self.steps = [self.post, self.night, self.settle, self.stream, self.reverse,
                      self.close, self.reopen, self.take_up, self.take_up]  # fmt: skip

    def day(self) -> date:
        return BEGIN + timedelta(days=self.dice.randrange(DAYS))

    def booked(self, kind: str, lines: list[Line]) -> None:
        post(self.scope, self.day(), source_type=kind, lines=lines, transfers=[])

    def post(self) -> None:
        self.booked("payment", posting.pair(self.dice.randrange(1, 10**9)))

    def night(self) -> None:
        one = self.dice.choice(self.carriers)
        self.booked("earned_premium", books.earned(one, *self.dice.sample(range(1, 10**6), 2)))

    def settle(self) -> None:
        cents, one = self.dice.randrange(1, 10**6), self.dice.choice(self.carriers)
        lines = [Line(account="2100", cents=cents, carrier_id=one),
                 Line(account="1010", cents=-cents)]  # fmt: skip
        self.booked(self.dice.choice(["settlement_release", "payment"]), lines)

    def stream(self) -> None:
        one = self.dice.choice(self.carriers)
        books.stream(self.scope, one, self.dice.randrange(-(10**6), 10**7), self.day())

    def reverse(self) -> None:
        rows = GlJournalEntry.objects.within(self.scope).filter(reversed_by_id=None)
        ids = list(rows.order_by("id").values_list("id", flat=True))
        if ids:
            reverse_entry(self.scope, self.dice.choice(ids), once=posting.once(),
                          entry_date=self.day(), now=NOW)  # fmt: skip

    def close(self) -> None:
        rows = GlPeriod.objects.within(self.scope).filter(status__in=("open", "reopened"))
        first = rows.order_by("start_date", "id").first()
        if first is not None and first.end_date < NOW.date():
            closing.close_period(self.scope, first.period_code, actor_user_id=ANN, now=NOW)

    def reopen(self) -> None:
        rows = GlPeriod.objects.within(self.scope).filter(status="closed")
        last = rows.order_by("-start_date", "-id").first()
        if last is not None:
            asked: Any = {"actor_user_id": ANN, "now": NOW, "reason": "A late receipt came in"}
            closing.ask_to_reopen(self.scope, last.period_code, **asked)
            closing.reopen_period(self.scope, last.period_code, actor_user_id=BOB, now=NOW)

    def take_up(self) -> None:
        at = SETTLED if self.dice.random() < 0.7 else datetime.now(UTC)
        taking.take_up(self.scope, at=at)

    def check(self) -> None:
        upto = self.day()
        first = self.dice.choice([None, upto - timedelta(days=self.dice.randrange(40))])
        assert reading.moved(self.scope, first, upto) == books.summed(self.scope, first, upto)
        told = trial.trial_balance(self.scope, upto=upto)
        net = {(row.account, row.currency): row.debit_cents - row.credit_cents for row in told.rows}
        lines = books.summed(self.scope, None, upto)
        assert {k: c for k, c in net.items() if c} == {
            key: debit - credit for key, (debit, credit) in lines.items() if debit != credit
        }
        one = self.dice.choice(self.carriers)
        assert reading.carrier_sums(self.scope, one, upto) == books.carrier(self.scope, one, upto)


@pytest.mark.parametrize("seed", range(WALKS))
def test_it_is_right_to_the_cent_after_every_step(
    acme: Scope, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "CHUNK_ENTRIES", 7)
    monkeypatch.setattr(taking, "CHUNK_STREAMS", 3)
    posting.organization(acme)
    with entered(acme):
        walk = Walk(acme, seed)
        for _ in range(STEPS):
            walk.dice.choice(walk.steps)()
            walk.check()
        taking.take_up(acme, at=SETTLED)
        assert checking.wrong_days(acme) == []
        stored = taking.days_of(acme, JournalDay)
        taking.rebuild(acme, at=SETTLED)
        assert taking.days_of(acme, JournalDay) == stored
        assert checking.wrong_days(acme) == []
        walk.check()


def test_it_finds_and_mends_a_wrong_sum(acme: Scope, capsys: pytest.CaptureFixture[str]) -> None:
    posting.organization(acme)
    post(acme, date(2026, 9, 5), 1_000)
    post(acme, date(2026, 9, 8), 500)
    words = ["ledger", "sums", "--org", acme.org_id]
    with entered(acme):
        taking.take_up(acme, at=SETTLED)
        JournalDay.objects.within(acme).filter(day=date(2026, 9, 8), account_code="1010").update(
            debit_cents=1_499
        )
    assert ledger_cli.main(words) == 6
    assert "wrong on 1 day, the first 2026-09-08" in capsys.readouterr().out
    with entered(acme):
        taking.rebuild(acme, at=SETTLED)
    assert ledger_cli.main(words) == 0


def test_a_second_worker_takes_nothing_up_twice(
    acme: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    posting.organization(acme)
    post(acme, date(2026, 9, 5), 1_000)
    first = source.summed

    def meanwhile(rows: Any) -> Any:
        monkeypatch.setattr(source, "summed", first)
        taking.take_up(acme, at=SETTLED)
        return first(rows)

    monkeypatch.setattr(source, "summed", meanwhile)
    with entered(acme):
        assert taking.take_up(acme, at=SETTLED) == 0
        assert reading.moved(acme, None, date(2026, 9, 30))["1010", "USD"] == (1_000, 0)
        assert BooksMark.objects.within(acme).count() == 1


def test_it_takes_up_each_organisation_by_itself(acme: Scope, borealis: Scope) -> None:
    for scope, cents in ((acme, 1_000), (borealis, 70)):
        posting.organization(scope)
        post(scope, date(2026, 9, 5), cents)
    assert each(taking.take_up, at=SETTLED) >= 2
    for scope, cents in ((acme, 1_000), (borealis, 70)):
        with entered(scope):
            assert JournalDay.objects.within(scope).get(account_code="1010").debit_cents == cents
    assert {"books.take_up", "books.count"} <= {one.task for one in HOUSEKEEPING}
