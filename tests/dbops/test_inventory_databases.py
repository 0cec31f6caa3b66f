"""Databases of known engines added by an edit of the file alone: /ops, command, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from dbops import collect, folders
from dbops.cli.main import main
from dbops.inventory import SHIPPED, Target
from dbops.probes import tigerbeetle, vitess
from dbops.probes.sessions import Away, Row
from dbops.readings import State
from tests.dbops.benches import D1Bench
from tests.dbops.conftest import NOW, MySql
from tests.dbops.test_tool_fixtures import FIXTURES, restore

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])
Use = Callable[..., list[Target]]
MORE = """
[[database]]
slug = "builder"
name = "acme/builder"
engine = "mysql"
host = "own"
tool = "kysely"
owner = "self"
status = "active"
migrations = "{kysely}"
[database.places.local]
url_env = "BUILDER_URL"
schemas = ["{schema}"]

[[database]]
slug = "more-forms"
name = "forms"
engine = "sqlite"
host = "cloudflare"
tool = "d1"
owner = "we"
status = "active"
[database.places.local]
wrangler = "wrangler.toml"
state_dir = "state"
"""


def test_it_takes_a_kysely_and_another_d1_database_from_the_file(
    use: Use, mysql: MySql, schema: str, console: str, tmp_path: Path, operator: Client,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    D1Bench(tmp_path, use).apply(1)
    restore(mysql, schema, FIXTURES / "kysely" / "live.sql.txt")
    shipped = SHIPPED.read_text().replace('"../', f'"{SHIPPED.parent.parent}/')
    shipped = shipped.replace('"estate/', f'"{SHIPPED.parent}/estate/')
    kysely = FIXTURES / "kysely" / "migrations"
    targets = use(shipped + MORE.format(kysely=kysely, schema=schema), BUILDER_URL=mysql.url())
    assert [target.slug for target in targets][-2:] == ["builder", "more-forms"]

    main(["db", "status", "builder", "more-forms", "--json", "--timeout", "20"])
    told = {one["slug"]: one for one in json.loads(capsys.readouterr().out)["databases"]}
    assert told["builder"]["pending"] == ["2026_03_01_index"]
    assert told["more-forms"]["pending"] == ["0002_file.sql", "0003_file.sql"]
    for slug in told:
        collect.check_now(slug, now=NOW)
    answer = operator.get("/ops", headers={"accept": "application/json"}).json()
    rows = {row["slug"]: row for row in answer["rows"]}
    assert len(rows) == 8
    for slug, one in told.items():
        assert (rows[slug]["state"], rows[slug]["pending"]) == (one["state"], one["pending"])
        assert operator.get(f"/ops/db/{slug}/migrations").status_code == 200


def test_it_knows_the_commit_of_a_folder(use: Use, tmp_path: Path) -> None:
    (ai, *_) = use(SHIPPED.read_text().replace('"../', f'"{SHIPPED.parent.parent}/'))
    found = folders.of(ai)
    assert set(found) == set(ai.place.schemas)
    assert all(len(one["commit"]) >= 7 and one["at"] for one in found.values())
    assert folders.commit(tmp_path) == folders.NONE


@pytest.mark.parametrize(("client", "cluster", "state"), [
    ("0.17.3", "0.17.3", State.RUNNING),
    ("0.16.9", "0.17.0", State.RUNNING),
    ("0.17.10", "0.17.9", State.FAILED),
    ("0.17.3", "", State.RUNNING),
    ("", "0.17.3", State.RUNNING),
    ("0.17.3", "newest", State.UNKNOWN),
])  # fmt: skip
def test_it_lets_no_newer_client_talk_to_a_cluster(client: str, cluster: str, state: State) -> None:
    found, said = tigerbeetle.compatible(client, cluster)
    assert found is state
    assert client in said


class Gate:
    """A VTGate as far as routing goes: its version, and the tables that it routes."""

    dialect = "mysql"

    def __init__(self, version: str, *routed: str) -> None:
        self._version, self._routed = version, routed

    def version(self) -> str:
        return self._version

    def rows(self, sql: str, params: object = ()) -> list[Row]:
        assert sql == "SHOW VSCHEMA TABLES"
        return [(name,) for name in self._routed]


def test_it_compares_routing_where_vtgate_answers() -> None:
    live = {"policies": frozenset({"id"}), "terms": frozenset({"id"})}
    gate = Gate("8.0.40-Vitess", "dual", "policies", "lost", "__drizzle_migrations")
    assert vitess.routing(gate, "oi_policies", live) == (
        "routing_mismatch oi_policies.lost (routed, not there)",
        "routing_mismatch oi_policies.terms (there, not routed)",
    )
    assert vitess.routing(Gate("10.11.6-MariaDB"), "oi_policies", live) == ()
    with pytest.raises(Away, match="lists no tables"):
        vitess.routing(Gate("8.0.40-Vitess"), "oi_policies", live)


@pytest.mark.parametrize(("client", "oldest", "state"), [
    ("0.16.4", "0.16.4", State.RUNNING),
    ("0.16.3", "0.16.4", State.FAILED),
    ("0.16.3", "0.9.9", State.RUNNING),
    ("0.16.3", "", State.RUNNING),
    ("0.16.3", "first", State.UNKNOWN),
])  # fmt: skip
def test_it_lets_no_client_talk_that_the_cluster_no_longer_takes(
    client: str, oldest: str, state: State
) -> None:
    found, said = tigerbeetle.compatible(client, "0.17.0", oldest)
    assert (found, "too old" in said) == (state, state is State.FAILED)


BARE = """
[[database]]
slug = "bare"
name = "acme/bare"
engine = "mysql"
host = "own"
tool = "none"
owner = "self"
status = "active"
[database.places.local]
url_env = "BARE_URL"
schemas = ["{schema}"]
"""


def test_it_claims_nothing_of_a_database_without_migration_files(
    use: Use, mysql: MySql, schema: str, operator: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    mysql.run("CREATE TABLE notes (id int)", schema=schema)
    use(BARE.format(schema=schema), BARE_URL=mysql.url())
    assert main(["db", "status", "--plain", "--timeout", "20"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.split("\t") == [
        *("not verified (no migration files)", "bare", "self-managed", "-", "", "1 table"),
    ]
    collect.check_now("bare", now=NOW)
    for page in ("/ops", "/ops/db/bare", "/ops/db/bare/history?days=90"):
        html = operator.get(page).content.decode()
        assert "Not verified (no migration files)" in html
        assert "In sync" not in html
    (row,) = operator.get("/ops", headers={"accept": "application/json"}).json()["rows"]
    assert (row["state"], row["applied"], row["available"]) == ("unverified", None, None)
