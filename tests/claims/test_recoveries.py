"""Money that comes back on a claim: recorded, taken off incurred, booked once, led back to."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from openinsure.audit.origin import Origin
from openinsure.billing import models as billing
from openinsure.billing.models import GlJournalLine, ReinsuranceRecoverable
from openinsure.billing.operations import cessions
from openinsure.claims import models
from openinsure.claims.operations.changing import Act
from openinsure.claims.operations.recoveries import Received, record_recovery
from openinsure.console.acting import Actor
from openinsure.jobs import claim_money
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import Scope, entered
from tests.billing import carriers, posting
from tests.claims import made
from tests.claims.desk import Desk, actions, payload_of, signed_in
from tests.factories import made as row_of
from tests.people import browser

pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])
PAID = 1_000_000
Steps = list[tuple[int, int, str]]


@pytest.fixture
def desk(acme: Scope) -> Desk:
    """A desk whose claim has 10,000.00 paid."""
    posting.organization(acme)
    return paid_desk(acme)


def paid_desk(scope: Scope, *parts: int) -> Desk:
    """A desk whose exposures were paid these cents, the first one the desk's own."""
    desk, sums = Desk(scope), parts or (PAID,)
    with entered(scope):
        models.ClaimExposure.objects.within(scope).filter(id=desk.exposure.id).update(
            paid_indemnity_cents=sums[0]
        )
        models.Claim.objects.within(scope).filter(id=desk.claim.id).update(
            paid_indemnity_cents=sum(sums), incurred_cents=sum(sums)
        )
    for number, cents in enumerate(sums[1:], 2):
        made.exposure(scope, desk.claim, exposure_no=number, paid_expense_cents=cents,
                      status="closed")  # fmt: skip
    return desk


def recover(desk: Desk, amount: str, **fields: str) -> Any:
    """Send the form."""
    given = {
        "exposure": desk.exposure.id, "kind": "subrogation", "amount": amount,
        "payer": "Other Carrier", "received_on": timezone.now().date().isoformat(),
    }  # fmt: skip
    return desk.post("recoveries", **(given | fields))


def deliver(scope: Scope) -> int:
    with entered(scope):
        return claim_money.deliver(scope, now=timezone.now())


def refused(response: Any) -> dict[str, str]:
    assert response.status_code == 422
    return dict(response.json()["errors"])


def test_it_takes_what_came_back_off_incurred_and_books_it_once(desk: Desk) -> None:
    day = timezone.now().date() - timedelta(days=3)
    assert recover(desk, "4,000.00", received_on=day.isoformat()).status_code == 201
    claim = desk.fresh()
    assert (claim.recovered_cents, claim.incurred_cents) == (400_000, PAID - 400_000)
    assert [deliver(desk.scope), deliver(desk.scope)] == [1, 0]
    assert posting.balances(desk.scope) == {"1020": 400_000, "5100": -400_000}
    assert posting.ledger_balances(desk.scope) == {
        "MGA_FIDUCIARY": 400_000,
        "CLAIMS_PAID": -400_000,
    }
    (entry,) = posting.entries(desk.scope)
    assert (entry.effective_date, entry.source_type) == (day, "claim_recovery")
    (event,) = desk.events()
    assert event.event_type == "recovery.received"
    assert "Other Carrier" not in str(payload_of(event))
    assert actions(desk.scope)[-2:] == ["recovery.received.intent", "recovery.received"]


def test_one_form_sent_twice_records_once(desk: Desk) -> None:
    form = desk.form("recoveries")
    sent = form | {
        "exposure": desk.exposure.id, "kind": "salvage", "amount": "12.34", "payer": "Yard",
        "received_on": timezone.now().date().isoformat(),
    }  # fmt: skip
    path = f"{desk.path}/recoveries"
    assert [desk.client.post(path, sent).status_code for _ in range(2)] == [201, 200]
    assert desk.fresh().recovered_cents == 1_234


def test_it_refuses_what_cannot_have_come_back(desk: Desk) -> None:
    tomorrow = (timezone.now().date() + timedelta(days=1)).isoformat()
    assert "$10,000.00" in refused(recover(desk, "10,000.01"))["amount"]
    assert set(refused(recover(desk, "0", payer="", received_on=tomorrow, kind="luck"))) == {
        "amount", "payer", "received_on", "kind",
    }  # fmt: skip
    assert "loss" in refused(recover(desk, "1", received_on="2026-05-01"))["received_on"]
    assert "exposure" in refused(recover(desk, "1", exposure=new_id()))
    assert "case" in refused(recover(desk, "1", case=new_id()))
    assert "recoverable" in refused(recover(desk, "1", kind="reinsurance"))
    assert desk.events() == []
    assert recover(desk, "10,000.00").status_code == 201


def test_a_day_the_carrier_was_told_about_takes_nothing_more(desk: Desk) -> None:
    today = timezone.now().date()
    told = {"program_id": desk.claim.program_id, "kind": "claims", "period_end": today}
    carriers.bordereau(desk.scope, **told)
    assert "carrier" in refused(recover(desk, "5"))["received_on"]
    with entered(desk.scope):
        billing.Bordereau.objects.within(desk.scope).update(status="open")
    assert recover(desk, "5").status_code == 201


def test_only_who_works_the_claim_records_it(desk: Desk, borealis: Scope) -> None:
    path = f"{desk.path}/recoveries"
    assert signed_in(desk.scope, "support")[0].post(path, {}).status_code == 403
    assert signed_in(borealis, "adjuster")[0].post(path, {}).status_code == 404
    made.recusal(desk.scope, desk.claim, desk.user_id)
    assert desk.client.get(path).status_code == 404


def test_the_journal_leads_to_the_recovery_and_the_claim_to_the_journal(desk: Desk) -> None:
    recover(desk, "4,000.00", reference="WIRE-77")
    deliver(desk.scope)
    (entry,) = posting.entries(desk.scope)
    page = browser(desk.scope.org_id, "org_admin")
    html = page.get(f"/ledger/journal/{entry.entry_number}").content.decode()
    assert f"{desk.path}?tab=subrogation" in html
    assert "WIRE-77" in page.get(f"{desk.path}?tab=subrogation").content.decode()
    assert entry.entry_number in page.get(f"{desk.path}?tab=books").content.decode()
    assert 'value="-400000"' in page.get(desk.path).content.decode()


def owed(desk: Desk, cents: int) -> Any:
    """An item that a reinsurer was billed for the claim."""
    treaty = carriers.treaty(desk.scope, program_id=desk.claim.program_id)
    party = row_of(desk.scope, billing.ReinsuranceParticipant, {
        "id": new_id(), "treaty_id": treaty.id, "reinsurer_name": "Re Nine",
        "share_rate": "1.000000"})  # fmt: skip
    return row_of(desk.scope, ReinsuranceRecoverable, {
        "id": new_id(), "treaty_id": treaty.id, "participant_id": party.id,
        "claim_id": desk.claim.id, "billed_cents": cents, "collected_cents": 0, "currency": "USD",
        "billed_on": date(2026, 6, 30), "due_date": date(2026, 8, 29),
        "status": "billed"})  # fmt: skip


def test_a_reinsurers_payment_is_collected_and_lowers_no_ceded_loss(desk: Desk) -> None:
    item = owed(desk, 300_000)
    fields = {"kind": "reinsurance", "recoverable": item.id, "payer": "Re Nine"}
    assert "still owes" in refused(recover(desk, "3,000.01", **fields))["amount"]
    assert recover(desk, "1,000.00", **fields).status_code == 201
    assert [deliver(desk.scope), deliver(desk.scope)] == [1, 0]
    assert recover(desk, "2,000.00", **fields).status_code == 201
    with entered(desk.scope):
        before = ReinsuranceRecoverable.objects.within(desk.scope).get(id=item.id)
    deliver(desk.scope)
    with entered(desk.scope):
        after = ReinsuranceRecoverable.objects.within(desk.scope).get(id=item.id)
        today = timezone.now().date()
        ceded = cessions._amounts(desk.scope, desk.claim.program_id, date(2026, 1, 1), today)
        lines = GlJournalLine.objects.within(desk.scope).filter(account_code="5100")
        assert {line.source_type for line in lines} == {"claim_reinsurance"}
    assert (before.collected_cents, before.status) == (100_000, "billed")
    assert (after.collected_cents, after.status) == (300_000, "collected")
    assert ceded[2] == {}
    assert desk.fresh().recovered_cents == 300_000


@pytest.mark.parametrize("rounds", [1, 2])
def test_it_books_once_when_killed_before_the_mark(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, rounds: int
) -> None:
    item = owed(desk, 300_000)
    recover(desk, "1,000.00", kind="reinsurance", recoverable=item.id)

    def killed(*args: Any, **kwargs: Any) -> None:
        raise SystemExit

    for _ in range(rounds):
        with monkeypatch.context() as patch:
            patch.setattr(claim_money, "mark_delivered", killed)
            with pytest.raises(SystemExit):
                deliver(desk.scope)
    assert deliver(desk.scope) == 1
    with entered(desk.scope):
        row = ReinsuranceRecoverable.objects.within(desk.scope).get(id=item.id)
    assert row.collected_cents == 100_000
    assert posting.balances(desk.scope) == {"1020": 100_000, "5100": -100_000}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    parts=some.lists(some.integers(0, 10**9), min_size=1, max_size=3),
    steps=some.lists(
        some.tuples(
            some.integers(0, 2),
            some.integers(1, 10**9),
            some.sampled_from(["salvage", "deductible"]),
        ),
        max_size=6,
    ),
)  # fmt: skip
def test_claim_exposures_rows_and_journal_agree_to_the_cent(
    desk: Desk, parts: list[int], steps: Steps
) -> None:
    scope, worked = desk.scope, paid_desk(desk.scope, *parts)
    booked = -posting.balances(scope).get("5100", 0)
    with entered(scope):
        rows = models.ClaimExposure.objects.within(scope).filter(claim_id=worked.claim.id)
        ids = list(rows.order_by("exposure_no").values_list("id", flat=True))
        _record(worked, ids, steps)
        claim = models.Claim.objects.within(scope).get(id=worked.claim.id)
        kept = models.ClaimRecovery.objects.within(scope).filter(claim_id=claim.id)
        told = sum(kept.values_list("received_cents", flat=True))
        by_part = list(rows.order_by("exposure_no").values_list("recovered_cents", flat=True))
    assert sum(by_part) == claim.recovered_cents == told
    assert all(back <= paid for back, paid in zip(by_part, parts, strict=True))
    assert claim.incurred_cents == sum(parts) - told
    while deliver(scope):
        pass
    assert -posting.balances(scope).get("5100", 0) == booked + told


def _record(desk: Desk, ids: Sequence[str], steps: Steps) -> None:
    """Every step whose exposure bears it."""
    actor = Actor(desk.user_id, "adjuster", Origin(request_id=new_id(), ip="", user_agent=""))
    now = datetime.combine(date(2026, 11, 20), time(15), UTC)
    for place, cents, kind in steps:
        act = Act(actor=actor, once=posting.once(), now=now)
        wish = Received(
            exposure_id=ids[place % len(ids)], kind=kind, cents=cents, payer="Yard",
            received_on=now.date(), reference="",
        )  # fmt: skip
        with suppress(BadForm):  # more than was paid: nothing may move
            record_recovery(desk.scope, desk.claim.id, act, wish)
