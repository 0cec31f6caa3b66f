"""A wrong recovery taken back: its mirror in the claim and in the journal, once, told both ways."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from openinsure.audit.origin import Origin
from openinsure.billing.models import Bordereau, GlJournalEntry, ReinsuranceRecoverable
from openinsure.billing.operations import cessions
from openinsure.claims import models
from openinsure.claims.life import mirror_id
from openinsure.claims.operations.changing import Act
from openinsure.claims.operations.recoveries_back import take_back_recovery
from openinsure.claims.reported import recovered_in
from openinsure.console.acting import Actor
from openinsure.jobs import claim_money
from openinsure.keyspaces.ids import new_id
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import Scope, entered
from tests.billing import carriers, posting
from tests.claims import made
from tests.claims.desk import Desk, actions, signed_in
from tests.claims.test_recoveries import PAID, _record, deliver, owed, paid_desk, recover
from tests.people import browser

pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])
WHY = "Booked on the wrong claim"


@pytest.fixture
def desk(acme: Scope) -> Desk:
    """A desk whose claim has 10,000.00 paid and 4,000.00 recovered, booked."""
    posting.organization(acme)
    made_desk = paid_desk(acme)
    assert recover(made_desk, "4,000.00", reference="WIRE-77").status_code == 201
    deliver(acme)
    return made_desk


def recoveries(desk: Desk) -> list[Any]:
    with entered(desk.scope):
        rows = models.ClaimRecovery.objects.within(desk.scope).filter(claim_id=desk.claim.id)
        return list(rows.order_by("-received_cents", "id"))


def noun(desk: Desk, place: int = 0) -> str:
    """The address below the claim where its n-th recovery is taken back."""
    return f"recoveries/{recoveries(desk)[place].id}/reversals"


def take_back(desk: Desk, **fields: str) -> Any:
    return desk.post(noun(desk), **({"reason": WHY} | fields))


def test_it_stands_as_before_in_claim_journal_and_ledger(desk: Desk) -> None:
    assert take_back(desk).status_code == 201
    claim, (row, mirror) = desk.fresh(), recoveries(desk)
    assert (claim.recovered_cents, claim.incurred_cents) == (0, PAID)
    assert (row.status, mirror.status, mirror.id) == ("reversed", "reversal", mirror_id(row.id))
    assert row.received_cents == -mirror.received_cents == 400_000
    assert [deliver(desk.scope), deliver(desk.scope)] == [1, 0]
    assert posting.balances(desk.scope) == posting.ledger_balances(desk.scope) == {}
    with entered(desk.scope):
        first, second = GlJournalEntry.objects.within(desk.scope).order_by("entry_number")
    assert (second.reversal_of_id, first.reversed_by_id) == (first.id, second.id)
    assert second.source_id == mirror.id
    assert actions(desk.scope)[-2:] == ["recovery.reversed.intent", "recovery.reversed"]


def test_a_form_sent_twice_and_a_second_form_take_it_back_once(desk: Desk) -> None:
    path, sent = f"{desk.path}/{noun(desk)}", desk.form(noun(desk)) | {"reason": WHY}
    assert [desk.client.post(path, sent).status_code for _ in range(2)] == [201, 200]
    late = desk.client.post(path, desk.form("recoveries") | {"reason": WHY})
    assert late.status_code == 422
    assert late.json()["error"] == "illegal_transition"
    assert desk.client.get(path).status_code == 422
    assert len(recoveries(desk)) == 2


def test_it_asks_why_and_the_mirror_itself_is_final(desk: Desk) -> None:
    assert set(take_back(desk, reason="short").json()["errors"]) == {"reason"}
    assert desk.fresh().recovered_cents == 400_000
    take_back(desk)
    path = f"{desk.path}/recoveries/{recoveries(desk)[1].id}/reversals"
    refused = desk.client.post(path, desk.form("recoveries") | {"reason": WHY})
    assert refused.status_code == 422


def test_only_who_works_the_claim_may(desk: Desk, borealis: Scope) -> None:
    path = f"{desk.path}/{noun(desk)}"
    assert signed_in(desk.scope, "support")[0].post(path, {}).status_code == 403
    assert signed_in(borealis, "adjuster")[0].post(path, {}).status_code == 404
    other = Desk(desk.scope)
    assert other.client.get(f"{other.path}/{noun(desk)}").status_code == 404
    made.recusal(desk.scope, desk.claim, desk.user_id)
    assert desk.client.get(path).status_code == 404


def test_a_period_the_carrier_has_takes_it_back_later(desk: Desk) -> None:
    today = timezone.now().date()
    told = {"program_id": desk.claim.program_id, "kind": "claims", "period_end": today}
    carriers.bordereau(desk.scope, **told)
    assert take_back(desk).status_code == 409
    with entered(desk.scope):
        Bordereau.objects.within(desk.scope).update(period_end=today - timedelta(days=1))
    assert take_back(desk).status_code == 201
    with entered(desk.scope):
        period = {"carrier_id": desk.claim.carrier_id, "program_id": desk.claim.program_id,
                  "first": date(2026, 1, 1), "last": today}  # fmt: skip
        told_cents = [row.cents for row in recovered_in(desk.scope, **period)]
    assert sorted(told_cents) == [-400_000, 400_000]


def test_a_reinsurers_item_is_open_again_and_no_loss_is_ceded(acme: Scope) -> None:
    posting.organization(acme)
    desk = paid_desk(acme)
    item = owed(desk, 300_000)
    recover(desk, "3,000.00", kind="reinsurance", recoverable=item.id, payer="Re Nine")
    deliver(acme)
    assert take_back(desk).status_code == 201
    assert [deliver(acme), deliver(acme)] == [1, 0]
    with entered(acme):
        row = ReinsuranceRecoverable.objects.within(acme).get(id=item.id)
        ceded = cessions._amounts(
            acme, desk.claim.program_id, date(2026, 1, 1), timezone.now().date()
        )
    assert (row.collected_cents, row.status) == (0, "billed")
    assert ceded[2] == {}
    assert posting.balances(acme) == {}


@pytest.mark.parametrize("rounds", [1, 2])
def test_it_books_once_when_killed_before_the_mark(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, rounds: int
) -> None:
    def killed(*args: Any, **kwargs: Any) -> None:
        raise SystemExit

    take_back(desk)
    for _ in range(rounds):
        with monkeypatch.context() as patch:
            patch.setattr(claim_money, "mark_delivered", killed)
            with pytest.raises(SystemExit):
                deliver(desk.scope)
    assert deliver(desk.scope) == 1
    assert len(posting.entries(desk.scope)) == 2
    assert posting.balances(desk.scope) == {}


def test_claim_and_journal_lead_from_one_to_the_other(desk: Desk) -> None:
    page = browser(desk.scope.org_id, "org_admin")
    tab = f"{desk.path}?tab=subrogation"
    offered = page.get(tab).content.decode()
    assert f"{desk.path}/{noun(desk)}" in offered
    form = page.get(f"{desk.path}/{noun(desk)}").content.decode()
    assert "$4,000.00, then $0.00" in form
    assert "$6,000.00, then $10,000.00" in form
    take_back(desk)
    deliver(desk.scope)
    shown = page.get(tab).content.decode()
    assert "reversals" not in shown
    assert "Taken back " in shown
    assert "Takes back what was received " in shown
    first, second = posting.entries(desk.scope)
    for one, other in ((first, second), (second, first)):
        html = page.get(f"/ledger/journal/{one.entry_number}").content.decode()
        assert f"/ledger/journal/{other.entry_number}" in html
        assert tab in html
    support = browser(desk.scope.org_id, "support")
    assert "reversals" not in support.get(tab).content.decode()


@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    sums=some.lists(some.integers(1, 10**6), min_size=1, max_size=4),
    back=some.sets(some.integers(0, 3)),
)
def test_what_is_not_taken_back_is_left_to_the_cent(
    desk: Desk, sums: list[int], back: set[int]
) -> None:
    scope, worked = desk.scope, paid_desk(desk.scope, 10**7)
    before = posting.balances(scope).get("5100", 0)
    with entered(scope):
        _record(worked, [worked.exposure.id], [(0, cents, "salvage") for cents in sums])
        rows = models.ClaimRecovery.objects.within(scope).filter(claim_id=worked.claim.id)
        ids = list(rows.order_by("id").values_list("id", "received_cents"))
    taken = [ids[place] for place in sorted(back) if place < len(ids)]
    for key, _ in taken:
        with entered(scope):
            actor = Actor(
                worked.user_id, "adjuster", Origin(request_id=new_id(), ip="", user_agent="")
            )
            act = Act(actor, posting.once(), timezone.now(), WHY)
            take_back_recovery(scope, worked.claim.id, key, act)
    deliver(scope)
    left = sum(sums) - sum(cents for _, cents in taken)
    claim = worked.fresh()
    assert (claim.recovered_cents, claim.incurred_cents) == (left, 10**7 - left)
    assert posting.balances(scope).get("5100", 0) == before - left
