"""Drizzle 0.x and 1.x: what the real tools left (tests/fixtures), each against the other's form."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dbops import migrating, resuming, resuming_runs
from dbops.catalog import comparing, replay
from dbops.cli.main import main
from dbops.history import d1, drizzle
from dbops.history.rules import no_runs
from dbops.history.states import FilesUnreadable
from dbops.inventory import Target
from dbops.readings import Deadline, Reading, State
from openinsure import environment
from openinsure.keyspaces.migrate import Silent
from tests.dbops.conftest import NOW, MySql, look
from tests.dbops.test_tool_fixtures import FIXTURES, INVENTORY, restore

Use = Callable[..., list[Target]]
OLD, NEW = FIXTURES / "drizzle", FIXTURES / "drizzle_1"
TAGS = ["20261121050754_accounts", "20261121050756_nicknames", "20261121095233_lots"]


class Project:
    """A folder of one version before a database of one version."""

    def __init__(self, use: Use, mysql: MySql, schema: str, folder: Path) -> None:
        self.use, self.mysql, self.schema, self.folder = use, mysql, schema, folder

    def of(self, files: Path, live: Path) -> Target:
        shutil.copytree(files, self.folder)
        restore(self.mysql, self.schema, live / "live.sql.txt")
        more = f"""
migrations = "{self.folder}"
[database.places.local]
url_env = "FOREIGN_URL"
schemas = ["{self.schema}"]
"""
        toml = INVENTORY.format(name="foreign", engine="mysql", tool="drizzle", more=more)
        (target,) = self.use(toml, FOREIGN_URL=self.mysql.url())
        return target

    def run(self, *statements: str) -> list[tuple[object, ...]]:
        return self.mysql.run(*statements, schema=self.schema)

    def names(self) -> list[object]:
        return [name for (name,) in self.run("SELECT name FROM __drizzle_migrations ORDER BY id")]


@pytest.fixture
def project(
    use: Use, mysql: MySql, schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Project:
    if not environment.optional("SHADOW_URL"):
        monkeypatch.setenv("SHADOW_URL", mysql.url())
    return Project(use, mysql, schema, tmp_path / "files")


def states(reading: Reading) -> list[str]:
    return [str(migration.state) for migration in reading.migrations]


def test_it_reads_what_an_upgrade_to_drizzle_1_made(project: Project) -> None:
    target = project.of(NEW, NEW)
    reading = look(target)
    assert (reading.state, reading.applied, reading.available) == (State.UNVERIFIED, 3, 3)
    assert [m.tag for m in reading.migrations] == TAGS
    assert [m.applied_at for m in reading.migrations] == [None, None, "2026-04-06T12:00:00Z"]
    assert reading.notes == ()
    found = comparing.compare(target, Deadline.after(20, NOW), cache=replay.Memory())
    assert (found.complete, found.findings) == (True, ())


def test_it_knows_the_rows_of_0_in_the_folders_of_1(project: Project) -> None:
    """After drizzle-kit up and before the next migrate: no file is renumbered, none modified."""
    reading = look(project.of(NEW, OLD))
    assert states(reading) == ["applied", "applied", "pending"]
    assert reading.state is State.PENDING
    assert "tool version changed: folders of Drizzle 1.x" in reading.detail


def test_it_distrusts_an_old_checkout_before_a_ledger_of_1(project: Project) -> None:
    reading = look(project.of(OLD, NEW))
    assert reading.state is State.UNKNOWN
    assert "files behind the ledger" in reading.detail
    assert "tool version changed: ledger of Drizzle 1.x" in reading.detail
    assert states(reading) == ["applied", "applied", "orphaned"]
    assert reading.migrations[2].tag == TAGS[2]


def test_it_sees_that_a_renamed_folder_runs_again(project: Project) -> None:
    target = project.of(NEW, NEW)
    (project.folder / TAGS[2]).rename(project.folder / "20261121095234_parcels")
    reading = look(target)
    assert (reading.state, states(reading)[2]) == (State.MODIFIED, "renumbered")
    assert reading.migrations[2].evidence == f"recorded as {TAGS[2]}; will run again"


def test_it_sees_that_a_row_without_a_name_counts_for_nothing(project: Project) -> None:
    target = project.of(NEW, NEW)
    project.run("UPDATE __drizzle_migrations SET name = NULL ORDER BY id DESC LIMIT 1")
    reading = look(target)
    assert (reading.state, states(reading)[2]) == (State.MODIFIED, "renumbered")
    assert reading.migrations[2].evidence == "recorded without a name; will run again"


def test_it_calls_an_edited_folder_modified(project: Project) -> None:
    target = project.of(NEW, NEW)
    sql = project.folder / TAGS[0] / "migration.sql"
    sql.write_text(sql.read_text().replace("varchar(40)", "varchar(41)"))
    assert states(look(target)) == ["modified", "applied", "applied"]


def test_it_puts_a_late_folder_out_of_order_not_skipped(project: Project) -> None:
    target = project.of(NEW, NEW)
    late = project.folder / "20261121060000_late"
    late.mkdir()
    (late / "migration.sql").write_text("ALTER TABLE `lots` ADD `late` int;")
    reading = look(target)
    assert states(reading) == ["applied", "applied", "out_of_order", "applied"]
    assert reading.migrations[2].evidence == f"not recorded, although the later {TAGS[2]} is"


def test_it_refuses_a_folder_of_both_forms(project: Project) -> None:
    target = project.of(NEW, NEW)
    shutil.copytree(OLD / "meta", project.folder / "meta")
    with pytest.raises(FilesUnreadable, match=r"beside folders of Drizzle 1\.x"):
        drizzle.files(project.folder)
    assert look(target).state is State.UNKNOWN


def test_it_runs_a_folder_of_1_and_records_its_name(project: Project) -> None:
    target = project.of(NEW, NEW)
    project.run("DELETE FROM __drizzle_migrations ORDER BY id DESC LIMIT 1", "DROP TABLE lots")
    (work,) = migrating.plan(target, no_runs, now=NOW)
    assert (work.blocked, work.steps, work.run is not None) == ("", (TAGS[2],), True)
    if work.run:
        work.run(lambda _line: None, Silent())
    assert project.names() == TAGS
    assert states(look(target)) == ["applied"] * 3


@pytest.mark.parametrize(("files", "live", "why"), [
    (NEW, OLD, "folders of Drizzle 1.x, ledger of 0.x"),
    (OLD, NEW, "the ledger is of Drizzle 1.x"),
])  # fmt: skip
def test_it_runs_nothing_into_the_other_versions_ledger(
    project: Project, files: Path, live: Path, why: str
) -> None:
    (work,) = migrating.plan(project.of(files, live), no_runs, now=NOW)
    assert (work.ready, why in work.blocked) == (False, True)


def test_it_resumes_a_folder_of_1_with_its_name(project: Project) -> None:
    target = project.of(NEW, NEW)
    project.run("DELETE FROM __drizzle_migrations ORDER BY id DESC LIMIT 1")
    plan = resuming.plan(target, TAGS[2], Deadline.after(20, NOW))
    assert (plan.left, plan.values[2]) == ((), TAGS[2])
    resuming_runs.run(plan, project.mysql.dsn, lambda _line: None, Silent())
    assert project.names() == TAGS


def test_it_reads_wranglers_jsonc(tmp_path: Path) -> None:
    entry = {"database_name": "forms", "database_id": "3f1c", "migrations_dir": "sql,]"}
    entries = f'"d1_databases": [{json.dumps(entry)},], /* end */'
    text = f'{{ // a comment, "quoted"\n "url": "https://x/*no*/", {entries} }}'
    (tmp_path / "wrangler.jsonc").write_text(text)
    found = d1.binding(tmp_path / "wrangler.jsonc", "forms")
    assert (found.database_id, found.migrations) == ("3f1c", tmp_path / "sql,]")
    (tmp_path / "wrangler.jsonc").write_text("[1]")
    with pytest.raises(FilesUnreadable, match="no readable d1_databases"):
        d1.binding(tmp_path / "wrangler.jsonc", "forms")


def test_it_lints_folders_of_1_and_their_snapshots(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.of(NEW, NEW)
    assert main(["db", "lint"]) == 0
    assert "7 immutable" not in capsys.readouterr().out
    shutil.rmtree(project.folder / TAGS[1])
    assert main(["db", "lint"]) == 6
    assert f"{TAGS[2]}/snapshot.json" in capsys.readouterr().out


def test_it_lints_one_file_of_1_by_its_own_rules(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.of(NEW, NEW)
    file = project.folder / TAGS[2] / "migration.sql"
    file.write_text("UPDATE `lots` SET `account_id` = 1;")
    for known in (True, False):  # in the inventory, then told by its snapshot
        if not known:
            more = '[database.places.local]\nurl_env = "OTHER_URL"'
            project.use(INVENTORY.format(name="other", engine="mysql", tool="none", more=more))
        assert main(["db", "lint", str(file)]) == 6
        assert "update of lots has no bound" in capsys.readouterr().out


def test_it_lints_one_file_of_prisma(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inner = tmp_path / "20260101000000_first"
    inner.mkdir()
    (inner / "migration.sql").write_text("GRANT ALL ON a TO b;")
    assert main(["db", "lint", str(inner / "migration.sql")]) == 6
    assert "20260101000000_first.sql" in capsys.readouterr().out
