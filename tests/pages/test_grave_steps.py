"""What asks for a proof of the last ten minutes: decisions about money, taking much out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from openinsure.accounts.models import WebSession
from openinsure.pages import exports_tasks
from tests import people
from tests.routes import ROUTES
from tests.test_routes import ALL, World, asked_of, standing_world, world

__all__ = ["standing_world", "world"]
pytestmark = pytest.mark.django_db(databases=ALL)
JSON = {"accept": "application/json"}
# Permissions whose every step decides about money or about a closed month.
DECIDING = frozenset(
    {
        "disbursement.approve",
        "bordereau.approve",
        "settlement.approve",
        "settlement.release",
        "ledger.resolve",
        "period.close",
        "period.reopen",
    }
)
STEPS = [
    name for name, route in ROUTES.items() if route.verb == "post" and asked_of(name) in DECIDING
]
JOBS = {
    "exports.list": {"list": "policies.list", "query": "", "format": "csv"},
    "audit.samples": {"list": "policies.list", "query": "", "size": "5", "seed": "a"},
    "audit.evidence": {"from": "2026-01-01", "to": "2026-01-31"},
}


def unproven(world: World, role: str) -> Client:
    """A browser whose password was typed eleven minutes ago."""
    made = people.account(world.acme.org_id, role)
    client = people.browser_of(made)
    late = timezone.now() - timedelta(minutes=11)
    WebSession.objects.filter(account=made).update(stepped_up_at=late)
    return client


def refused(client: Client, path: str, **fields: Any) -> str:
    """The code of the refusal as JSON tells it."""
    answer = client.post(path, fields, headers=JSON)
    return str(answer.json().get("error", "")) if answer.status_code >= 400 else ""


@pytest.mark.parametrize("name", [*STEPS, "approvals.decide"])
def test_it_asks_who_decides_about_money(world: World, name: str) -> None:
    path = ROUTES[name].path.format_map(world.acme_numbers)
    stale = unproven(world, "finance_analyst")
    assert refused(stale, path) == "step_up_required"
    led = stale.post(path)
    assert (led.status_code, led["Location"].split("?")[0]) == (307, "/login/confirm")
    fresh = people.browser(world.acme.org_id, "finance_analyst")
    assert refused(fresh, path) not in ("step_up_required", "")


@pytest.mark.parametrize("name", JOBS)
def test_it_asks_who_takes_much_out(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports_tasks.run_export, "enqueue", lambda scope, **kwargs: "message")
    path = ROUTES[name].path
    stale = unproven(world, "compliance_officer")
    assert refused(stale, path, **JOBS[name]) == "step_up_required"
    fresh = people.browser(world.acme.org_id, "compliance_officer")
    assert fresh.post(path, JOBS[name], headers=JSON).status_code == 202


def test_it_lets_a_short_list_go_without_asking(world: World) -> None:
    stale = unproven(world, "compliance_officer")
    answer = stale.post("/exports", JOBS["exports.list"])
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (200, "text/csv")
