"""What others will try against the running program: isolation, crossing, bad input, health."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.e2e.conftest import Api, Console

ACME = "0190a000-0000-7000-8000-00000000000a"
BOREALIS = "0190a000-0000-7000-8000-00000000000b"
SUPPORT, FINANCE, THEIRS = "support@acme.test", "finance@acme.test", "support@borealis.test"
AUDITOR, DBOPS = "auditor@openinsure.test", "dbops@openinsure.test"

BAD = [
    "status=nonsense", "status=", "status=active&status=nonsense", "statsu=active", "sort=salary",
    "sort=-", "sort=premium_cents,id", "sort=org__users__password", "after=junk", "after=",
    "before=AAAA.BBBB", "after=x&before=y", "size=0", "size=9", "size=201", "size=1e9", "size=-50",
    "size=ten", "size=50&size=50", "page=2", "offset=100", "effective_from=2026-02-30",
    "effective_from=02/03/2026", "effective_from=2026-12-01&effective_to=2026-01-01",
    "expires_to=0000-00-00", "balance=lots", "state=Florida", "program=%27%20or%201=1",
    "columns=number,salary", "view=nothing", "format=xml", "q=%00", "orgId=", "orgId=1",
    f"orgId={ACME.upper()}", f"orgId={ACME}&orgId={BOREALIS}", "org_id=1", "ORGID=1", "peek=1",
]  # fmt: skip


def walk(api: Api, path: str, email: str) -> list[dict[str, Any]]:
    """All rows of a list, page by page."""
    rows: list[dict[str, Any]] = []
    while path:
        answer = api.get(path, email)
        assert answer.status == 200, answer.text
        rows += answer.json["rows"]
        path = answer.json["next"] or ""
    return rows


def test_it_shows_each_policy_of_the_org_once_and_of_no_other(api: Api) -> None:
    ours = walk(api, "/policies?size=200", SUPPORT)
    theirs = walk(api, "/policies?size=200&sort=-premium_cents", THEIRS)
    assert (len(ours), len(theirs)) == (1200, 480)
    assert len({row["id"] for row in ours}) == 1200
    assert not {row["id"] for row in ours} & {row["id"] for row in theirs}
    wanted = "id number term status insured program state effective expires premium_cents"
    assert set(wanted.split()) <= set(ours[0])


def test_it_marks_rows_and_page_in_html(api: Api) -> None:
    page = api.get("/policies", SUPPORT, accept="text/html").text
    assert 'data-page="policies.list"' in page
    assert f'data-org="{ACME}"' in page
    assert 'data-scope="own"' in page
    assert len(re.findall(r'<tr[^>]* data-id="[0-9a-f-]{36}"', page)) == 50
    assert 'rel="next"' in page


def test_it_gives_csv_to_those_who_may_export(api: Api) -> None:
    allowed = api.get("/policies?format=csv&status=cancelled", FINANCE, accept="text/csv")
    assert allowed.status == 200
    header, *lines = allowed.text.strip().splitlines()
    assert header.replace('"', "").split(",")[:2] == ["id", "number"]
    listed = walk(api, "/policies?size=200&status=cancelled", FINANCE)
    assert len(lines) == len(listed)
    assert api.get("/policies?format=csv", SUPPORT).status == 403


def test_it_answers_a_foreign_number_like_a_random_one(api: Api) -> None:
    ours = {row["number"] for row in walk(api, "/policies?size=200", SUPPORT)}
    theirs = {row["number"] for row in walk(api, "/policies?size=200", THEIRS)}
    foreign = sorted(theirs - ours)[0]
    assert len(ours & theirs) == 1  # the planted twin
    bodies = []
    for number in (foreign, "BOR-2026-999999"):
        answer = api.get(f"/policies/{number}", SUPPORT)
        assert answer.status == 404
        told = answer.json
        told.pop("request_id")
        bodies.append({key: str(value).replace(number, "N") for key, value in told.items()})
    assert bodies[0] == bodies[1]


def test_it_refuses_and_records_an_org_override(api: Api) -> None:
    refused = api.get(f"/policies?orgId={BOREALIS}", SUPPORT)
    assert (refused.status, refused.json["error"]) == (403, "org_override_forbidden")
    rows = api.get("/audit?size=50", "admin@acme.test").json["rows"]
    assert any(row["action"] == "crossorg.attempt" for row in rows)


def test_it_lets_an_auditor_read_with_a_record(api: Api) -> None:
    assert api.get("/policies", AUDITOR).json["error"] == "reason_required"
    crossed = api.get(f"/policies?orgId={BOREALIS}", AUDITOR)
    assert crossed.status == 200
    assert crossed.json["org"] == BOREALIS
    assert {row["number"][:3] for row in crossed.json["rows"]} <= {"BOR", "ACM"}


@pytest.mark.parametrize("query", BAD)
def test_it_refuses_malformed_input_by_name(api: Api, query: str) -> None:
    answer = api.get(f"/policies?{query}", SUPPORT)
    assert answer.status in {400, 403, 404}, (answer.status, answer.text)
    assert answer.json["message"]
    if answer.status == 400:
        assert answer.json["field"]
        assert answer.json["rule"]


def test_it_tells_the_state_of_six_databases(api: Api, console: Console) -> None:
    told = api.get("/ops", DBOPS).json["rows"]
    assert {row["slug"] for row in told} == {
        "ai", "spicedb", "oi-submissions", "oi-auth", "documenso-db", "tigerbeetle",
    }  # fmt: skip
    done = console.run("db", "status", "--json")
    assert done.returncode == 0, done.stderr
    assert api.get("/ops", SUPPORT).status == 403


def test_it_answers_probes_without_sign_in(api: Api) -> None:
    assert api.get("/healthz").status == 200
    assert api.get("/readyz").status == 200
    assert api.get("/version").json["version"]


def test_it_says_who_must_sign_in(api: Api) -> None:
    assert api.get("/policies").status == 401
    asked = api.get("/policies", accept="text/html")
    assert asked.status == 302
    assert asked.headers["location"].startswith("/login?next=")
