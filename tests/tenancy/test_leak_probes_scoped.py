"""S01-S15: inside acme's scope, what belongs to borealis is refused or absent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.db.models import F

from openinsure.keyspaces.ids import new_id
from openinsure.policies.models import Endorsement, Policy
from openinsure.tenancy.scope import NoTenantContext, Scope, TenantLeak, active_scope, entered
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "oi_policies"])
REFUSED = (TenantLeak, NoTenantContext)


@pytest.fixture
def theirs(borealis: Scope) -> Policy:
    return factories.policy(borealis)


@pytest.fixture
def ours(acme: Scope) -> Policy:
    return factories.policy(acme)


@pytest.fixture
def corrupt(acme: Scope, ours: Policy, theirs: Policy) -> Endorsement:
    """An endorsement of acme whose policy_id is a policy of borealis."""
    return factories.endorsement(acme, ours, policy_id=theirs.id, prorata_factor=1)


@pytest.fixture
def inside_acme(acme: Scope, ours: Policy, theirs: Policy) -> Iterator[Scope]:
    with entered(acme) as scope:
        yield scope


def number_of(policy: Policy, scope: Scope) -> str:
    with entered(scope):
        return str(Policy.objects.within(scope).values_list("policy_number").get(id=policy.id)[0])


def test_s01_it_overwrites_nothing_with_a_foreign_id(
    acme: Scope, borealis: Scope, ours: Policy, theirs: Policy
) -> None:
    before = number_of(theirs, borealis)
    with entered(acme):
        copy = Policy.objects.within(acme).get(id=ours.id)
        copy.id, copy.policy_number = theirs.id, "STOLEN"
        copy.save()
    assert number_of(theirs, borealis) == before


def test_s02_it_creates_no_foreign_row(inside_acme: Scope, borealis: Scope) -> None:
    with pytest.raises(REFUSED):
        Policy.objects.create(id=new_id(), org_id=borealis.org_id)


def test_s03_it_bulk_creates_no_foreign_row(inside_acme: Scope, borealis: Scope) -> None:
    with pytest.raises(REFUSED):
        Policy.objects.bulk_create([Policy(id=new_id(), org_id=borealis.org_id)])


def test_s04_it_moves_no_row_to_another_organisation(inside_acme: Scope, borealis: Scope) -> None:
    with pytest.raises(REFUSED):
        Policy.objects.within(inside_acme).update(org_id=borealis.org_id)


def test_s05_it_follows_no_corrupt_reference(corrupt: Endorsement, inside_acme: Scope) -> None:
    row = Endorsement.objects.within(inside_acme).get(id=corrupt.id)
    with pytest.raises(Policy.DoesNotExist):
        _ = row.policy


def test_s06_it_joins_no_corrupt_reference(corrupt: Endorsement, inside_acme: Scope) -> None:
    rows = Endorsement.objects.within(inside_acme).select_related("policy")
    assert list(rows.filter(id=corrupt.id)) == []


def test_s07_it_reads_no_value_through_it(corrupt: Endorsement, inside_acme: Scope) -> None:
    rows = Endorsement.objects.within(inside_acme).filter(id=corrupt.id)
    assert list(rows.values("policy__policy_number")) == []


def test_s08_it_annotates_no_value_through_it(corrupt: Endorsement, inside_acme: Scope) -> None:
    rows = Endorsement.objects.within(inside_acme).filter(id=corrupt.id)
    assert list(rows.annotate(number=F("policy__policy_number"))) == []


def test_s09_it_refuses_a_queryset_of_another_scope(
    acme: Scope, borealis: Scope, ours: Policy
) -> None:
    with entered(acme):
        rows = Policy.objects.within(acme)
    with entered(borealis), pytest.raises(TenantLeak):
        list(rows)
    with entered(borealis), pytest.raises(TenantLeak):
        Policy.objects.within(acme)


def test_s10_it_gives_a_new_thread_no_scope(inside_acme: Scope) -> None:
    seen: list[Any] = []

    def look() -> None:
        seen.append(active_scope())
        try:
            Policy.objects.all()
        except NoTenantContext as error:
            seen.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen[0] is None
    assert isinstance(seen[1], NoTenantContext)


def test_s11_it_scopes_the_base_manager(inside_acme: Scope, ours: Policy, theirs: Policy) -> None:
    ids = {row.id for row in Policy._base_manager.all()}
    assert ours.id in ids
    assert theirs.id not in ids


def test_s12_it_refuses_raw_sql_for_everybody(inside_acme: Scope, borealis: Scope) -> None:
    with pytest.raises(TenantLeak):
        list(Policy.objects.raw("SELECT * FROM policies"))
    with pytest.raises(TenantLeak):
        list(Policy.objects.raw("SELECT * FROM policies WHERE org_id = %s", [borealis.org_id]))


def test_s13_it_touches_no_foreign_instance(inside_acme: Scope, theirs: Policy) -> None:
    for act in (theirs.refresh_from_db, theirs.delete, theirs.save):
        with pytest.raises(TenantLeak):
            act()


def test_s14_it_asks_no_other_alias(inside_acme: Scope) -> None:
    with pytest.raises(TenantLeak):
        Policy.objects.db_manager("oi_claims").all()
    with pytest.raises(TenantLeak):
        Policy.objects.within(inside_acme).using("default")


def test_s15_it_leaves_no_scope_on_a_reused_thread(acme: Scope) -> None:
    def request(fails: bool) -> None:
        with entered(acme):
            if fails:
                raise ValueError("the view failed")

    with ThreadPoolExecutor(max_workers=1) as pool:
        with pytest.raises(ValueError, match="view failed"):
            pool.submit(request, True).result()
        assert pool.submit(active_scope).result() is None


def test_it_yields_only_the_scopes_rows(
    acme: Scope, borealis: Scope, ours: Policy, theirs: Policy
) -> None:
    for scope, mine, other in ((acme, ours, theirs), (borealis, theirs, ours)):
        with entered(scope):
            ids = set(Policy.objects.within(scope).values_list("id", flat=True))
            assert mine.id in ids
            assert other.id not in ids


def test_it_fills_the_organisation_of_new_rows(inside_acme: Scope, ours: Policy) -> None:
    fields = {f.name: getattr(ours, f.name) for f in Policy._meta.concrete_fields}
    for name in ("pk", "org_id", "id", "policy_number"):
        fields.pop(name, None)
    made = Policy.objects.create(id=new_id(), policy_number="FILLED", **fields)
    assert made.org_id == inside_acme.org_id
    with connections["oi_policies"].cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM policies WHERE org_id = %s AND id = %s", [made.org_id, made.id]
        )
        assert cursor.fetchone() == (1,)


def test_it_refuses_upserts(inside_acme: Scope, ours: Policy) -> None:
    with pytest.raises(TenantLeak):
        Policy.objects.bulk_create(
            [ours], **{"update_conflicts": True, "update_fields": ["status"]}
        )


def test_it_keeps_an_instance_in_its_organisation(
    acme: Scope, borealis: Scope, ours: Policy
) -> None:
    with entered(acme):
        row = Policy.objects.within(acme).get(id=ours.id)
    row.org_id = borealis.org_id
    with entered(borealis), pytest.raises(TenantLeak):
        row.save()


def test_it_gives_form_fields_an_empty_queryset() -> None:
    assert active_scope() is None
    assert list(Policy.objects.none()) == []
