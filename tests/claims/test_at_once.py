"""Ten submits of one form at the same time: one effect, ten answers that agree."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connections

from openinsure.audit.origin import Origin
from openinsure.claims import models
from openinsure.claims.operations.changing import Act, Done
from openinsure.claims.operations.disbursements import Request, request_disbursement
from openinsure.claims.operations.notes import add_note
from openinsure.claims.operations.reserves import Wish, set_reserve
from openinsure.console.acting import Actor
from openinsure.console.forms import Once
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope, entered
from tests.claims import made

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_claims"])
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
SUBMITS = 10


def elsewhere(work: Callable[[], Any], times: int = 1) -> list[Any]:
    """Run `work` in threads with their own connections and commits; their results."""
    results: list[Any] = []
    ready = threading.Barrier(times)

    def run() -> None:
        try:
            ready.wait(30)
            results.append(work())
        except Exception as error:
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def desk(scope: Scope) -> tuple[str, str, Act]:
    """Claim and exposure of an assigned adjuster with authority, committed, and one form."""
    person = made.adjuster(scope)
    claim = made.claim(scope, adjuster_id=person.id)
    exposure = made.exposure(scope, claim)
    made.authority(scope, person)
    actor = Actor(person.user_id, "adjuster", Origin(request_id=new_id(), ip="", user_agent=""))
    return claim.id, exposure.id, Act(actor=actor, once=Once(new_id()), now=NOW, lock=0)


def wish(exposure_id: str, cents: int) -> Wish:
    return Wish(
        exposure_id=exposure_id,
        cost_type="indemnity",
        new_cents=cents,
        reason_code="initial",
        rationale="Estimate of the body shop",
    )


def inside(scope: Scope, work: Callable[[], Any]) -> Any:
    with entered(scope):
        return work()


def one_effect(results: list[Any], act: Act) -> None:
    """All answers name the form's one event; one of them made it."""
    assert [r for r in results if not isinstance(r, Done)] == []
    assert {done.event_id for done in results} == {act.once.id}
    assert sum(not done.repeated for done in results) == 1


def test_it_sets_a_reserve_once(acme: Scope) -> None:
    ((claim_id, exposure_id, act),) = elsewhere(lambda: desk(acme))
    asked = wish(exposure_id, 123_456)
    results = elsewhere(
        lambda: inside(acme, lambda: set_reserve(acme, claim_id, act, asked)), SUBMITS
    )
    one_effect(results, act)

    def facts() -> tuple[int, int, int]:
        steps = models.ClaimReserveHistory.objects.within(acme).filter(claim_id=claim_id).count()
        events = models.ClaimEvent.objects.within(acme).filter(claim_id=claim_id).count()
        row = models.Claim.objects.within(acme).get(id=claim_id)
        return steps, events, row.outstanding_indemnity_cents

    assert elsewhere(lambda: inside(acme, facts)) == [(1, 1, 123_456)]


def test_it_requests_one_payment(acme: Scope) -> None:
    ((claim_id, exposure_id, act),) = elsewhere(lambda: desk(acme))
    elsewhere(
        lambda: inside(acme, lambda: set_reserve(acme, claim_id, act, wish(exposure_id, 900)))
    )

    def claimant() -> str:
        row = models.ClaimExposure.objects.within(acme).get(id=exposure_id)
        return str(row.claimant_id)

    (claimant_id,) = elsewhere(lambda: inside(acme, claimant))
    form = Act(actor=act.actor, once=Once(new_id()), now=NOW)
    asked = Request(
        exposure_id=exposure_id, claimant_id=claimant_id, cost_type="indemnity", amount_cents=500,
        method="check", invoice_ref="", numbers=(f"DSB-{new_id()[:8]}", f"P-{new_id()[:8]}"),
    )  # fmt: skip
    results = elsewhere(
        lambda: inside(acme, lambda: request_disbursement(acme, claim_id, form, asked)), SUBMITS
    )
    one_effect(results, form)

    def rows() -> int:
        return int(models.Disbursement.objects.within(acme).filter(claim_id=claim_id).count())

    assert elsewhere(lambda: inside(acme, rows)) == [1]


def test_it_numbers_events_without_gaps_when_ten_people_write(acme: Scope) -> None:
    ((claim_id, _, act),) = elsewhere(lambda: desk(acme))

    def write() -> Done:
        form = Act(actor=act.actor, once=Once(new_id()), now=NOW)
        return add_note(acme, claim_id, form, category="general", body="Called", privileged=False)

    results = elsewhere(lambda: inside(acme, write), SUBMITS)
    assert all(isinstance(done, Done) and not done.repeated for done in results), results

    def numbers() -> list[int]:
        events = models.ClaimEvent.objects.within(acme).filter(claim_id=claim_id)
        return list(events.order_by("seq").values_list("seq", flat=True))

    assert elsewhere(lambda: inside(acme, numbers)) == [list(range(1, SUBMITS + 1))]
