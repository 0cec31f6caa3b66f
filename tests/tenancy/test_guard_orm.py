"""What Django's ORM writes on MariaDB passes the guard: no more than 2 % false refusals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db.models import (
    Avg,
    Case,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Prefetch,
    Q,
    StdDev,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)  # fmt: skip
from django.db.models import functions as fn

from openinsure.keyspaces.ids import new_id
from openinsure.policies.models import Endorsement, Policy, PolicyEvent
from openinsure.tenancy.scope import Scope, TenantLeak, entered
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "oi_policies"])
REFUSED_SHARE_MAX = 0.02
Rows = Any  # a scoped queryset of policies


def changes() -> Any:
    return Endorsement.objects.all()


def events_of_outer() -> Any:
    return PolicyEvent.objects.filter(policy_id=OuterRef("id"))


def saved_again(rows: Rows) -> None:
    row = rows.first()
    row.status = "expired"
    row.save(update_fields=["status"])
    row.refresh_from_db()


def removed(rows: Rows) -> None:
    rows.order_by("-id").first().delete()


def in_bulk(rows: Rows) -> Any:
    return rows.in_bulk([row.pk for row in rows[:3]])


def bulk_updated(rows: Rows) -> None:
    found = list(rows[:3])
    for row in found:
        row.vehicle_count += 1
    rows.bulk_update(found, ["vehicle_count"])


OPERATIONS: dict[str, Callable[[Rows], Any]] = {
    "all": list,
    "first": lambda r: r.first(),
    "last": lambda r: r.order_by("updated_at", "id").last(),
    "get": lambda r: r.get(id=r.first().id),
    "get by pk": lambda r: r.get(pk=r.first().pk),
    "pk in": lambda r: list(r.filter(pk__in=[row.pk for row in r[:2]])),
    "in bulk": in_bulk,
    "id in": lambda r: list(r.filter(id__in=[new_id() for _ in range(5)])),
    "empty in": lambda r: list(r.filter(id__in=[])),
    "exclude": lambda r: list(r.exclude(status="void")),
    "q or": lambda r: list(r.filter(Q(status="a") | Q(state="FL", status="b"))),
    "q not": lambda r: list(r.filter(~Q(status="a") & Q(cancelled_at__isnull=True))),
    "xor": lambda r: list(r.filter(Q(status="a") ^ Q(state="FL"))),
    "contains": lambda r: list(r.filter(insured_name__contains="Haul")),
    "icontains": lambda r: list(r.filter(insured_name__icontains="haul")),
    "startswith": lambda r: list(r.filter(insured_name__startswith="H")),
    "regex": lambda r: list(r.filter(insured_name__regex="^H")),
    "iexact": lambda r: list(r.filter(status__iexact="ACTIVE")),
    "range": lambda r: list(r.filter(effective_date__range=(date(2026, 1, 1), date(2026, 9, 9)))),
    "year": lambda r: list(r.filter(effective_date__year=2026)),
    "month": lambda r: list(r.filter(updated_at__month=3)),
    "date": lambda r: list(r.filter(updated_at__date=date(2026, 3, 1))),
    "count": lambda r: r.count(),
    "capped count": lambda r: r[:1001].count(),
    "exists": lambda r: r.exists(),
    "contains object": lambda r: r.contains(r.first()),
    "values": lambda r: list(r.values("id", "status").distinct()),
    "values_list": lambda r: list(r.values_list("id", flat=True)),
    "defer": lambda r: list(r.defer("insured_name")),
    "only": lambda r: list(r.only("id", "org_id")),
    "slice": lambda r: list(r.order_by("-updated_at", "-id")[2:4]),
    "dates": lambda r: list(r.dates("effective_date", "month")),
    "datetimes": lambda r: list(r.datetimes("updated_at", "day")),
    "aggregate": lambda r: r.aggregate(Sum("total_cents"), Avg("total_cents"), Max("updated_at")),
    "stddev": lambda r: r.aggregate(StdDev("total_cents")),
    "count distinct": lambda r: r.aggregate(Count("state", distinct=True)),
    "filtered aggregate": lambda r: r.aggregate(n=Count("id", filter=Q(status="active"))),
    "group": lambda r: list(r.values("state").annotate(n=Count("id")).order_by("state")),
    "having": lambda r: list(r.values("state").annotate(n=Count("id")).filter(n__gt=0)),
    "case": lambda r: list(r.annotate(k=Case(When(state="FL", then=Value(1)), default=Value(2)))),
    "concat": lambda r: list(r.annotate(k=fn.Concat("policy_number", Value("-"), "insured_name"))),
    "coalesce": lambda r: list(r.annotate(k=fn.Coalesce("usdot_number", Value("")))),
    "lower": lambda r: list(r.annotate(k=fn.Lower("insured_name")).filter(k="x")),
    "trunc": lambda r: list(r.annotate(k=fn.TruncMonth("updated_at")).values("k")),
    "extract": lambda r: list(r.annotate(k=fn.ExtractYear("effective_date"))),
    "now": lambda r: list(r.filter(updated_at__lt=fn.Now())),
    "cast": lambda r: list(r.annotate(k=fn.Cast("total_cents", Policy._meta.get_field("state")))),
    "arithmetic": lambda r: list(
        r.annotate(k=F("total_cents") * 2 - F("fees_cents")).filter(k__gt=1)
    ),
    "window": lambda r: list(r.annotate(k=Window(fn.RowNumber(), order_by=F("id").asc()))),
    "rank": lambda r: list(r.annotate(k=Window(fn.Rank(), partition_by="state", order_by="id"))),
    "exists sub-query": lambda r: list(r.filter(Exists(events_of_outer()))),
    "not exists": lambda r: list(r.filter(~Exists(events_of_outer()))),
    "sub-query": lambda r: list(r.annotate(k=Subquery(events_of_outer().values("seq")[:1]))),
    "in sub-query": lambda r: list(r.filter(id__in=changes().values("policy_id"))),
    "union": lambda r: list(r.filter(state="FL").union(r.filter(state="TX"))),
    "intersection": lambda r: list(r.filter(state="FL").intersection(r)),
    "difference": lambda r: list(r.difference(r.filter(state="FL"))),
    "select_related": lambda r: list(changes().select_related("policy")),
    "nullable select_related": lambda r: list(changes().select_related("from_segment")),
    "join filter": lambda r: list(changes().filter(policy__status="active")),
    "join exclude": lambda r: list(changes().exclude(policy__state="TX")),
    "join values": lambda r: list(changes().values("policy__policy_number")),
    "join order": lambda r: list(changes().order_by("policy__policy_number", "id")),
    "join annotate": lambda r: list(changes().annotate(k=F("policy__state"))),
    "join group": lambda r: list(changes().values("policy__state").annotate(n=Count("id"))),
    "prefetch": lambda r: list(changes().prefetch_related(Prefetch("policy", r))),
    "forward": lambda r: changes().first().policy,
    "lock": lambda r: list(r.select_for_update()),
    "update": lambda r: r.filter(state="FL").update(status="expired"),
    "update expression": lambda r: r.update(vehicle_count=F("vehicle_count") + 1),
    "update by sub-query": lambda r: r.filter(id__in=changes().values("policy_id")).update(
        state="TX"
    ),
    "bulk update": bulk_updated,
    "save and refresh": saved_again,
    "delete": removed,
    "delete queryset": lambda r: PolicyEvent.objects.filter(seq__gt=1).delete(),
    "ignore conflicts": lambda r: Policy.objects.bulk_create([r.first()], ignore_conflicts=True),
}


@pytest.fixture
def rows(acme: Scope, borealis: Scope) -> None:
    """Three policies each, with an endorsement and an event."""
    for scope in (acme, borealis):
        for _ in range(3):
            policy = factories.policy(scope)
            factories.endorsement(scope, policy, prorata_factor=1)
            factories.event(scope, policy)


def test_it_passes_what_the_orm_writes(acme: Scope, rows: None) -> None:
    refused: dict[str, str] = {}
    for name, operation in OPERATIONS.items():
        with entered(acme):
            try:
                operation(Policy.objects.within(acme))
            except TenantLeak as leak:
                refused[name] = str(leak)
    print(f"\norm: {len(OPERATIONS)} operations, refused: {refused}")
    assert len(refused) <= len(OPERATIONS) * REFUSED_SHARE_MAX, refused


def test_it_leaves_the_other_organisation_as_it_was(
    acme: Scope, borealis: Scope, rows: None
) -> None:
    with entered(borealis):
        before = list(Policy.objects.within(borealis).order_by("id").values())
    with entered(acme):
        Policy.objects.within(acme).update(status="void")
        PolicyEvent.objects.within(acme).delete()
        Policy.objects.within(acme).filter(state="FL").delete()
    with entered(borealis):
        assert list(Policy.objects.within(borealis).order_by("id").values()) == before
        assert PolicyEvent.objects.within(borealis).count() == 3
