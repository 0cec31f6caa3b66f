"""tenancy.E001-E010: silent on the project, and each speaks when its rule is broken once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import Celery
from django.core.checks import run_checks
from django.db import models
from django.test.utils import isolate_apps

from openinsure.keyspaces.fields import IdField
from openinsure.keyspaces.inventory import Table
from openinsure.tenancy import checks
from openinsure.tenancy.models import TenantModel

LABEL = "oi_policies"


def plain(**extra: Any) -> type[models.Model]:
    """A model on `policies` that forgot everything."""

    class Forgetful(models.Model):
        org_id = IdField()
        id = IdField(primary_key=True)
        number = models.CharField(max_length=9, unique=True)

        class Meta:
            app_label = LABEL
            db_table = "policies"
            managed = False

    return Forgetful


def by_key_alone() -> type[models.Model]:
    """A tenant model with a plain foreign key."""
    target = plain()

    class Child(TenantModel):
        policy = models.ForeignKey(target, models.DO_NOTHING, db_constraint=False)

        class Meta(TenantModel.Meta):
            app_label = LABEL
            db_table = "policy_events"

    return Child


def unregistered() -> type[models.Model]:
    """A console table with an org_id that nobody registered."""

    class Loose(models.Model):
        __module__ = "openinsure.console.loose"
        org_id = IdField()

        class Meta:
            app_label = "pages"
            db_table = "loose_rows"

    return Loose


def second_manager() -> type[models.Model]:
    """A tenant model with an unscoped manager beside the right one."""

    class Doubled(TenantModel):
        everything = models.Manager()

        class Meta(TenantModel.Meta):
            app_label = LABEL
            db_table = "policies"

    return Doubled


def unsigned_tasks() -> dict[str, Any]:
    def work() -> None:
        """Nothing."""

    app = Celery("checks", set_as_current=False)
    return {"tests.unsigned": app.task(name="tests.unsigned")(work)}


BROKEN: dict[str, Callable[[], Iterator[Any]]] = {
    "tenancy.E001": lambda: checks.registry_errors(
        {"policies": Table("policies", LABEL, "tenant", None, "")}
    ),
    "tenancy.E002": lambda: checks.scoped_errors([plain()]),
    "tenancy.E003": lambda: checks.key_errors([plain()]),
    "tenancy.E004": lambda: checks.manager_errors([second_manager()]),
    "tenancy.E005": lambda: checks.index_errors([plain()]),
    "tenancy.E006": lambda: checks.relation_errors([by_key_alone()]),
    "tenancy.E007": lambda: checks.console_errors([unregistered()]),
    "tenancy.E008": lambda: checks.guard_errors([]),
    "tenancy.E009": lambda: checks.task_errors(unsigned_tasks()),
    "tenancy.E010": lambda: checks.upsert_errors({"policies": frozenset({"status", "id"})}),
}


def test_it_is_silent_on_the_project() -> None:
    assert [m for m in run_checks() if str(m.id).startswith("tenancy.")] == []


@pytest.mark.parametrize("number", BROKEN)
@isolate_apps("openinsure.policies", "openinsure.pages")
def test_it_speaks_when_its_rule_is_broken(number: str) -> None:
    assert [message.id for message in BROKEN[number]()][:1] == [number]
