"""`db drift` and `in_sync`: a foreign project compared, stored, accepted; status afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dbops import collect, comparisons
from dbops.catalog import verdict
from dbops.catalog.verdict import Outcome, Stored
from dbops.cli.main import main
from dbops.history import states
from dbops.inventory import Target
from dbops.models import StoredComparison, StoredFinding, StoredSnapshot
from dbops.readings import Drift, Keyspace, Reading, State
from openinsure import environment
from openinsure.problems import BadForm, NotFound
from tests import people
from tests.dbops.conftest import NOW, Drizzle, MySql
from tests.dbops.test_vitess_probe import INVENTORY, LEDGER

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])
Use = Callable[..., list[Target]]
AGE = timedelta(minutes=60)
CREATE = "CREATE TABLE accounts (id int NOT NULL, name varchar(40), PRIMARY KEY (id))"


@pytest.fixture
def project(
    use: Use, mysql: MySql, schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Drizzle:
    """One applied file, made and recorded."""
    made = Drizzle(tmp_path / "drizzle")
    digest = made.add("0000_accounts", CREATE + ";", 1000)
    mysql.run(
        LEDGER, CREATE,
        f"INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('{digest}', 1000)",
        schema=schema,
    )  # fmt: skip
    if not environment.optional("SHADOW_URL"):
        monkeypatch.setenv("SHADOW_URL", mysql.url())
    use(INVENTORY.format(schema=schema, more=""), HOLDINGS_URL=mysql.url())
    return made


def drift(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    code = main(["db", "drift", "holdings", "--json", *words])
    return code, json.loads(capsys.readouterr().out)["databases"][0]


def state() -> tuple[str, Drift]:
    reading = collect.check_now("holdings", now=timezone.now())
    return str(reading.state), reading.drift


def test_it_is_in_sync_only_after_a_comparison(
    project: Drizzle, capsys: pytest.CaptureFixture[str]
) -> None:
    assert state()[0] == "unverified"
    assert drift(capsys)[0] == 0
    assert state()[0] == "in_sync"
    old = timezone.now() - timedelta(minutes=61)
    StoredComparison.objects.update(compared_at=old)
    assert state()[0] == "unverified"


def test_it_does_not_prove_files_by_an_earlier_comparison(
    project: Drizzle, mysql: MySql, schema: str, capsys: pytest.CaptureFixture[str]
) -> None:
    drift(capsys)
    digest = project.add("0001_more", "ALTER TABLE accounts ADD more int;", 2000)
    mysql.run(
        "ALTER TABLE accounts ADD more int",
        f"INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('{digest}', 2000)",
        schema=schema,
    )
    assert state()[0] == "unverified"


def test_it_finds_stores_and_clears(
    project: Drizzle, mysql: MySql, schema: str, capsys: pytest.CaptureFixture[str]
) -> None:
    drift(capsys)
    mysql.run("ALTER TABLE accounts ADD nick int", schema=schema)
    code, told = drift(capsys)
    (finding,) = told["findings"]
    assert (code, finding["kind"], finding["object"]) == (6, "column_extra", "accounts.nick")
    assert finding["since"]
    assert finding["last_ok"]
    assert state() == ("drifted", Drift(medium=1))
    mysql.run("ALTER TABLE accounts DROP nick", schema=schema)
    assert drift(capsys)[0] == 0
    assert state()[0] == "in_sync"
    assert StoredFinding.objects.get().gone_at is not None
    assert StoredSnapshot.objects.count() == 3


def test_it_is_on_the_pages_at_once(
    project: Drizzle, mysql: MySql, schema: str, operator: Client,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def shown() -> tuple[str, int, bool]:
        row = operator.get("/ops", headers={"accept": "application/json"}).json()["rows"][0]
        page = operator.get("/ops/db/holdings").content.decode()
        counted = f'Drift <span class="tab-count">{sum(row["drift"].values())}</span>' in page
        return row["state"], sum(row["drift"].values()), counted

    drift(capsys)
    assert shown() == ("in_sync", 0, True)
    mysql.run("ALTER TABLE accounts ADD nick int", schema=schema)
    _, told = drift(capsys)
    assert shown() == ("drifted", 1, True)
    asked = ["--accept", told["findings"][0]["id"], "--reason", "a hotfix"]
    who = ["--token", people.token("", "db_operator")]
    assert main(["db", "drift", "holdings", *asked, *who]) == 0
    assert shown() == ("in_sync", 0, True)


def test_it_accepts_with_reason_and_end(
    project: Drizzle, mysql: MySql, schema: str, capsys: pytest.CaptureFixture[str]
) -> None:
    mysql.run("ALTER TABLE accounts ADD nick int", schema=schema)
    _, told = drift(capsys)
    now, named = timezone.now(), told["findings"][0]["id"]

    def accept(finding: str, reason: str, days: int) -> None:
        until = now + timedelta(days=days)
        comparisons.accept("holdings", finding, by="ada", reason=reason, until=until, now=now)

    with pytest.raises(BadForm, match="reason"):
        accept(named, "", 30)
    with pytest.raises(BadForm, match="until"):
        accept(named, "a hotfix", 91)
    with pytest.raises(NotFound):
        accept("nothing", "a hotfix", 30)
    accept(named, "a hotfix", 90)
    assert state()[0] == "in_sync"
    code, told = drift(capsys)
    assert code == 0
    assert "ada until" in told["findings"][0]["accepted"]
    mysql.run("ALTER TABLE accounts MODIFY nick bigint", schema=schema)
    assert drift(capsys)[0] == 6  # changed again: another finding
    StoredFinding.objects.update(accepted_until=now - timedelta(seconds=1))
    assert drift(capsys)[0] == 6


def test_it_never_accepts_a_lost_ledger(
    project: Drizzle, mysql: MySql, schema: str, capsys: pytest.CaptureFixture[str]
) -> None:
    mysql.run("DROP TABLE __drizzle_migrations", schema=schema)
    _, told = drift(capsys)
    (finding,) = told["findings"]
    assert (finding["kind"], finding["severity"]) == ("ledger_missing", "critical")
    with pytest.raises(BadForm, match="cannot be accepted"):
        comparisons.accept(
            "holdings", finding["id"], by="ada", reason="we lost it", until=None,
            now=timezone.now(),
        )  # fmt: skip


def test_it_names_an_edited_file_as_cause_and_uses_its_first_bytes(
    project: Drizzle, mysql: MySql, schema: str, capsys: pytest.CaptureFixture[str]
) -> None:
    drift(capsys)
    (project.folder / "0000_accounts.sql").write_text(CREATE.replace("40", "41") + ";")
    mysql.run("ALTER TABLE accounts MODIFY name varchar(41)", schema=schema)
    code, told = drift(capsys)
    (finding,) = told["findings"]
    assert (code, finding["kind"]) == (6, "column_type_widened")
    assert finding["cause"] == "modified file: 0000_accounts"


def test_it_does_not_judge_an_edited_file_that_nobody_saw(
    project: Drizzle, capsys: pytest.CaptureFixture[str]
) -> None:
    (project.folder / "0000_accounts.sql").write_text(CREATE.replace("40", "41") + ";")
    code, told = drift(capsys)
    assert (code, told["complete"], told["findings"]) == (5, False, [])
    assert told["schemas"][0]["skipped"] == ["accounts"]
    assert main(["db", "drift", "holdings"]) == 5
    assert "left out accounts: their file was edited" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--accept", "x"], 2, "exactly one SLUG"),
        (["nowhere"], 3, "No database nowhere"),
        (["holdings", "--accept", "x", "--reason", "because"], 4, "No identity"),
        (["holdings", "--accept", "x", "--until", "2026-13-01"], 2, "day as YYYY-MM-DD"),
    ],
)
def test_it_refuses_in_one_line(
    project: Drizzle,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    code: int,
    says: str,
) -> None:
    monkeypatch.delenv("OPENINSURE_TOKEN", raising=False)
    assert main(["db", "drift", *words]) == code
    assert says in capsys.readouterr().err


def reading(state_: State) -> Reading:
    rows = (
        Keyspace("a", 1, 1, State.UNVERIFIED, "b1"),
        Keyspace("b", 1, 1, State.UNVERIFIED, "b2"),
    )
    return Reading(state=state_, detail="2 tables", read_at=NOW, keyspaces=rows)


def stored(at: Any = NOW, **drifts: Drift) -> Stored:
    basis = {"a": "b1", "b": "b2"}
    return Stored(at, {name: Outcome(basis[name], "", one) for name, one in drifts.items()})


@pytest.mark.parametrize(
    ("ledger", "drifts", "state_"),
    [
        (State.UNVERIFIED, {"a": Drift(), "b": Drift()}, State.IN_SYNC),
        (State.UNVERIFIED, {"a": Drift()}, State.UNVERIFIED),
        (State.UNVERIFIED, {"a": Drift(), "b": Drift(low=1)}, State.DRIFTED),
        (State.PENDING, {"a": Drift(), "b": Drift(low=1)}, State.PENDING),
        (State.PENDING, {"a": Drift(high=1), "b": Drift()}, State.DRIFTED),
        (State.PARTIAL, {"a": Drift(high=1), "b": Drift()}, State.PARTIAL),
        (State.REVERT_WINDOW, {"a": Drift(medium=1), "b": Drift()}, State.DRIFTED),
    ],
)
def test_it_joins_ledger_and_comparison(
    ledger: State, drifts: dict[str, Drift], state_: State
) -> None:
    found = verdict.joined(reading(ledger), stored(**drifts), NOW, AGE)
    assert found.state is state_


def test_it_sees_an_edit_where_the_tool_keeps_no_hash() -> None:
    from dbops.readings import Migration

    one = Migration("0001_a.sql", "", "applied", "f" * 64)
    look = Reading(
        state=State.UNVERIFIED, detail="1 table", read_at=NOW, migrations=(one,),
        keyspaces=(Keyspace("a", 1, 1, State.UNVERIFIED, "b1"),),
    )  # fmt: skip
    known = Stored(NOW, {}, {"0001_a.sql": "0" * 64})
    found = verdict.joined(look, known, NOW, AGE)
    assert (found.state, found.migrations[0].state) == (State.MODIFIED, states.FileState.MODIFIED)


@pytest.mark.parametrize(
    "lost", [{"reason": "row-2 has no file"}, {"left_out": 2}, {"basis": "b0"}]
)
def test_it_takes_no_finding_for_none_where_something_was_left_out(lost: dict[str, Any]) -> None:
    whole = {"a": Outcome("b1"), "b": Outcome("b2")}
    assert verdict.joined(reading(State.MODIFIED), Stored(NOW, whole), NOW, AGE).drift_checked_at
    part = {**whole, "b": Outcome("b2")._replace(**lost)}
    found = verdict.joined(reading(State.UNVERIFIED), Stored(NOW, part), NOW, AGE)
    assert (found.state, found.drift_checked_at) == (State.UNVERIFIED, None)
    part["a"] = Outcome("b1", drift=Drift(high=1))
    found = verdict.joined(reading(State.UNVERIFIED), Stored(NOW, part), NOW, AGE)
    assert (found.state, found.drift_checked_at) == (State.DRIFTED, NOW)


@pytest.mark.parametrize(("ledger", "says"), [
    (State.UNVERIFIED, "drift: 1 high; 2 tables"),
    (State.PARTIAL, "2 tables; drift: 1 high"),
])  # fmt: skip
def test_it_tells_first_what_makes_the_state(ledger: State, says: str) -> None:
    found = verdict.joined(reading(ledger), stored(a=Drift(high=1)), NOW, AGE)
    assert found.detail == says
