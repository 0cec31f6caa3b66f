"""/ops, /ops/db/<slug>, its migrations, and "check now": stored readings, marks, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dbops import collect, store
from dbops.inventory import Target
from dbops.models import StoredReading
from dbops.readings import Drift, Keyspace, Migration, Reading, State
from tests.dbops.test_status_command import KEYS

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])
Use = Callable[..., list[Target]]
SLUGS = ["ai", "spicedb", "oi-submissions", "oi-auth", "documenso-db", "tigerbeetle"]
JSON = {"HTTP_ACCEPT": "application/json"}
ENTRY = """
[[database]]
slug = "{slug}"
name = "books/{slug}"
engine = "tigerbeetle"
host = "own"
tool = "none"
owner = "self"
status = "{status}"
[database.places.local]
url_env = "{variable}"
"""


def reading(state: State, detail: str = "190 tables", **more: Any) -> Reading:
    return Reading(state=state, detail=detail, read_at=timezone.now(), **more)


def saved(slug: str, found: Reading) -> None:
    store.save(slug, found, taken_by="beat")


@pytest.fixture
def ai() -> Reading:
    """A pending keyspace of ai, stored."""
    found = reading(
        State.PENDING,
        "1 pending: oi_claims/0004_x; 190 tables across 5 keyspaces",
        applied=22,
        available=23,
        pending=("oi_claims/0004_x",),
        keyspaces=(Keyspace("oi_claims", 29, 29, State.PENDING),),
        migrations=(
            Migration("0000_baseline", "oi_claims", "applied", "a" * 64, None, 29, "row 1"),
            Migration("0004_x", "oi_claims", "pending", "b" * 64, None, 2, "no ledger row", "run"),
        ),
    )
    saved("ai", found)
    return found


def test_it_shows_every_database_even_before_the_first_look(operator: Client) -> None:
    html = operator.get("/ops").content.decode()
    assert 'data-page="ops.status"' in html
    for slug in SLUGS:
        assert f'data-db="{slug}" data-state="unknown"' in html
    assert "not read yet" in html


def test_it_puts_the_worst_first(operator: Client, ai: Reading) -> None:
    saved("oi-auth", reading(State.UNREACHABLE, "refused", error="refused"))
    saved("tigerbeetle", reading(State.RUNNING, "embedded"))
    told = operator.get("/ops", **JSON).json()
    assert told["page"] == "ops.status"
    assert told["rows"][0]["slug"] == "oi-auth"
    assert told["rows"][-1]["slug"] == "tigerbeetle"
    assert list(told["rows"][0]) == KEYS


def test_it_says_in_json_what_the_command_says(operator: Client, ai: Reading) -> None:
    row = next(r for r in operator.get("/ops", **JSON).json()["rows"] if r["slug"] == "ai")
    assert (row["state"], row["pending"], row["applied"]) == ("pending", ["oi_claims/0004_x"], 22)
    assert row["keyspaces"] == [
        {"name": "oi_claims", "tables": 29, "expected": 29, "state": "pending"}
    ]


def test_it_never_shows_an_old_reading_green(operator: Client) -> None:
    old = reading(State.RUNNING)._replace(read_at=timezone.now() - timedelta(minutes=10))
    saved("tigerbeetle", old)
    html = operator.get("/ops").content.decode()
    row = html.split('id="db-tigerbeetle"')[1].split("</tr>")[0]
    assert "data-stale" in row
    assert 'data-tone="ok"' not in row


def test_it_shows_the_unknown_dashed_and_grey(operator: Client) -> None:
    saved("ai", reading(State.UNKNOWN, "no answer within 2 s", error="no answer within 2 s"))
    row = operator.get("/ops").content.decode().split('id="db-ai"')[1].split("</tr>")[0]
    assert 'data-tone="neutral" data-unknown' in row


def test_it_sets_apart_what_does_not_count(operator: Client) -> None:
    saved("spicedb", reading(State.UNKNOWN, "not installed", counted=False))
    html = operator.get("/ops").content.decode()
    assert 'data-db="spicedb"' in html.split('data-panel="apart"')[1]


def test_it_finds_a_seventh_database_in_the_file(operator: Client, use: Use) -> None:
    use(
        ENTRY.format(slug="seventh", status="active", variable="SEVENTH_URL")
        + ENTRY.format(slug="old", status="legacy", variable="OLD_URL"),
        SEVENTH_URL="",
    )
    collect.collect(now=timezone.now())
    told = operator.get("/ops", **JSON).json()["rows"]
    assert [(row["slug"], row["state"]) for row in told] == [
        ("seventh", "running"), ("old", "running"),
    ]  # fmt: skip
    assert operator.get("/ops/db/seventh").status_code == 200


def test_it_shows_one_database(operator: Client, ai: Reading) -> None:
    html = operator.get("/ops/db/ai").content.decode()
    assert 'data-page="ops.database"' in html
    assert '<progress max="29" value="29"' in html
    assert "openinsure db migrate --ps --dry-run" in html
    assert "READER_URL" in html  # the name of the variable, never its value
    assert 'data-runbook="Pending: files that have not run"' in html  # beside what it explains
    assert operator.get("/ops/db/ai", **JSON).json()["row"]["slug"] == "ai"


def test_it_shows_no_credential(operator: Client, use: Use, closed_port: int) -> None:
    use(
        ENTRY.format(slug="secret", status="active", variable="SECRET_PLACE_URL"),
        SECRET_PLACE_URL=f"operator:hunter2@127.0.0.1:{closed_port}",
    )
    collect.collect(now=timezone.now())
    for page in ("/ops", "/ops/db/secret", "/ops/db/secret/migrations"):
        assert "hunter2" not in operator.get(page).content.decode()
    assert "hunter2" not in json.dumps(list(StoredReading.objects.values("said", "slug")))


def test_it_keeps_a_history_of_changes(operator: Client) -> None:
    for state in (State.UNVERIFIED, State.UNVERIFIED, State.UNREACHABLE, State.UNVERIFIED):
        saved("ai", reading(state))
    assert StoredReading.objects.filter(slug="ai").count() == 3
    shown = operator.get("/ops/db/ai", **JSON).json()["panels"]["history"]["rows"]
    assert [row["state"] for row in shown] == ["unverified", "unreachable", "unverified"]


def test_it_lists_migrations(operator: Client, ai: Reading) -> None:
    html = operator.get("/ops/db/ai/migrations").content.decode()
    assert 'data-migration="0004_x" data-state="pending"' in html
    told = operator.get("/ops/db/ai/migrations?state=pending", **JSON).json()
    assert told["page"] == "ops.migrations"
    assert told["rows"] == [
        {"tag": "0004_x", "keyspace": "oi_claims", "state": "pending", "hash": "b" * 64,
         "applied_at": None, "statements": 2, "evidence": "no ledger row", "repair": "run",
         "run": None}
    ]  # fmt: skip


@pytest.mark.parametrize(
    "query", ["state=fine", "keyspace=mars", "sort=tag", "state=", "colour=red", "keyspace=%00"]
)
def test_it_refuses_filters_it_does_not_know(operator: Client, ai: Reading, query: str) -> None:
    answer = operator.get(f"/ops/db/ai/migrations?{query}", **JSON)
    assert answer.status_code == (200 if query == "state=" else 400), answer.content


@pytest.mark.parametrize("path", ["/ops/db/nowhere", "/ops/db/nowhere/migrations", "/ops/db/UP!"])
def test_it_knows_only_the_inventory(operator: Client, path: str) -> None:
    assert operator.get(path).status_code == 404
    assert operator.post("/ops/db/nowhere/readings").status_code == 404


def test_it_keeps_the_migrations_of_the_last_readable_look(operator: Client, ai: Reading) -> None:
    saved("ai", reading(State.UNREACHABLE, error="refused the connection"))
    rows = operator.get("/ops/db/ai/migrations", **JSON).json()["rows"]
    assert len(rows) == 2


def test_it_checks_one_database_now(operator: Client, use: Use) -> None:
    use(ENTRY.format(slug="tb", status="active", variable="TB_URL"), TB_URL="")
    answer = operator.post("/ops/db/tb/readings")
    assert (answer.status_code, answer["Location"]) == (303, "/ops")
    fragment = operator.post("/ops/db/tb/readings", HTTP_HX_REQUEST="true").content.decode()
    assert fragment.lstrip().startswith('<tr id="db-tb"')
    stored = StoredReading.objects.get(slug="tb")
    assert (stored.state, stored.taken_by) == ("running", "button")
    assert operator.get("/ops/db/tb/readings").status_code == 405


@pytest.mark.parametrize("path", ["/ops", "/ops/db/ai", "/ops/db/ai/migrations"])
def test_it_is_for_those_who_may_view_databases(
    acme_support: Client, client: Client, path: str
) -> None:
    assert acme_support.get(path).status_code == 403
    assert client.get(path).status_code == 302
    assert client.get(path, **JSON).status_code == 401
    assert acme_support.post("/ops/db/ai/readings").status_code == 403


def test_it_reads_the_list_in_one_statement(
    operator: Client, ai: Reading, django_assert_num_queries: Any
) -> None:
    from dbops import queries

    with django_assert_num_queries(1):
        queries.latest_readings(now=timezone.now())


def test_it_stores_a_reading_and_gives_it_back() -> None:
    from dbops.packing import pack, unpack

    found = reading(
        State.DRIFTED,
        drift=Drift(critical=1),
        drift_checked_at=timezone.now(),
        findings=("table_missing a.b",),
        keyspaces=(Keyspace("a", None, 3, State.UNKNOWN),),
        version="15.4",
    )
    said = json.loads(json.dumps(pack(found)))
    assert unpack(said, read_at=found.read_at, latency_ms=found.latency_ms) == found


def test_it_reads_a_runbook_in_sections(tmp_path: Path) -> None:
    from dbops.runbooks import parse

    first, second = parse('# Title\n\nOne\nline with `code`.\n\n## "A `b`"\n- item\n```\ncmd\n```')
    assert (first.title, first.blocks[0].words) == ("", ("One line with ", "code", "."))
    assert second.title == '"A b"'
    assert [block.kind for block in second.blocks] == ["item", "code"]
