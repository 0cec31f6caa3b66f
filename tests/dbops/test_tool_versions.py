"""A server of another version spells the same schema otherwise: said apart from hand edits."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dbops import comparisons, structures
from dbops.catalog.comparing import Compared, Comparison
from dbops.catalog.findings import by_cause
from dbops.catalog.model import Schema
from dbops.catalog.replay import key_of
from dbops.cli.main import main
from dbops.inventory import Target
from dbops.models import StoredFinding, StoredSnapshot
from dbops.probes.mysql_session import MySqlSession
from tests.dbops.conftest import Drizzle, MySql
from tests.dbops.test_drift_command import CREATE, project
from tests.dbops.test_drift_page import finding

__all__ = ["project"]
pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])
Use = Callable[..., list[Target]]
SAID = "tool version changed: server 10.6.1-MariaDB to 11.4.2-MariaDB"


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """`served("10.6.1")`: what the server says of itself from now on."""

    def make(number: str) -> None:
        monkeypatch.setattr(MySqlSession, "version", lambda _self: f"{number}-MariaDB")

    return make


def found(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    main(["db", "drift", "holdings", "--json"])
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["databases"][0]["findings"]
    return rows


def test_it_names_the_version_that_a_difference_came_with(
    project: Drizzle, mysql: MySql, schema: str, served: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert CREATE
    served("10.6.1")
    assert found(capsys) == []
    served("11.4.2")
    mysql.run("ALTER TABLE accounts COMMENT 'respelled'", schema=schema)
    assert [row["cause"] for row in found(capsys)] == [SAID]
    mysql.run("ALTER TABLE accounts ADD nick int", schema=schema)
    rows = {row["kind"]: row["cause"] for row in found(capsys)}
    assert rows == {"comment_changed": SAID, "column_extra": "out of band"}
    assert [row.changed for row in StoredSnapshot.objects.order_by("id")] == ["", SAID, ""]
    mysql.run("ALTER TABLE accounts COMMENT ''", schema=schema)
    found(capsys)
    mysql.run("ALTER TABLE accounts COMMENT 'respelled'", schema=schema)
    assert {row["cause"] for row in found(capsys)} == {"out of band"}  # back by hand


def test_it_forgets_a_version_under_which_nothing_differed(
    project: Drizzle, mysql: MySql, schema: str, served: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    served("10.6.1")
    found(capsys)
    served("11.4.2")
    assert found(capsys) == []
    mysql.run("ALTER TABLE accounts ADD nick int", schema=schema)
    assert [row["cause"] for row in found(capsys)] == ["out of band"]


def test_it_replays_again_for_another_version() -> None:
    keys = {key_of([], "mysql", "utf8mb4_bin", f"shadow:1 {one}") for one in ("10.6", "11.4")}
    assert len(keys) == 2


@pytest.mark.parametrize(("old", "new", "said"), [
    (("10.6", "1"), ("10.6", "1"), ""),
    (("", ""), ("11.4", "2"), ""),  # stored before versions were
    (("10.6", "1"), ("11.4", "2"),
     "tool version changed: server 10.6 to 11.4, normalizer 1 to 2"),
])  # fmt: skip
def test_it_says_which_tool_changed(old: tuple[str, str], new: tuple[str, str], said: str) -> None:
    assert structures.between(old, new) == said


def test_it_says_that_two_servers_were_held_against_each_other(operator: Client) -> None:
    live, made = (
        Schema("oi_claims", "mysql", {}, version) for version in ("8.0.36-Vitess", "10.11")
    )
    one = Compared("oi_claims", "", "basis", 29, 468, 132, live=live, expected=made)
    assert Compared("oi_claims", live=live, expected=live).note == ""
    comparisons.save(Comparison("ai", timezone.now(), (one,), ()))
    html = operator.get("/ops/db/ai/drift").content.decode()
    assert "live is 8.0.36-Vitess, the expected side was made on 10.11" in html


def test_it_groups_findings_by_cause_new_versions_last(operator: Client, tmp_path: Path) -> None:
    one, other = finding("column_missing", "claims.nick"), finding("comment_changed", "claims")
    schema = Compared("oi_claims", "", "basis", 29, 468, 132)
    comparisons.save(Comparison("ai", timezone.now(), (schema,), (one, other)))
    row = StoredFinding.objects.get(finding=one.id)
    row.said["cause"] = SAID
    row.save()
    groups = by_cause(comparisons.findings("ai", now=timezone.now() + timedelta(seconds=1)))
    assert [cause for cause, _ in groups] == ["out of band", SAID]
    html = operator.get("/ops/db/ai/drift").content.decode()
    assert html.index("Out of band, no migration file") < html.index("often only another spelling")
