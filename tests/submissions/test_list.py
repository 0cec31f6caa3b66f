"""GET /submissions: whose rows, which stage, which view, at what cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from openinsure.submissions.filters import SubmissionFilter
from openinsure.submissions.queries import list_submissions
from openinsure.submissions.states import STAGES
from openinsure.tenancy.listing import Span
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people
from tests.policies.reads import counted
from tests.submissions import world

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_submissions"])
FIELDS = {"id", "number", "status", "insured", "received_at", "stage"}
PAGE = 10


@pytest.fixture
def script(db: None, acme: Scope) -> Client:
    """A program with an underwriter's token of acme."""
    return people.bearer(acme.org_id, "underwriter")


def told(client: Client, address: str, status: int = 200) -> Any:
    response = client.get(address)
    assert response.status_code == status, response.content
    return response.json()


def numbers(client: Client, address: str) -> list[str]:
    return [row["number"] for row in told(client, address)["rows"]]


def test_it_hides_other_orgs(acme_support: Client, acme: Scope, borealis: Scope) -> None:
    ours, theirs = world.submission(acme), world.submission(borealis)
    page = acme_support.get("/submissions").content.decode()
    assert f'<tr data-id="{ours.id}" data-state="received">' in page
    assert 'data-page="submissions.list"' in page
    assert theirs.id not in page
    assert theirs.submission_number not in page


@pytest.mark.parametrize(("status", "stage"), STAGES.items())
def test_it_tells_the_stage_of_each_status(
    script: Client, acme: Scope, status: str, stage: str
) -> None:
    row = world.submission(acme, status=status)
    (line,) = told(script, f"/submissions?status={status}")["rows"]
    assert set(line) >= FIELDS
    assert (line["id"], line["stage"]) == (row.id, stage)
    assert line["received_at"].endswith("Z")


def test_it_offers_open_mine_and_unassigned(acme: Scope) -> None:
    me = people.account(acme.org_id, "underwriter").user_id
    new = world.submission(acme)
    mine = world.submission(acme, status="in_review", assigned_underwriter_id=me)
    world.submission(acme, status="declined", assigned_underwriter_id=me)
    with entered(acme):
        found = {
            name: [
                row.number
                for row in list_submissions(
                    acme, SubmissionFilter.of(asked(name), viewer_id=me), sort="updated"
                ).rows
            ]
            for name in ("open", "mine", "unassigned")
        }
    assert found == {
        "open": [mine.submission_number, new.submission_number],
        "mine": [mine.submission_number],
        "unassigned": [new.submission_number],
    }


def asked(view: str) -> Any:
    """As much of a list request as a filter reads."""
    from types import SimpleNamespace

    return SimpleNamespace(view=view, q="", many=lambda _: (), day=lambda _: None)


def test_it_takes_whole_days_of_receipt(script: Client, acme: Scope) -> None:
    midnight = factories.EARLIEST.replace(hour=0)
    rows = [
        world.submission(acme, received_at=midnight + timedelta(hours=hours))
        for hours in (-1, 0, 23, 24)
    ]
    day = midnight.date().isoformat()
    address = f"/submissions?received_from={day}&received_to={day}&sort=received_at"
    assert numbers(script, address) == [row.submission_number for row in rows[1:3]]


@pytest.mark.parametrize(
    "sort", ["received_at", "number", "insured", "target_premium_cents", "updated"]
)
def test_it_pages_every_sort_both_ways(script: Client, acme: Scope, sort: str) -> None:
    for number in range(25):
        world.submission(acme, target_premium_cents=number // 3 * 100)
    for way in ("", "-"):
        whole = numbers(script, f"/submissions?sort={way}{sort}&size=200")
        walked: list[str] = []
        address: str | None = f"/submissions?sort={way}{sort}&size={PAGE}"
        while address:
            body = told(script, address)
            walked += [row["number"] for row in body["rows"]]
            address = body["next"]
        assert walked == whole
        assert len(whole) == 25


EXACT: list[tuple[str, dict[str, Any]]] = [
    (sort, {}) for sort in ("received_at", "number", "insured", "target_premium_cents", "updated")
] + [
    ("received_at", {"status": ("received",)}),
    ("updated", {"state": ("FL",)}),
    ("updated", {"assigned_underwriter_id": ("u",)}),
    ("received_at", {"received_at": Span(low=factories.EARLIEST)}),
]


@pytest.mark.parametrize(("sort", "where"), EXACT)
def test_it_reads_no_more_than_it_shows(acme: Scope, sort: str, where: dict[str, Any]) -> None:
    for number in range(60):
        status = ("received", "in_review", "declined")[number % 3]
        world.submission(acme, status=status, assigned_underwriter_id="u")
    with entered(acme), counted("oi_submissions") as reads:
        page = list_submissions(acme, SubmissionFilter(where), sort=sort, size=PAGE)
    assert len(page.rows) == PAGE
    assert reads.rows <= PAGE + 2


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=nonsense", "status"),
        ("stage=review", "stage"),
        ("underwriter=nobody", "underwriter"),
        ("received_from=2026-13-01", "received_from"),
        ("received_from=2026-02-01&received_to=2026-01-01", "received_to"),
        ("q=Road+Runner", "q"),
        ("view=theirs", "view"),
    ],
)
def test_it_names_the_parameter_it_cannot_read(script: Client, query: str, field: str) -> None:
    body = told(script, f"/submissions?{query}", status=400)
    assert body["field"] == field
