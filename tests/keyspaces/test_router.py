"""Label = alias = keyspace."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import router

from openinsure.accounts.models import Account
from openinsure.audit.models import AuditLog
from openinsure.billing.models import Invoice
from openinsure.claims.models import Claim
from openinsure.keyspaces.inventory import KEYSPACES
from openinsure.policies.models import Insured, Policy

ALIASES = ("default", *KEYSPACES)


@pytest.mark.parametrize(
    ("model", "alias"),
    [(Policy, "oi_policies"), (Claim, "oi_claims"), (AuditLog, "oi_global"), (Account, "default")],
)
def test_it_reads_and_writes_where_the_label_says(model: type, alias: str) -> None:
    assert router.db_for_read(model) == alias
    assert router.db_for_write(model) == alias


def test_it_relates_only_within_a_database() -> None:
    assert router.allow_relation(Policy(), Insured())
    assert not router.allow_relation(Policy(), Invoice())
    assert not router.allow_relation(Account(), Policy())


def test_it_lets_django_create_nothing_in_a_keyspace() -> None:
    allowed = {
        (alias, app.label)
        for alias in ALIASES
        for app in apps.get_app_configs()
        if router.allow_migrate(alias, app.label)
    }
    assert {alias for alias, _label in allowed} == {"default"}
    assert not {label for _alias, label in allowed} & set(KEYSPACES)
    assert ("default", "accounts") in allowed
