"""N01-N36: with no scope entered every way to a tenant table raises, on the real engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connections, models
from django.db.models import Count, Exists

from openinsure.keyspaces.ids import new_id
from openinsure.orgs.models import Organization
from openinsure.policies.models import Endorsement, Policy
from openinsure.tenancy.scope import NoTenantContext, Scope, TenantLeak, active_scope, entered
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "oi_policies", "oi_global"])
Held = SimpleNamespace


@pytest.fixture
def held(acme: Scope) -> Held:
    """What code may still hold when the scope is gone: instances and querysets."""
    policy = factories.policy(acme)
    endorsement = factories.endorsement(acme, policy, prorata_factor=1)
    with entered(acme):
        rows = Policy.objects.within(acme).filter(status="active")
        fetched = Endorsement.objects.within(acme).get(id=endorsement.id)
        plain = models.QuerySet(Policy)
    return Held(policy=policy, endorsement=fetched, rows=rows, plain=plain, org=acme.org_id)


def raw_cursor(held: Held) -> Any:
    with connections["oi_policies"].cursor() as cursor:
        return cursor.execute("SELECT id FROM policies WHERE org_id = %s", [held.org])


async def iterate(held: Held) -> Any:
    return [row async for row in held.rows]


async def iterate_slowly(held: Held) -> Any:
    return [row async for row in held.rows.aiterator()]


def create(held: Held) -> Any:
    return Policy.objects.create(id=new_id(), org_id=held.org)


PROBES: dict[str, Callable[[Held], Any]] = {
    "N01 all": lambda h: list(Policy.objects.all()),
    "N02 iterate exclude": lambda h: list(h.rows.exclude(id=h.policy.id)),
    "N03 distinct": lambda h: list(h.rows.distinct()),
    "N04 defer": lambda h: list(h.rows.defer("status")),
    "N05 select_related": lambda h: list(Endorsement.objects.select_related("policy")),
    "N06 alias": lambda h: list(h.rows.alias(k=Count("id"))),
    "N07 extra": lambda h: list(h.plain.extra(where=["1=1"])),
    "N08 using": lambda h: list(h.rows.using("oi_policies")),
    "N09 intersection": lambda h: list(h.rows.intersection(h.plain)),
    "N10 difference": lambda h: list(h.plain.difference(h.rows)),
    "N11 contains": lambda h: h.rows.contains(h.policy),
    "N12 in_bulk": lambda h: h.plain.in_bulk([(h.org, h.policy.id)]),
    "N13 bulk_update": lambda h: h.rows.bulk_update([h.policy], ["status"]),
    "N14 raw": lambda h: list(h.plain.raw("SELECT * FROM policies")),
    "N15 repr": lambda h: repr(h.rows),
    "N16 reverse manager": lambda h: h.policy.endorsement_set.all(),
    "N17 exists": lambda h: h.rows.exists(),
    "N18 exclude exists": lambda h: h.plain.exclude(id="x").exists(),
    "N19 explain": lambda h: h.rows.explain(),
    "N20 async for": lambda h: asyncio.run(iterate(h)),
    "N21 aexists": lambda h: asyncio.run(h.rows.aexists()),
    "N22 aiterator": lambda h: asyncio.run(iterate_slowly(h)),
    "N23 filter by a tenant queryset": lambda h: list(Organization.objects.filter(pk__in=h.rows)),
    "N24 Exists of a tenant queryset": lambda h: list(h.plain.filter(Exists(h.rows))),
    "N25 create": create,
    "N26 bulk_create": lambda h: h.rows.bulk_create([Policy(id=new_id(), org_id=h.org)]),
    "N27 _raw_delete": lambda h: h.rows._raw_delete("oi_policies"),
    "N28 _base_manager": lambda h: list(Policy._base_manager.all()),
    "N29 forward relation of a held row": lambda h: h.endorsement.policy,
    "N30 refresh_from_db": lambda h: h.policy.refresh_from_db(),
    "N31 save": lambda h: h.policy.save(),
    "N32 delete": lambda h: h.policy.delete(),
    "N33 cursor.execute": raw_cursor,
    "N34 aggregate": lambda h: h.plain.aggregate(Count("id")),
    "N35 union": lambda h: list(h.rows.union(h.plain)),
    "N36 update": lambda h: h.plain.update(status="void"),
}


@pytest.mark.parametrize("name", PROBES)
def test_it_raises_without_a_scope(name: str, held: Held) -> None:
    assert active_scope() is None
    expected: tuple[type[Exception], ...] = (NoTenantContext, TenantLeak)
    if name.startswith("N16"):  # org_ref hides the reverse side: there is no such manager at all
        expected = (AttributeError,)
    with pytest.raises(expected):
        PROBES[name](held)


def test_it_has_every_probe() -> None:
    assert [name[:3] for name in PROBES] == [f"N{k:02}" for k in range(1, 37)]


def test_it_gives_no_reverse_manager_on_any_tenant_model() -> None:
    from django.apps import apps

    found = [
        f"{model._meta.label}.{relation.get_accessor_name()}"
        for model in apps.get_models()
        if hasattr(model, "org_field")
        for relation in model._meta.related_objects
        if relation.get_accessor_name()
    ]
    assert found == []
