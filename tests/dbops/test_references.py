"""Rows that lead nowhere and the deletion order: map, count, page, command, housekeeping."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dbops import orphans
from dbops.cli.main import main
from dbops.inventory import Target
from dbops.models import StoredOrphans
from dbops.probes import schemas
from dbops.probes.mysql_session import MySqlSession
from dbops.readings import Deadline
from openinsure.keyspaces import migrate
from openinsure.keyspaces.inventory import KEYSPACES, tables_of
from openinsure.keyspaces.references import Reference, deletion_order, references
from tests.dbops.conftest import NOW, MySql

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])
PAGE = "/ops/db/ai/references"
JSON = {"HTTP_ACCEPT": "application/json"}
OURS, THEIRS = "0190a000-0000-7000-8000-00000000000a", "0190a000-0000-7000-8000-00000000000b"


def reference(table: str, to: str, nullable: bool = False) -> Reference:
    return Reference("oi_x", table, f"{to}_id", to, nullable)


@pytest.mark.parametrize("keyspace", KEYSPACES)
def test_it_deletes_what_names_before_what_is_named(keyspace: str) -> None:
    order = deletion_order(keyspace)
    step = {table: n for n, tables in enumerate(order.steps) for table in tables}
    assert set(step) >= {one.name for one in tables_of(keyspace) if one.kind == "tenant"}
    kept = [one for one in references(keyspace) if one not in order.cleared]
    assert kept
    for one in kept:
        assert one.table == one.to or step[one.table] < step[one.to], one
    assert all(one.nullable for one in order.cleared)


def test_it_opens_a_circle_where_null_may_stand() -> None:
    known = [reference("policies", "documents", nullable=True), reference("documents", "policies")]
    order = deletion_order("oi_x", known)
    assert [one.table for one in order.cleared] == ["policies"]
    assert order.steps == (("documents",), ("policies",))


def test_it_refuses_a_circle_that_nothing_opens() -> None:
    with pytest.raises(ValueError, match="name each other"):
        deletion_order("oi_x", [reference("a", "b"), reference("b", "a")])


@pytest.fixture(scope="module")
def claims(mysql: MySql) -> Iterator[str]:
    """An oi_claims of its own with one note of a claim that is not there, in one organisation."""
    name = f"test_orphans_{secrets.token_hex(4)}"
    mysql.run(f"CREATE DATABASE {name} COLLATE utf8mb4_bin")
    migrate.apply_pending(mysql.dsn, "oi_claims", schema=name)
    values = "'00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-0000000000c1'"
    mysql.run(
        "SET SESSION sql_mode = ''",
        f"INSERT INTO claim_notes (org_id, id, claim_id) VALUES ('{OURS}', {values})",
        schema=name,
    )
    yield name
    mysql.run(f"DROP DATABASE {name}")


def counted(mysql: MySql, schema: str) -> list[orphans.Counted]:
    wanted = references("oi_claims")
    deadline = Deadline.after(30, NOW)
    session = MySqlSession(mysql.dsn, schema, deadline)
    try:
        return [orphans._one(session, one) for one in wanted]
    finally:
        session.close()


def test_it_counts_by_organisation(mysql: MySql, claims: str) -> None:
    found = {(row.table, row.column): row for row in counted(mysql, claims)}
    assert len(found) == len(references("oi_claims"))
    assert found["claim_notes", "claim_id"].orphans == {OURS: 1}
    assert sum(row.total for row in found.values()) == 1


def test_it_does_not_call_a_row_of_another_organisation_a_parent(mysql: MySql, claims: str) -> None:
    parent = f"('{THEIRS}', '00000000-0000-7000-8000-0000000000c1')"
    mysql.run("SET SESSION sql_mode = ''", f"INSERT INTO claims (org_id, id) VALUES {parent}",
              schema=claims)  # fmt: skip
    found = {(row.table, row.column): row.total for row in counted(mysql, claims)}
    assert found["claim_notes", "claim_id"] == 1


def test_it_says_what_could_not_be_counted(mysql: MySql, claims: str) -> None:
    mysql.run("ALTER TABLE claim_recoveries RENAME COLUMN claim_id TO gone", schema=claims)
    try:
        found = {(row.table, row.column): row for row in counted(mysql, claims)}
    finally:
        mysql.run("ALTER TABLE claim_recoveries RENAME COLUMN gone TO claim_id", schema=claims)
    assert found["claim_recoveries", "claim_id"].reason == "a column is not there"
    assert found["claim_notes", "claim_id"].reason == ""


def test_it_shows_counts_and_order(operator: Client) -> None:
    assert "Not counted yet." in operator.get(PAGE).content.decode()
    rows = (
        orphans.Counted("oi_claims", "claim_notes", "claim_id", "claims", {OURS: 3}),
        orphans.Counted("oi_claims", "salvage", "claim_id", "claims"),
        orphans.Counted("oi_claims", "adjusters", "user_id", "x", reason="no answer within 5 s"),
    )
    orphans.store("ai", orphans.Report(timezone.now(), rows))
    html = operator.get(PAGE).content.decode()
    assert 'data-orphans="claim_notes.claim_id"' in html
    assert 'data-uncounted="adjusters.user_id"' in html
    assert "Deletion order of oi_billing" in html
    told = operator.get(PAGE, **JSON).json()["panels"]
    assert told["orphans"]["references"] == 3
    assert told["orphans"]["rows"][0]["orphans"] == {OURS: 3}
    assert [one["keyspace"] for one in told["order"]["rows"]] == list(KEYSPACES)
    assert "References" in operator.get("/ops/db/ai").content.decode()
    assert operator.get("/ops/db/tigerbeetle/references").status_code == 200
    assert "oi-auth/references" not in operator.get("/ops/db/oi-auth").content.decode()


def test_it_counts_from_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], mysql: MySql
) -> None:
    def away(target: Target) -> None:
        raise AssertionError("the order needs no database")

    with monkeypatch.context() as patched:
        patched.setattr(schemas, "address", away)
        assert main(["db", "orphans", "ai", "--order", "--json"]) == 0
    (database,) = json.loads(capsys.readouterr().out)["databases"]
    assert [one["keyspace"] for one in database["order"]] == list(KEYSPACES)
    monkeypatch.setenv("READER_URL", "mysql://a:hunter2@127.0.0.1:1/")
    assert main(["db", "orphans", "ai", "--json"]) == 5
    said = capsys.readouterr()
    (database,) = json.loads(said.out)["databases"]
    assert len(database["uncounted"]) == database["references"]
    assert "hunter2" not in said.out + said.err


def test_it_counts_once_a_day(
    monkeypatch: pytest.MonkeyPatch, use: Callable[..., list[Target]]
) -> None:
    asked: list[str] = []

    def count(target: Target, deadline: Deadline) -> orphans.Report:
        asked.append(target.slug)
        return orphans.Report(deadline.started_at, ())

    monkeypatch.setattr(orphans, "count", count)
    now = timezone.now()
    for later in (timedelta(0), timedelta(hours=23), timedelta(hours=24)):
        orphans.count_due(now=now + later)
    assert asked == ["ai", "ai"]
    assert StoredOrphans.objects.get(slug="ai").counted_at == now + timedelta(hours=24)
