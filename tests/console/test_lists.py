"""Lists without a database: what is declared is what is read, linked and told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast

import pytest
from django.test import RequestFactory

from openinsure.console.columns import Column, plain
from openinsure.console.exports_files import defused
from openinsure.console.filters import Days, OneOf, Option, Text
from openinsure.console.list_view import ListView
from openinsure.console.lists import Ask, ListPage, Search, ask
from openinsure.console.request import ConsoleRequest
from openinsure.problems import BadFilter
from openinsure.tenancy.listing import Page, Position
from openinsure.tenancy.scope import OrgScope

ORG = "0190a000-0000-7000-8000-00000000000a"
THINGS = ListPage(
    name="things.list",
    title="Things",
    noun="thing",
    nouns="things",
    columns=(
        Column(name="name", label="Name", sort="ascending"),
        Column(name="at", label="At", kind="instant", sort="descending"),
        Column(name="note", label="Note", shown=False),
    ),
    default_sort="-at",
    filters=(
        OneOf("kind", "Kind", (Option("a", "First"), Option("b", "Second")), many=True),
        OneOf("owner", "Owner", noun="owner"),
        Days("made", "Made"),
        Text("code", "Code", r"[A-Z]{3}", "must be three capital letters"),
    ),
)


@dataclass(frozen=True)
class Thing:
    id: str
    name: str
    at: datetime
    note: str | None = None


def asked(query: str = "", page: ListPage = THINGS) -> Ask:
    return ask(request_of(query), page, options={"owner": (Option("me", "Me"),)})


def request_of(query: str) -> ConsoleRequest:
    request = cast(ConsoleRequest, RequestFactory().get(f"/things?{query}"))
    request.scope = OrgScope(org_id=ORG, subject="someone")
    return request


def view(query: str, page: Page[Any]) -> ListView:
    return ListView(request=request_of(query), ask=asked(query), page=page, countable=False)


def thing(number: int) -> Thing:
    return Thing(f"id{number}", f"Thing {number}", datetime(2026, 1, 1, tzinfo=UTC))


def test_it_has_defaults() -> None:
    wanted = asked()
    assert (wanted.sort, wanted.descending, wanted.size) == ("at", True, 50)
    assert [column.name for column in wanted.columns] == ["name", "at"]
    assert not wanted.filtered


def test_it_reads_canonical_values() -> None:
    wanted = asked("kind=b&kind=a&kind=b&owner=me&made_from=2026-01-02&made_to=&code=ABC")
    assert wanted.many("kind") == ("a", "b")
    assert (wanted.one("owner"), wanted.one("code")) == ("me", "ABC")
    assert (wanted.day("made_from"), wanted.day("made_to")) == (date(2026, 1, 2), None)
    assert wanted.filtered


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("owner=you", "The parameter owner must be the code of one owner of this organization."),
        ("code=abc", "The parameter code must be three capital letters."),
        ("code=ABC&code=ABD", "The parameter code may stand only once."),
        ("kind=c", "The parameter kind must be one of a, b."),
        ("q=x", "The parameter q is not offered by the list of things."),
        ("view=x", "The parameter view is not offered by the list of things."),
        (
            "sort=note",
            "The parameter sort must be one of name, at, with - before it for descending.",
        ),
        ("what=1", "The parameter what is not known to the list of things."),
    ],
)
def test_it_refuses_in_words(query: str, message: str) -> None:
    with pytest.raises(BadFilter) as refused:
        asked(query)
    assert refused.value.message == message


def test_it_binds_cursors_to_organisation_order_and_filters() -> None:
    bound = {asked(query).bound_to for query in ("", "sort=name", "sort=at", "kind=a", "kind=b")}
    assert len(bound) == 5
    assert asked("kind=a&kind=b").bound_to == asked("kind=b&kind=a").bound_to
    assert asked("size=20&columns=name&orgId=x").bound_to == asked().bound_to
    other = request_of("")
    other.scope = OrgScope(org_id=ORG[:-1] + "b", subject="someone")
    assert ask(other, THINGS).bound_to != asked().bound_to


def test_it_lets_a_search_bring_its_order() -> None:
    from dataclasses import replace

    searching = replace(THINGS, search=Search("Name", "[a-z]+", "must be letters", sort="name"))
    assert asked("q=abc", searching).sort == "name"
    assert asked("q=abc&sort=at", searching).sort == "at"


def test_it_keeps_everything_else_in_its_links() -> None:
    shown = view("kind=a&sort=name&orgId=o&size=20&peek=" + ORG, Page((thing(1),)))
    assert shown.chips[0].href == "/things?sort=name&orgId=o&size=20"
    assert shown.heads[0].sorted == "ascending"
    assert shown.heads[0].href == "/things?kind=a&sort=-name&orgId=o&size=20"
    assert shown.heads[1].href == "/things?kind=a&sort=-at&orgId=o&size=20"
    assert shown.offers[2].hidden == (
        ("kind", "a"),
        ("sort", "name"),
        ("orgId", "o"),
        ("size", "20"),
    )
    assert shown.cleared_href == "/things?sort=name&orgId=o&size=20"
    assert shown.next_href is None
    assert shown.previous_href is None


def test_it_counts_its_way_through_the_pages() -> None:
    here = Position("x", "k")
    first = view("size=10", Page(tuple(map(thing, range(10))), next=here))
    assert first.start == 0
    second = view((first.next_href or "").partition("?")[2], Page((thing(1),), previous=here))
    assert second.start == 10


def test_it_tells_programs_the_rows_and_the_next_address() -> None:
    told = view("", Page((thing(1),), next=Position("x", "k"))).json()
    assert told["rows"] == [
        {"id": "id1", "name": "Thing 1", "at": "2026-01-01T00:00:00Z", "note": None}
    ]
    assert told["next"].startswith("/things?after=")
    partial = view("", Page((), next=Position("x", "k"), searched_to="x")).json()
    assert (partial["partial"], partial["searched_to"]) == (True, "x")


def test_it_never_hides_the_last_column() -> None:
    links = view("columns=name", Page(())).tools.columns
    assert [(link.label, link.current) for link in links] == [("At", False), ("Note", False)]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1", "'=1"),
        ("-1", "'-1"),
        ("＝1", "'＝1"),
        ("\t1", "'\t1"),
        ("a=1", "a=1"),
        (-1, -1),
        (None, ""),
        (True, "true"),
    ],
)
def test_it_disarms_text_only(value: Any, cell: Any) -> None:
    assert defused(value) == cell


def test_it_passes_no_float_on() -> None:
    with pytest.raises(TypeError):
        plain(0.1)
