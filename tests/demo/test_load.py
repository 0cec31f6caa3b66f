"""Loading the demo: once, again, and in the large shape, on the real databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from openinsure.demo import load as loading
from openinsure.demo.models import DemoLoad
from openinsure.demo.orgs_data import ACME, TENANTS, Size
from openinsure.policies.models import Policy
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import OrgScope, entered

pytestmark = pytest.mark.django_db(databases=["default", "ledger_engine", *KEYSPACES])
TODAY = date(2026, 11, 20)
FEW = tuple(replace(spec, policies=40, claims=10) for spec in TENANTS)


@pytest.fixture(autouse=True)
def small_tenants(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each organisation with a few dozen policies."""
    monkeypatch.setattr(loading, "TENANTS", FEW)


def run(size: Size = "small", *, again: bool = False) -> loading.Load:
    """One load, silent."""
    return loading.load(size=size, seed=7, today=TODAY, report=lambda _: None, again=again)


def numbers(org_id: str) -> list[str]:
    """The organisation's policy numbers and terms."""
    scope = OrgScope(org_id, "service:test")
    with entered(scope):
        rows = Policy.objects.within(scope).order_by("policy_number", "term_number")
        return [
            f"{number}/{term}" for number, term in rows.values_list("policy_number", "term_number")
        ]


def test_it_loads_once_and_again_the_same() -> None:
    first = run()
    assert first.rows > 1000
    before = numbers(ACME.id)
    assert len(before) == 40
    assert run().skipped
    assert run(again=True).rows == first.rows
    assert numbers(ACME.id) == before
    assert DemoLoad.objects.get().rows_written == first.rows


def test_it_loads_the_large_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"LARGE_ORGS": 5, "LARGE_POLICIES": 240, "LARGE_BIGGEST": 80}.items():
        monkeypatch.setattr(loading, name, value)
    run("large")
    specs = loading.sized("large")
    assert [len(numbers(spec.id)) for spec in specs] == [80, 40, 40, 40, 40]
