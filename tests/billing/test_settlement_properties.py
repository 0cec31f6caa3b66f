"""What holds of bordereaux and payouts whatever the amounts (invariants 6, 7, 9, 10, 26, 33)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from openinsure.billing import payouts
from openinsure.billing.bordereau_lines import Written, premium_line, sealed
from openinsure.billing.chart import CHART
from openinsure.billing.models import Bordereau, BordereauLine
from openinsure.billing.operations.bordereaux import Wanted, generate_bordereau, reopen_bordereau
from openinsure.billing.payouts import Payout
from openinsure.billing.postings import LedgerKey, Line, Transfer, balanced, directed
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm
from openinsure.tenancy.scope import entered
from tests.billing.posting import NOW, once
from tests.billing.settlements import SPLIT
from tests.conftest import fresh_scope

WHOLE = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CENTS = some.integers(1, 10**10)
ENDS = some.sampled_from(["confirmed", "returned", "waits"])
FIRST = date(2026, 3, 1)


class Books:
    """Sums by ledger type: of the journal, of what is posted, of what is pending."""

    def __init__(self) -> None:
        self.journal: dict[str, int] = defaultdict(int)
        self.posted: dict[str, int] = defaultdict(int)
        self.pending: dict[str, int] = defaultdict(int)

    def take(self, lines: list[Line], transfers: list[Transfer]) -> None:
        """Post an entry and its chain as the engine does."""
        balanced(lines)
        for line in lines:
            self.journal[CHART[line.account].ledger] += line.cents
        for leg in directed(transfers):
            assert leg.cents > 0
            if leg.flags & payouts.PENDING:
                self._move(self.pending, leg, 1)
                continue
            if leg.flags & (payouts.POST_PENDING | payouts.VOID_PENDING):
                self._move(self.pending, leg, -1)
            if not leg.flags & payouts.VOID_PENDING:
                self._move(self.posted, leg, 1)

    def _move(self, sums: dict[str, int], leg: Transfer, sign: int) -> None:
        sums[leg.debit.account_type] += sign * leg.cents
        sums[leg.credit.account_type] -= sign * leg.cents


@WHOLE
@given(wanted=some.lists(some.tuples(CENTS, ENDS, some.booleans()), min_size=1, max_size=8))
def test_a_payout_is_the_same_in_journal_and_ledger(wanted: list[tuple[int, str, bool]]) -> None:
    books, owed = Books(), 0
    for cents, end, ceded in wanted:
        payable = "REINSURER_PAYABLE" if ceded else "CARRIER_PAYABLE"
        payout = Payout(
            account="2400" if ceded else "2100",
            payable=LedgerKey(payable, "treaty_participant" if ceded else "carrier", new_id()),
            payee=LedgerKey("EXTERNAL_PAYOUT", "payee", new_id()),
            cents=cents,
        )
        books.take(*payouts.authorised(payout))
        if end == "confirmed":
            books.take(*payouts.confirmed(payout, "1"))
            owed += cents
        if end == "returned":
            books.take(*payouts.returned(payout, "1"))
    types = set(books.journal) | set(books.posted)
    for name in types:  # the pending ones explain the rest (domain part 5.6)
        assert books.posted[name] + books.pending[name] == books.journal[name], name
    assert sum(books.posted.values()) == sum(books.pending.values()) == 0
    assert books.posted["MGA_FIDUCIARY"] == -owed
    assert books.posted["EXTERNAL_PAYOUT"] == 0


@WHOLE
@given(cents=CENTS)
def test_an_offset_moves_money_only_inside_the_trust(cents: int) -> None:
    books = Books()
    books.take(
        *payouts.kept_for_claims(
            carrier_id=new_id(), program_id=new_id(), cents=cents, currency="USD"
        )
    )
    assert {name: cents for name, cents in books.posted.items() if cents} == {
        name: cents for name, cents in books.journal.items() if cents
    }
    assert books.posted["MGA_FIDUCIARY"] == 0
    assert books.posted["CARRIER_PAYABLE"] == cents == -books.posted["LOSS_FUND"]


def movements(amounts: list[tuple[int, int]]) -> list[Written]:
    """Movements of one policy: day of the quarter and cents, in the order of their days."""
    made, before = [], 0
    for day, cents in sorted(amounts):
        made.append(
            Written(
                transaction_id=new_id(), policy_id="p", policy_number="TST-1", insured_name="H",
                state="FL", kind="ENDORSEMENT", processed=FIRST + timedelta(days=day),
                premium_cents=cents, fees_cents=0, taxes_cents=0, before_cents=before, split=SPLIT,
            )
        )  # fmt: skip
        before += cents
    return made


@WHOLE
@given(
    amounts=some.lists(
        some.tuples(some.integers(0, 89), some.integers(-(10**7), 10**8)), min_size=1, max_size=5
    ),
    cut=some.integers(0, 88),
    twice=some.booleans(),
)
@pytest.mark.django_db(databases=["default", "oi_global", "oi_billing"])
def test_a_bordereau_is_its_lines_and_a_movement_is_in_exactly_one(
    db: None, amounts: list[tuple[int, int]], cut: int, twice: bool
) -> None:
    """Two periods, drawn up again and again, reopened in between: nothing is lost or told twice."""
    scope, rows = fresh_scope(), movements(amounts)
    carrier, program = new_id(), new_id()
    middle = FIRST + timedelta(days=cut)
    periods = [(FIRST, middle), (middle + timedelta(days=1), FIRST + timedelta(days=89))]
    with entered(scope):
        for _ in range(1 + twice):
            for place, (first, last) in enumerate(periods):
                lines = [premium_line(row) for row in rows if first <= row.processed <= last]
                try:
                    generate_bordereau(
                        scope, once=once(), number=f"B-{new_id()[-8:]}", lines=lines,
                        wanted=Wanted(kind="premium", carrier_id=carrier, program_id=program,
                                      period_start=first, period_end=last),
                        actor_user_id=None, now=NOW,
                    )  # fmt: skip
                except BadForm:
                    assert twice or not lines
                told = Bordereau.objects.within(scope).filter(period_end=last).first()
                if twice and place == 0 and told and told.status == "generated":
                    reopen_bordereau(scope, number=told.bordereau_number, now=NOW)
        told = list(Bordereau.objects.within(scope).exclude(status="open"))
        kept = list(BordereauLine.objects.within(scope))
    reported = {row.policy_transaction_id for row in kept}
    ours = {row.transaction_id for row in rows if not twice or row.processed > middle}
    assert ours <= reported
    assert len(kept) == len(reported)
    for one in told:
        mine = [row for row in kept if row.bordereau_id == one.id]
        assert one.line_count == len(mine)
        assert one.gross_premium_cents == sum(row.gross_premium_cents for row in mine)
        assert one.net_to_carrier_cents == sum(row.net_cents for row in mine)
        shared = one.producer_commission_cents + one.mga_commission_cents
        ceded = sum(row.payload["ceded_cents"] for row in mine)
        assert shared + ceded + one.net_to_carrier_cents == one.gross_premium_cents


@WHOLE
@given(amounts=some.lists(some.tuples(some.integers(0, 89), CENTS), min_size=1, max_size=6))
def test_a_bordereau_nets_to_the_carriers_share_of_all_written(
    amounts: list[tuple[int, int]],
) -> None:
    """The cumulative rule: lines by movement sum to one movement of the whole."""
    rows = movements(amounts)
    lines = [premium_line(row) for row in rows]
    whole = premium_line(movements([(0, sum(cents for _, cents in amounts))])[0])
    for name in ("producer_cents", "mga_cents", "ceded_cents", "net_cents"):
        assert sum(getattr(line.figures, name) for line in lines) == getattr(whole.figures, name)
    assert sealed(lines) == sealed(lines)
    assert len(sealed(lines)) == 64
    assert isinstance(rows[0].processed, date)
    assert not isinstance(rows[0].processed, datetime)
