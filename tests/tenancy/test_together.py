"""Reading together: the rows that each query alone gives, in one statement, of one organisation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connections
from django.db.models import Value
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from openinsure.keyspaces.ids import new_id
from openinsure.policies.models import (
    Endorsement,
    EndorsementItem,
    Policy,
    PolicyDriver,
)
from openinsure.tenancy.scope import Scope, TenantLeak, entered
from openinsure.tenancy.together import Reading, nothing, read_together, reading
from tests import factories

pytestmark = pytest.mark.django_db(databases=["oi_policies", "oi_global"])
KEYSPACE = "oi_policies"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
MOMENT = st.integers(86_400, 2**31 - 86_400).map(lambda second: datetime.fromtimestamp(second, UTC))
CENTS = st.integers(-(2**63), 2**63 - 1)
CHANGE = st.fixed_dictionaries({"before_json": JSON, "after_json": JSON, "field_name": TEXT})
ENDORSED = st.fixed_dictionaries(
    {
        "type_code": TEXT,
        "effective_date": st.dates(date(1990, 1, 1), date(2100, 1, 1)),
        "bound_at": st.none() | MOMENT,
        "description": st.none() | TEXT,
        "annual_delta_cents": CENTS,
        "prorata_factor": st.decimals(0, 1, places=10, allow_nan=False),
        "backdated": st.booleans(),
    }
)
DRIVER = st.fixed_dictionaries(
    {
        "full_name": TEXT,
        "dob_enc": st.none() | st.binary(min_size=1, max_size=40),
        "birth_year": st.none() | st.integers(1930, 2008),
        "excluded": st.booleans(),
    }
)


@pytest.fixture
def policy(acme: Scope) -> Iterator[Policy]:
    """A policy of acme, its scope entered."""
    with entered(acme):
        yield factories.policy(acme)


def statements() -> CaptureQueriesContext:
    return CaptureQueriesContext(connections[KEYSPACE])


def every(scope: Scope, model: Any, *order: str, **where: Any) -> Any:
    """Every column of the rows."""
    columns = [field.attname for field in model._meta.concrete_fields]
    return model.objects.within(scope).filter(**where).order_by(*order).values_list(*columns)


@settings(max_examples=15)
@given(st.lists(CHANGE, max_size=4), st.lists(ENDORSED, max_size=4), st.lists(DRIVER, max_size=4))
def _alike(policy: Policy, acme: Scope, changes: Any, endorsed: Any, drivers: Any) -> None:
    key = {"policy_id": new_id()}
    for number, values in enumerate(endorsed):
        factories.endorsement(acme, policy, endorsement_no=number, **values, **key)
    for values in changes:
        factories.made(acme, EndorsementItem, {**item(), **values, **key})
    for number, values in enumerate(drivers):
        factories.made(acme, PolicyDriver, {**driver(number), **values, **key})
    queries = (
        every(acme, Endorsement, "-endorsement_no", **key)[:3],
        every(acme, EndorsementItem, "field_name", "-id", **key)[:4],
        every(acme, PolicyDriver, "full_name", "id", **key)[:2],
    )
    alone = [list(query.all()) for query in queries]
    with statements() as sent:
        found = read_together([Reading((query,), lambda rows: rows) for query in queries])
    assert len(sent) == 1
    assert [list(rows) for rows in found] == alone
    assert repr(found) == repr([tuple(rows) for rows in alone])  # types and decimal places too


def item() -> dict[str, Any]:
    """A changed field."""
    return {
        "id": new_id(),
        "endorsement_id": new_id(),
        "entity_table": "policy_vehicles",
        "entity_id": new_id(),
    }


def driver(number: int) -> dict[str, Any]:
    """A driver without a name."""
    return {
        "id": new_id(),
        "name_norm": f"driver {number}",
        "effective_date": date(2026, 1, 1),
        "status": "active",
    }


def test_it_gives_what_each_query_alone_gives(policy: Policy, acme: Scope) -> None:
    _alike(policy, acme)


def test_it_joins_and_orders_as_the_queries_do(policy: Policy, acme: Scope) -> None:
    numbers = range(1, 41)
    for number in numbers:
        factories.endorsement(acme, policy, endorsement_no=number, description=f"No. {number}")
    rows = Endorsement.objects.within(acme).filter(policy_id=policy.id)
    joined = rows.order_by("-policy__policy_number", "-endorsement_no")
    columns = ("policy__policy_number", "endorsement_no")
    newest, plain, flat = read_together(
        [
            reading(joined.values_list(*columns)[:40], lambda *values: values),
            Reading((rows.order_by("endorsement_no").values("description")[:2],), list),
            Reading((rows.order_by("endorsement_no").values_list("id", flat=True)[:50],), list),
        ]
    )
    assert newest == tuple((policy.policy_number, number) for number in reversed(numbers))
    assert plain == ({"description": "No. 1"}, {"description": "No. 2"})
    assert flat == tuple(rows.order_by("endorsement_no").values_list("id", flat=True))


def test_it_reads_a_shared_query_once_and_none_for_nothing(policy: Policy, acme: Scope) -> None:
    factories.endorsement(acme, policy)
    rows = Endorsement.objects.within(acme).filter(policy_id=policy.id)
    numbers = reading(rows.values_list("endorsement_no")[:9], lambda number: number)
    sums = numbers.then(lambda found: [sum(found)])
    empty = reading(Endorsement.objects.none().values_list("id"), lambda key: key)
    with statements() as sent:
        assert read_together([numbers, sums, nothing()]) == [(1,), (1,), ()]
        assert list(sums) == [1]
        assert read_together([nothing()]) == [()]
        assert read_together([numbers, empty]) == [(1,), ()]
    assert len(sent) == 2  # a query read alone keeps its rows


def test_it_refuses_what_it_cannot_pack(policy: Policy, acme: Scope) -> None:
    rows = Endorsement.objects.within(acme).filter(policy_id=policy.id)
    plain = reading(rows.values_list("id")[:9], str)
    for other in (rows, rows.annotate(one=Value(1)).values_list("id", "one")):
        with pytest.raises(TypeError, match="plain columns"):
            read_together([plain, Reading((other[:9],), list)])
    with pytest.raises(TypeError, match="limit"):
        read_together([plain, reading(rows.order_by("id").values_list("id"), str)])


def test_it_names_each_branchs_index_and_limit(policy: Policy, acme: Scope) -> None:
    rows = Endorsement.objects.within(acme).filter(policy_id=policy.id)
    queries = [rows.order_by("endorsement_no").values_list("id")[:size] for size in (2, 3)]
    with statements() as sent:
        read_together([reading(query, str) for query in queries])
    sql = sent[0]["sql"]
    assert sql.count("UNION ALL") == 1
    assert sql.count("ORDER BY") == sql.count(acme.org_id) == 2
    assert [limit for limit in ("LIMIT 2)", "LIMIT 3)") if limit not in sql] == []


def test_it_leaks_nothing_from_another_scope(policy: Policy, acme: Scope, borealis: Scope) -> None:
    ours = reading(
        Endorsement.objects.within(acme).filter(policy_id=policy.id).values_list("id")[:9], str
    )
    with entered(borealis):
        theirs = reading(Endorsement.objects.within(borealis).values_list("id")[:9], str)
    with pytest.raises(TenantLeak):  # the guard: the manager has made the queries already
        read_together([ours, theirs])
    with entered(borealis), pytest.raises(TenantLeak):
        read_together([ours, ours.then(list), theirs])
