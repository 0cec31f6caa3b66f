"""System checks E001-E004, each proven by breaking what it holds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.checks.registry import registry
from django.db import models
from django.db.backends.signals import connection_created

from openinsure.accounts.models import Account
from openinsure.keyspaces import checks
from openinsure.keyspaces.fields import IdField
from openinsure.keyspaces.inventory import KEYSPACES
from openinsure.tenancy import guard
from openinsure.tenancy.models import TenantModel, org_ref

ALIASES = ("default", *KEYSPACES)


@pytest.fixture(autouse=True)
def forget_models() -> Iterator[None]:
    """Models declared in a test leave the registry of apps again."""
    before = {label: dict(found) for label, found in apps.all_models.items()}
    yield
    for label in apps.all_models:
        apps.all_models[label].clear()
        apps.all_models[label].update(before.get(label, {}))
    apps.clear_cache()


def ids(found: Iterator[object]) -> list[str]:
    return [str(getattr(one, "id", "")) for one in found]


def test_it_finds_nothing_wrong_with_the_project() -> None:
    assert [one for one in run_checks() if str(one.id).startswith("openinsure.E00")] == []


def test_it_runs_with_djangos_checks() -> None:
    registered = registry.get_checks()
    assert {checks.check_relations, checks.check_placement, checks.check_aliases} <= set(registered)


def test_it_reports_a_relation_across_keyspaces() -> None:
    class Stray(TenantModel):
        claim_id = IdField()
        claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")

        class Meta(TenantModel.Meta):
            app_label = "oi_policies"

    found = list(checks.relation_errors([Stray]))
    assert ids(iter(found)) == ["openinsure.E001"]
    assert "points from oi_policies to oi_claims" in found[0].msg


def test_it_reports_a_relation_from_the_console_into_a_keyspace() -> None:
    class Pinned(models.Model):
        policy_id = IdField()
        org_id = IdField()
        policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")

        class Meta:
            app_label = "console"

    assert ids(checks.relation_errors([Pinned])) == ["openinsure.E001"]


def test_it_reports_a_foreign_key() -> None:
    class Pet(models.Model):
        owner = models.ForeignKey(Account, models.CASCADE, related_name="+")
        __module__ = "openinsure.console.models"

        class Meta:
            app_label = "console"

    assert ids(checks.relation_errors([Pet])) == ["openinsure.E002"]


def test_it_accepts_a_relation_without_foreign_key() -> None:
    class Pet(models.Model):
        owner = models.ForeignKey(Account, models.CASCADE, related_name="+", db_constraint=False)
        __module__ = "openinsure.console.models"

        class Meta:
            app_label = "console"

    assert ids(checks.relation_errors([Pet])) == []


def test_it_reports_a_bare_meta() -> None:
    """`class Meta` without its parent silently turns managed back on."""

    class Careless(TenantModel):
        class Meta:
            app_label = "oi_policies"
            db_table = "policies"

    everything = [model for model in apps.get_models() if model is not Careless]
    found = list(checks.placement_errors([*everything, Careless]))
    assert [one.msg for one in found] == [
        "oi_policies.Careless is managed; tables of oi_policies come from SQL files.",
        "oi_policies has 29 models, its inventory 28 tables.",
    ]
    assert set(ids(iter(found))) == {"openinsure.E003"}


def test_it_reports_a_table_that_nobody_placed() -> None:
    class Unknown(TenantModel):
        class Meta(TenantModel.Meta):
            app_label = "oi_claims"
            db_table = "policies"

    found = [one.msg for one in checks.placement_errors([Unknown])]
    assert "oi_claims.Unknown: the registry has no table policies in oi_claims." in found


def test_it_reports_a_console_model_on_a_keyspace_table() -> None:
    class Shadow(models.Model):
        class Meta:
            app_label = "console"
            db_table = "policies"

    everything = [model for model in apps.get_models() if model is not Shadow]
    found = [one.msg for one in checks.placement_errors([*everything, Shadow])]
    assert found == ["console.Shadow uses policies, a table of oi_policies."]


def test_it_reports_a_missing_model() -> None:
    models_found = [m for m in apps.get_models() if m._meta.label != "oi_global.RefState"]
    found = [one.msg for one in checks.placement_errors(models_found)]
    assert found == ["oi_global has 52 models, its inventory 53 tables."]


def test_it_reports_a_missing_alias() -> None:
    found = [one.msg for one in checks.alias_errors(a for a in ALIASES if a != "oi_claims")]
    assert found == ["DATABASES has no alias oi_claims."]


def test_it_reports_a_guard_that_does_not_hang() -> None:
    uid = "openinsure.tenancy.guard"
    assert connection_created.disconnect(dispatch_uid=uid)
    try:
        found = [one.msg for one in checks.alias_errors(ALIASES)]
    finally:
        connection_created.connect(guard.install, dispatch_uid=uid)
    assert found == [f"A new connection of {a} would come without the guard." for a in ALIASES]
    assert list(checks.alias_errors(ALIASES)) == []


def test_it_reports_a_guard_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "GUARD", "openinsure.tenancy.no_guard")
    assert ids(checks.alias_errors(ALIASES)) == ["openinsure.E004"]
