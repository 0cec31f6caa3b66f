"""Fourteen states x Drizzle, D1, Prisma on real ledgers: the command and the page say the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import MySQLdb
import psycopg2
import pytest
from django.db.models import Model
from django.test import Client

from dbops import collect
from dbops.cli.main import main
from dbops.history.states import FileState
from dbops.inventory import Target
from dbops.models import FirstSeen, MigrationLease, MigrationRun, StoredReading
from tests.dbops.benches import Bench, D1Bench, DrizzleBench, PrismaBench
from tests.dbops.conftest import NOW, MySql, look
from tests.dbops.test_file_states import POSSIBLE

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])
Use = Callable[..., list[Target]]
Tell = Callable[[Model], None]
JSON = {"accept": "application/json"}
FAR = datetime(2037, 1, 1, tzinfo=NOW.tzinfo)  # times are the server's own here
SLUG = "books"


@pytest.fixture
def bench(request: pytest.FixtureRequest, use: Use, tmp_path: Path) -> Bench:
    """The tool of the parameter."""
    tool = request.param
    if tool == "d1":
        return D1Bench(tmp_path, use)
    if tool == "drizzle":
        mysql, schema = (request.getfixturevalue(name) for name in ("mysql", "schema"))
        return DrizzleBench(tmp_path, use, mysql, schema)
    postgres, database = (request.getfixturevalue(name) for name in ("postgres", "pg_database"))
    return PrismaBench(tmp_path, use, postgres, database)


@pytest.fixture
def tell(mysql: MySql, console: str) -> Tell:
    """One row in the console database of the page and in that of the command."""

    def both(row: Model) -> None:
        row.save()
        values = {field.column: getattr(row, field.attname) for field in row._meta.fields}
        columns = ", ".join(f"`{name}`" for name in values)
        marks = ", ".join(["%s"] * len(values))
        one = MySQLdb.connect(
            host=mysql.dsn.host, port=mysql.dsn.port, user=mysql.dsn.user,
            password=mysql.dsn.password, database=console, autocommit=True,
        )  # fmt: skip
        with closing(one), one.cursor() as cursor:
            plain = [
                v.replace(tzinfo=None) if isinstance(v, datetime) else v for v in values.values()
            ]
            cursor.execute(f"INSERT INTO {row._meta.db_table} ({columns}) VALUES ({marks})", plain)

    return both


def run_of(bench: Bench, **more: Any) -> MigrationRun:
    facts: dict[str, Any] = {
        "slug": SLUG, "keyspace": bench.schema, "tag": bench.tag(2), "sha256": bench.sha(2),
        "kind": "migrate", "ran_by": "ada@example.com", "statements": 2, "started_at": NOW,
    }  # fmt: skip
    return MigrationRun(**{**facts, **more})


def first_seen(bench: Bench) -> FirstSeen:
    return FirstSeen(
        slug=SLUG, label=bench.tag(2), sha256=bench.sha(2), seen_at=NOW,
        content=bench.path(2).read_bytes(),
    )  # fmt: skip


def unknown(bench: Bench, tell: Tell) -> None:
    bench.apply(1)
    bench.write(2, b"ALTER TABLE accounts ADD \xff\xfe int;")


def marked(bench: Bench, tell: Tell) -> None:
    if isinstance(bench, PrismaBench):  # as `prisma migrate resolve --applied` leaves it
        bench.apply(1)
        bench.statements(2)
        bench.row(2, steps=0)
        bench.apply(3)
        return
    bench.apply(1, 2, 3)
    tell(run_of(bench, ended_at=NOW, outcome="applied", by_hand=True))


def failed(bench: Bench, tell: Tell) -> None:
    bench.apply(1)
    bench.statements(2, 1)
    bench.row(2, failed=True)


def rolled_back(bench: Bench, tell: Tell) -> None:
    bench.apply(1)
    bench.row(2, rolled_back=True)
    bench.remove(3)


def modified(bench: Bench, tell: Tell) -> None:
    bench.apply(1, 2, 3)
    if isinstance(bench, D1Bench):  # the tool has no hash: the console's own record is the base
        tell(first_seen(bench))
    bench.write(2, bench.path(2).read_bytes() + b"\n-- edited")


def out_of_order(bench: Bench, tell: Tell) -> None:
    if isinstance(bench, DrizzleBench):  # its migrator passes such a file over: a person ran it
        bench.apply(1, 3, 2)
    else:
        bench.apply(1, 3)


def applied(bench: Bench, tell: Tell) -> None:
    bench.apply(1, 2, 3)


def renumbered(bench: Bench, tell: Tell) -> None:
    bench.apply(1)
    bench.statements(2)
    bench.row(2, when=1500)
    bench.remove(3)


def in_flight(bench: Bench, tell: Tell) -> None:
    bench.apply(1)
    bench.statements(2, 1)
    bench.remove(3)
    before = NOW - timedelta(minutes=1)
    tell(MigrationLease(slug=SLUG, holder="ada host:1", taken_at=before, until=FAR))
    tell(run_of(bench, begun=2, ended=1))


def live_unrecorded(bench: Bench, tell: Tell) -> None:
    bench.apply(1)
    bench.statements(2)
    bench.remove(3)
    tell(run_of(bench, kind="deploy", ended_at=NOW, outcome="applied", revertable_until=FAR))


def partial(bench: Bench, tell: Tell) -> None:
    bench.apply(1)
    bench.statements(2, 1)


def skipped(bench: Bench, tell: Tell) -> None:
    bench.apply(1, 3)


def pending(bench: Bench, tell: Tell) -> None:
    bench.apply(1)


def orphaned(bench: Bench, tell: Tell) -> None:
    bench.apply(1, 2, 3)
    bench.remove(2)


BENT: dict[FileState, Callable[[Bench, Tell], None]] = {
    FileState(one.__name__): one
    for one in (
        *(unknown, marked, failed, rolled_back, modified, out_of_order, applied, renumbered),
        *(in_flight, live_unrecorded, partial, skipped, pending, orphaned),
    )
}
# What the file makes of its database, and the exit code of `db status`.
ROLLED = {
    FileState.UNKNOWN: ("unknown", 5),
    FileState.MARKED: ("unverified", 0),
    FileState.FAILED: ("failed", 6),
    FileState.ROLLED_BACK: ("pending", 6),
    FileState.MODIFIED: ("modified", 6),
    FileState.OUT_OF_ORDER: ("orphaned", 6),
    FileState.APPLIED: ("unverified", 0),
    FileState.RENUMBERED: ("modified", 6),
    FileState.IN_FLIGHT: ("pending", 6),
    FileState.LIVE_UNRECORDED: ("revert_window", 0),
    FileState.PARTIAL: ("partial", 6),
    FileState.SKIPPED: ("skipped", 6),
    FileState.PENDING: ("pending", 6),
    FileState.ORPHANED: ("orphaned", 6),
}


def test_it_bends_a_ledger_into_every_state() -> None:
    assert set(BENT) == set(ROLLED) == set(FileState)


@pytest.mark.parametrize(("bench", "state"), POSSIBLE, indirect=["bench"])
def test_it_says_the_same_by_command_and_page(
    bench: Bench,
    state: FileState,
    tell: Tell,
    operator: Client,
    capsys: pytest.CaptureFixture[str],
) -> None:
    BENT[state](bench, tell)
    rolled, code = ROLLED[state]
    if state is FileState.OUT_OF_ORDER and isinstance(bench, DrizzleBench):
        rolled, code = "unverified", 0  # applied late: information

    assert main(["db", "status", "--json", "--timeout", "20"]) == code
    (told,) = json.loads(capsys.readouterr().out)["databases"]
    assert told["state"] == rolled

    collect.check_now(SLUG, now=NOW)
    (row,) = operator.get("/ops", headers=JSON).json()["rows"]
    assert (row["state"], row["pending"], row["applied"], row["available"]) == (
        told["state"], told["pending"], told["applied"], told["available"],
    )  # fmt: skip
    shown = operator.get(f"/ops/db/{SLUG}/migrations", headers=JSON).json()["rows"]
    tag = bench.tag(2)
    mine = shown[-1] if state is FileState.ORPHANED else next(m for m in shown if m["tag"] == tag)
    assert mine["state"] == state
    html = operator.get(f"/ops/db/{SLUG}/migrations").content.decode()
    assert f'data-migration="{mine["tag"]}" data-state="{state}"' in html


@pytest.mark.parametrize("bench", ["drizzle", "d1", "prisma"], indirect=True)
def test_it_calls_a_row_by_hand_without_its_objects_drift(bench: Bench, tell: Tell) -> None:
    bench.apply(1)
    bench.row(2, steps=0)
    if not isinstance(bench, PrismaBench):
        tell(run_of(bench, ended_at=NOW, outcome="applied", by_hand=True))
    collect.check_now(SLUG, now=NOW)
    stored = StoredReading.objects.get()
    assert stored.state == "drifted"
    assert "recorded_not_live" not in stored.said["detail"]  # a name, in the rows only


@pytest.mark.parametrize("bench", ["prisma"], indirect=True)
def test_it_sees_prismas_own_run_under_way(bench: PrismaBench) -> None:
    bench.apply(1)
    bench.row(2, failed=True)
    bench.remove(3)
    assert look(bench.target).state == "failed"
    holder = psycopg2.connect(bench.postgres.url(bench.database))
    with closing(holder), holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(72707369)")
        reading = look(bench.target)
    assert (reading.state, reading.migrations[1].state) == ("pending", "in_flight")


@pytest.mark.parametrize("bench", ["prisma"], indirect=True)
def test_it_masks_what_prismas_logs_may_hold(bench: PrismaBench) -> None:
    bench.apply(1)
    bench.row(
        2, failed=True,
        logs='duplicate key value violates "u" DETAIL: Key (email)=(ada@example.com) exists.'
        " ssn 123456789 at postgres://ada:hunter2@db/x Failing row contains (1, Ada).",
    )  # fmt: skip
    said = look(bench.target).migrations[1].evidence
    assert "duplicate key value" in said
    for secret in ("ada@example.com", "123456789", "hunter2", "1, Ada"):
        assert secret not in said


def test_it_forgets_a_run_whose_runner_died(
    tell: Tell, use: Use, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = D1Bench(tmp_path, use)
    bench.apply(1)
    bench.statements(2, 1)
    tell(MigrationLease(slug=SLUG, holder="ada host:1", taken_at=NOW, until=NOW))
    tell(run_of(bench, begun=2, ended=1))
    assert main(["db", "status", "--json", "--timeout", "20"]) == 6
    assert json.loads(capsys.readouterr().out)["databases"][0]["state"] == "partial"


@pytest.mark.parametrize("bench", ["d1"], indirect=True)
def test_it_shows_who_ran_a_file(bench: Bench, operator: Client) -> None:
    bench.apply(1, 2, 3)
    ended = NOW + timedelta(seconds=3)
    run_of(bench, ended_at=ended, outcome="applied", begun=2, ended=2).save()
    run_of(bench, ended_at=ended, outcome="failed", begun=2, ended=1, error="errno 1").save()
    collect.check_now(SLUG, now=NOW)
    rows = operator.get(f"/ops/db/{SLUG}/migrations", headers=JSON).json()["rows"]
    assert [row["run"] and row["run"]["outcome"] for row in rows] == [None, "failed", None]
    assert "failed at 1 of 2" in operator.get(f"/ops/db/{SLUG}/migrations").content.decode()
    address = f"/ops/db/{SLUG}/migrations/{bench.tag(2)}"
    panel = operator.get(address, headers=JSON).json()["panels"]["runs"]
    assert [row["outcome"] for row in panel["rows"]] == ["failed", "applied"]
    assert [row["seconds"] for row in panel["rows"]] == [3.0, 3.0]
    assert "ada@example.com, migrate" in operator.get(address).content.decode()
