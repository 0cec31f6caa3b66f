"""The cost of a list: rows read at any depth, statements, and where a walk stops (decisions 8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from openinsure.keyspaces.ids import new_id
from openinsure.policies import queries
from openinsure.policies.filters import PolicyFilter
from openinsure.tenancy.listing import WALK_LIMIT_ROWS, Page, Position, Span
from openinsure.tenancy.scope import Scope, entered
from tests import factories
from tests.conftest import fresh_scope
from tests.policies.reads import counted
from tests.standing import Standing

pytestmark = pytest.mark.django_db(databases=["oi_policies"])

SIZE = 20
PROGRAMS, PRODUCERS = (new_id(), new_id()), (new_id(), new_id())
STATUSES = ("active", "bound", "cancelled")
DAY = date(2026, 3, 1)
ROWS = 600


@pytest.fixture(scope="module")
def standing_book(standing: Standing) -> Scope:
    """A book with ties in every sorted column, beside another organisation's; once a module."""
    ours, theirs = fresh_scope(), fresh_scope()
    with standing():
        for scope in (ours, theirs):
            factories.many_policies(scope, [values_of(number) for number in range(ROWS)])
    return ours


@pytest.fixture
def book(standing_book: Scope, db: None, nothing_kept: None) -> Iterator[Scope]:
    """The book as it was made, entered."""
    with entered(standing_book):
        yield standing_book


def values_of(number: int) -> dict[str, Any]:
    """The row of a number: sorted columns in blocks of seven equal values."""
    block = number // 7
    return {
        "status": STATUSES[number % 3],
        "program_id": PROGRAMS[number % 2],
        "producer_id": PRODUCERS[number // 2 % 2],
        "state": ("FL", "GA", "TX")[number % 3],
        "effective_date": DAY + timedelta(days=block),
        "expiration_date": DAY + timedelta(days=365 + block),
        "written_premium_cents": 100_000 + block,
        "insured_name_norm": f"haulier {block:05d}",
        "updated_at": factories.EARLIEST + timedelta(minutes=block),
    }


def read(scope: Scope, where: dict[str, Any], sort: str, **more: Any) -> Page[Any]:
    return queries.list_policies(scope, PolicyFilter(where), sort=sort, size=SIZE, **more)


def walk(scope: Scope, where: dict[str, Any], sort: str, descending: bool) -> Iterator[Page[Any]]:
    at: Position | None = None
    while True:
        page = read(scope, where, sort, descending=descending, at=at)
        yield page
        if page.next is None:
            return
        at = page.next


EXACT = [
    *(({}, sort) for sort in queries.POLICIES.sorts),
    *(({"status": ("active",)}, sort) for sort in ("updated", "effective", "expires")),
    ({"program_id": PROGRAMS[:1]}, "updated"),
    ({"producer_id": PRODUCERS[:1]}, "updated"),
    ({"state": ("FL",)}, "updated"),
    ({"effective_date": Span(DAY + timedelta(days=9), DAY + timedelta(days=60))}, "effective"),
    ({"expiration_date": Span(low=DAY + timedelta(days=400))}, "expires"),
    ({"status": ("active",), "expiration_date": Span(low=DAY)}, "expires"),
    ({"policy_number": Span(low="TST-", below="TST-\U0010ffff")}, "number"),
]


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize(("where", "sort"), EXACT)
def test_it_reads_a_page_and_one_row_at_any_depth(
    book: Scope, where: dict[str, Any], sort: str, descending: bool
) -> None:
    at: Position | None = None
    for depth in range(8):
        with counted() as reads:
            page = read(book, where, sort, descending=descending, at=at)
        assert reads.rows <= SIZE + (1 if depth == 0 else 2), f"page {depth}"
        assert not page.partial
        if page.next is None:
            break
        at = page.next
    assert depth >= 4
    assert page.previous is not None
    with counted() as reads:
        read(book, where, sort, descending=descending, at=page.previous)
    assert reads.rows <= SIZE + 2


@pytest.mark.parametrize(
    ("where", "sort"),
    [*EXACT, ({"status": ("active", "bound")}, "expires"), ({"state": ("FL", "TX")}, "number")],
)
@pytest.mark.parametrize("descending", [True, False])
def test_it_walks_every_row_once_in_order_there_and_back(
    book: Scope, where: dict[str, Any], sort: str, descending: bool
) -> None:
    pages = list(walk(book, where, sort, descending))
    there = [row.id for page in pages for row in page.rows]
    expected = expected_ids(book, where, sort, descending)
    assert there == expected
    back = [row.id for row in reversed(pages[-1].rows)]
    at = pages[-1].previous
    while at is not None:
        page = read(book, where, sort, descending=descending, at=at)
        back += [row.id for row in reversed(page.rows)]
        at = page.previous
    assert back == expected[::-1]


def expected_ids(scope: Scope, where: dict[str, Any], sort: str, descending: bool) -> list[str]:
    """The same list by the ORM, without a page, a hint or a cursor."""
    rows = queries.Policy.objects.within(scope)
    for column, condition in where.items():
        if isinstance(condition, Span):
            bounds = {"gte": condition.low, "lte": condition.high, "lt": condition.below}
            rows = rows.filter(
                **{f"{column}__{name}": value for name, value in bounds.items() if value}
            )
        else:
            rows = rows.filter(**{f"{column}__in": condition})
    sign = "-" if descending else ""
    column = queries.POLICIES.sorts[sort].column
    return list(rows.order_by(f"{sign}{column}", f"{sign}id").values_list("id", flat=True))


def test_it_gives_each_row_once_while_others_are_added(book: Scope) -> None:
    before = set(expected_ids(book, {}, "updated", True))
    seen: list[str] = []
    for page in walk(book, {}, "updated", True):
        seen += [row.id for row in page.rows]
        factories.policy(book, updated_at=factories.EARLIEST + timedelta(days=900))
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def test_it_takes_one_statement_and_a_branch_per_value(book: Scope) -> None:
    with CaptureQueriesContext(connections["oi_policies"]) as run, counted() as reads:
        page = read(book, {"status": ("active", "bound", "cancelled")}, "updated")
    assert len(run) == 1
    assert run[0]["sql"].count("UNION ALL") == 2
    assert len(page.rows) == SIZE
    # Three branches of a page each, written to a temporary table and read back sorted.
    assert reads.rows <= 3 * (SIZE + 1) * 3 + 5


def test_it_counts_to_a_thousand_and_stops(book: Scope) -> None:
    with counted() as reads:
        count = queries.count_policies(book, PolicyFilter(), sort="updated")
    assert (count.rows, count.at_least) == (ROWS, False)
    assert reads.rows <= 2 * ROWS + 5
    factories.many_policies(book, [values_of(number) for number in range(500)])
    with counted() as reads:
        count = queries.count_policies(book, PolicyFilter(), sort="updated")
    assert (count.rows, count.at_least) == (1_000, True)
    assert reads.rows <= 2 * 1_001 + 5


def test_it_stops_a_search_that_no_index_answers(book: Scope) -> None:
    """A rare combination: 2,000 rows read a request, then it says how far it got."""
    factories.many_policies(book, [values_of(3 * number) for number in range(2_600)])
    where = {"status": ("bound",), "effective_date": Span(DAY, DAY + timedelta(days=20))}
    expected = expected_ids(book, where, "number", False)
    seen: list[str] = []
    partial = 0
    for page in pages_with_cost(book, where, "number"):
        seen += [row.id for row in page.rows]
        partial += page.partial
        assert page.partial == (len(page.rows) < SIZE and page.next is not None)
    assert partial >= 1
    assert seen == expected
    assert expected


def pages_with_cost(scope: Scope, where: dict[str, Any], sort: str) -> Iterator[Page[Any]]:
    at: Position | None = None
    while True:
        with CaptureQueriesContext(connections["oi_policies"]) as run, counted() as reads:
            page = read(scope, where, sort, descending=False, at=at)
        assert reads.rows <= WALK_LIMIT_ROWS + 4
        assert len(run) <= 2
        yield page
        if page.next is None:
            return
        at = page.next


def test_it_hides_other_organisations_rows_from_ids_too(acme: Scope, borealis: Scope) -> None:
    theirs, ours = factories.policy(borealis), factories.policy(acme)
    with entered(acme):
        assert set(queries.policies_by_id(acme, [ours.id, theirs.id])) == {ours.id}


def test_it_has_the_indexes_that_it_hints() -> None:
    cursor = connections["oi_policies"]
    cursor.ensure_connection()
    driver = cursor.connection.cursor()
    driver.execute(
        "SELECT index_name, GROUP_CONCAT(column_name ORDER BY seq_in_index) "
        "FROM information_schema.statistics WHERE table_schema = DATABASE() "
        "AND table_name = 'policies' GROUP BY index_name"
    )
    live = dict(driver.fetchall())
    for sort in queries.POLICIES.sorts.values():
        assert live[sort.index] == f"org_id,{sort.column},id"
        for column, index in sort.within.items():
            assert live[index] == f"org_id,{column},{sort.column},id"
