"""`openinsure db migrate`: plan, who may, what runs and what is left to its owner."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from dbops.cli.main import main
from dbops.inventory import Target
from openinsure import environment
from tests.dbops.test_d1_probe import INVENTORY, WRANGLER, database

Use = Callable[..., list[Target]]
OWNED = """
[[database]]
slug = "sign"
name = "sign"
engine = "postgres"
host = "fly"
tool = "prisma"
owner = "self"
status = "active"
migrations = "prisma"
[database.places.local]
url_env = "SIGN_URL"
"""


@pytest.fixture
def forms(use: Use, console: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A D1 project with two files, nothing applied, and somebody else's database."""
    monkeypatch.setenv("MIGRATOR_URL", "mysql://a:b@127.0.0.1:1/")
    monkeypatch.delenv("OPENINSURE_TOKEN", raising=False)
    (tmp_path / "wrangler.toml").write_text(WRANGLER)
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "0001_a.sql").write_text("CREATE TABLE a (id TEXT);")
    (tmp_path / "sql" / "0002_b.sql").write_text("CREATE TABLE b (id TEXT);")
    use(INVENTORY + OWNED)
    return tmp_path


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OPENINSURE_ENV", "production")
    environment.reload()
    yield
    monkeypatch.undo()
    environment.reload()


def tables(folder: Path) -> set[str]:
    import sqlite3

    with closing(sqlite3.connect(database(folder))) as one:
        return {name for (name,) in one.execute("SELECT name FROM sqlite_master")}


def test_it_prints_a_plan_and_runs_nothing(forms: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "migrate", "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["forms: 0001_a.sql", "  1/1 create table"]
    assert lines[-1].startswith("sign: left out, self-managed: its application runs prisma")
    assert not database(forms).exists()


def test_it_runs_what_is_pending_once(forms: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "migrate", "--d1", "--local", "--yes"]) == 0
    captured = capsys.readouterr()
    assert "forms: 2 applied" in captured.out
    assert "running as service:local-setup" in captured.err
    assert {"a", "b", "applied"} <= tables(forms)
    assert main(["db", "migrate", "--d1", "--local", "--yes"]) == 0
    assert capsys.readouterr().out == "forms: nothing pending\n"


def test_it_goes_on_when_nobody_reads_its_progress(
    forms: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    os.close(reading)  # as `| head` does once it has seen enough
    with open(writing, "w", buffering=1) as gone:
        with monkeypatch.context() as deaf:
            deaf.setattr("sys.stderr", gone)
            assert main(["db", "migrate", "--d1", "--local", "--yes"]) == 0
        with suppress(BrokenPipeError):
            gone.close()
    assert {"a", "b", "applied"} <= tables(forms)


def test_it_asks_before_it_writes(
    forms: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    assert main(["db", "migrate", "--d1"]) == 2
    assert "add --yes" in capsys.readouterr().err
    assert not database(forms).exists()


def test_it_needs_somebody(
    forms: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "optional", lambda *_args, **_kw: "")
    assert main(["db", "migrate", "--d1", "--yes"]) == 4
    assert "No identity" in capsys.readouterr().err


def test_it_says_which_files_stand_when_one_fails(
    forms: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (forms / "sql" / "0002_b.sql").write_text("CREATE TABLE c (id TEXT); CREATE TABLE c (id TEXT);")
    assert main(["db", "migrate", "--d1", "--yes"]) == 5
    assert "forms: stopped, 0002_b.sql: table c already exists" in capsys.readouterr().out
    assert {"a", "applied"} <= tables(forms)
    assert "c" not in tables(forms)


def test_it_fails_when_nothing_could_run(forms: Path) -> None:
    (forms / "sql" / "0001_a.sql").write_text("CREATE BALONEY;")
    assert main(["db", "migrate", "--d1", "--yes"]) == 1


def test_it_blocks_a_file_that_comes_too_late(
    forms: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "migrate", "--d1", "--yes"]) == 0
    (forms / "sql" / "0000_late.sql").write_text("CREATE TABLE late (id TEXT);")
    assert main(["db", "migrate", "--d1", "--yes"]) == 6
    assert "0000_late.sql stands before a file" in capsys.readouterr().out
    assert "late" not in tables(forms)


def test_it_leaves_a_safe_branch_to_deploy_requests(
    use: Use, forms: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    safe = INVENTORY + '[database.places.production]\nbranch = "main"\nsafe_migrations = true\n'
    use(safe)
    assert main(["db", "migrate", "--remote", "--yes"]) == 4
    assert "use db deploy" in capsys.readouterr().err


def test_it_shows_what_a_deploy_request_would_carry(
    use: Use, forms: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = '[database.places.production]\nwrangler = "wrangler.toml"\nstate_dir = "state"\n'
    use(INVENTORY + place + 'branch = "main"\nsafe_migrations = true\n')
    assert main(["db", "migrate", "--remote", "--dry-run"]) == 0
    told = capsys.readouterr()
    assert "forms: 0001_a.sql" in told.out
    assert "use db deploy" in told.err


def test_it_is_never_local_elsewhere(
    forms: Path, production: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "migrate", "--d1", "--local", "--yes"]) == 2
    assert "works in local only" in capsys.readouterr().err
