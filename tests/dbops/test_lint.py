"""The eight hard rules and the known troubles: a file that breaks each, files that break none."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dbops.cli.main import main
from dbops.inventory import Target
from dbops.lint import folders
from dbops.lint.remarks import Place, Remark
from dbops.sql import parser
from tests.dbops.conftest import Drizzle

NOW = datetime(2026, 4, 6, tzinfo=UTC)
CUT = "--> statement-breakpoint"
GOOD = (
    "CREATE TABLE notes_x (id char(36) NOT NULL, org_id char(36) NOT NULL, body text NULL,"
    " title varchar(40) NOT NULL, PRIMARY KEY (org_id, id), KEY by_title (org_id, title));"
)


def linted(tmp_path: Path, sql: str | bytes, *, tool: str = "drizzle") -> list[Remark]:
    folder = tmp_path / "oi_policies"
    if tool == "drizzle":
        made = Drizzle(folder)
        made.add("0000_base", GOOD, 1000)
        made.add("0001_next", "SELECT 1", 2000)
        path = folder / "0001_next.sql"
    else:
        folder.mkdir()
        path = folder / "0001_next.sql"
    path.write_bytes(sql if isinstance(sql, bytes) else sql.encode())
    keyspace = "oi_policies" if tool == "drizzle" else ""
    return folders.lint(Place(folder, tool, keyspace), now=NOW)


@pytest.mark.parametrize(
    ("sql", "rule", "level"),
    [
        (GOOD.replace("notes_x", "n2").replace("org_id char(36) NOT NULL", "org_id char(36) NULL"),
         "1 organization", "refuse"),
        (GOOD.replace("notes_x", "n2").replace("PRIMARY KEY (org_id, id)", "PRIMARY KEY (id)"),
         "1 organization", "refuse"),
        (GOOD.replace("notes_x", "n2").replace("(org_id, title)", "(title)"),
         "1 organization", "refuse"),
        ("CREATE INDEX i ON notes_x (title);", "1 organization", "refuse"),
        ("UPDATE notes_x SET title = '' WHERE id = '1';", "1 organization", "refuse"),
        (GOOD.replace("notes_x", "n2").replace("title varchar(40)", "title int AUTO_INCREMENT"),
         "1 organization", "refuse"),
        ("ALTER TABLE notes_x ADD CONSTRAINT f FOREIGN KEY (title) REFERENCES t (id);",
         "2 foreign keys", "refuse"),
        ("ALTER TABLE notes_x ADD a int REFERENCES t (id);", "2 foreign keys", "refuse"),
        ("ALTER TABLE oi_claims.notes_x ADD a int;", "3 keyspaces", "refuse"),
        ("ALTER TABLE claims ADD a int;", "3 keyspaces", "refuse"),
        ("ALTER TABLE notes_x ADD COLUMN IF NOT EXISTS a int;", "5 idempotent", "refuse"),
        ("ALTER TABLE notes_x DROP COLUMN IF EXISTS title;", "5 idempotent", "refuse"),
        ("ALTER TABLE notes_x ADD a int; ALTER TABLE notes_x ADD b int;",
         "6 breakpoints", "refuse"),
        ("DELETE FROM notes_x;", "8 twenty seconds", "refuse"),
        ("INSERT INTO notes_x (org_id, id) SELECT org_id, id FROM notes_y;",
         "8 twenty seconds", "refuse"),
        ("CREATE INDEX i ON notes_x (org_id, body);", "blob or text in key", "refuse"),
        ("ALTER TABLE notes_x ADD a int NOT NULL;", "column cannot be null", "refuse"),
        ("ALTER TABLE notes_x MODIFY body text NOT NULL;", "column cannot be null", "review"),
        ("ALTER TABLE notes_x ADD a jsonb;", "postgres type", "refuse"),
        ("ALTER TABLE notes_x RENAME COLUMN title TO heading;", "rename column", "refuse"),
        ("ALTER TABLE notes_x CHANGE title heading varchar(40) NOT NULL;", "rename column",
         "refuse"),
        ("RENAME TABLE notes_x TO notes_y;", "rename table", "review"),
        ("CREATE TRIGGER t BEFORE INSERT ON notes_x FOR EACH ROW SET @a = 1;", "routine", "refuse"),
        ("DROP TABLE notes_x;", "data loss", "warn"),
        ("ALTER TABLE notes_x MODIFY title varchar(10) NOT NULL;", "data loss", "warn"),
        ("ALTER TABLE notes_x PARTITION BY HASH (id);", "unclassified", "review"),
        ("OPTIMIZE TABLE notes_x;", "unclassified", "review"),
        ("UPDATE notes_x SET title = '' WHERE org_id = 'a';", "not repeatable", "warn"),
        (b"ALTER TABLE notes_x COMMENT '\xff';", "encoding", "refuse"),
    ],
)  # fmt: skip
def test_it_speaks_up(tmp_path: Path, sql: str | bytes, rule: str, level: str) -> None:
    found = linted(tmp_path, sql)
    assert (rule, level) in {(one.rule, one.level) for one in found}, found


@pytest.mark.parametrize(
    "sql",
    [
        GOOD.replace("notes_x", "n2"),
        "ALTER TABLE notes_x ADD a int NULL;",
        "ALTER TABLE notes_x ADD a int NOT NULL DEFAULT 0;",
        "CREATE INDEX i ON notes_x (org_id, title);",
        f"ALTER TABLE notes_x ADD a int;{CUT} ALTER TABLE notes_x ADD b int;",
        "ALTER TABLE notes_x MODIFY title varchar(80) NOT NULL;",
        "CREATE INDEX i ON notes_x (org_id, body(40));",
        "-- only a note",
    ],
)
def test_it_is_silent_about_what_is_fine(tmp_path: Path, sql: str) -> None:
    assert linted(tmp_path, sql) == []


def test_it_lets_a_reason_pass_for_all_organizations(tmp_path: Path) -> None:
    sql = "-- oi:all-orgs a constant for everybody\nUPDATE notes_x SET title = '' WHERE id = '1';"
    assert {one.rule for one in linted(tmp_path, sql)} == {"not repeatable"}


def test_it_leaves_other_tools_their_foreign_keys(tmp_path: Path) -> None:
    sql = "CREATE TABLE a (id TEXT PRIMARY KEY, b TEXT REFERENCES b (id));"
    assert linted(tmp_path, sql, tool="d1") == []


DRIZZLE_KIT = """PRAGMA foreign_keys=OFF;
CREATE TABLE `__new_notes` (`id` integer PRIMARY KEY NOT NULL, `title` text, `at` text);
INSERT INTO `__new_notes`("id", "title", "at") SELECT "id", "title", "at" FROM `notes`;
DROP TABLE `notes`;
ALTER TABLE `__new_notes` RENAME TO `notes`;
PRAGMA foreign_keys=ON;
CREATE INDEX `by_title` ON `notes` (`title`);"""
PRISMA = """PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_notes" ("id" INTEGER NOT NULL PRIMARY KEY, "title" TEXT NOT NULL, "at" TEXT);
INSERT INTO "new_notes" ("at", "id", "title") SELECT "at", "id", "title" FROM "notes";
DROP TABLE "notes";
ALTER TABLE "new_notes" RENAME TO "notes";
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;"""


def made_anew(tmp_path: Path, sql: str) -> list[tuple[str, str]]:
    """Rule and level of what lint says about a D1 file behind one that made `notes`."""
    (tmp_path / "0001_notes.sql").write_text(
        "CREATE TABLE notes (id integer PRIMARY KEY NOT NULL, title text NOT NULL, at text);"
    )
    (tmp_path / "0002_title.sql").write_text(sql)
    found = folders.lint(Place(tmp_path, "d1"), now=NOW)
    return [(one.rule, one.level) for one in found if one.rule != "not repeatable"]


@pytest.mark.parametrize("sql", [DRIZZLE_KIT, PRISMA], ids=["drizzle-kit", "prisma"])
def test_it_knows_the_way_in_which_sqlite_changes_a_table(tmp_path: Path, sql: str) -> None:
    assert made_anew(tmp_path, sql) == []


def test_it_names_the_column_that_does_not_come_over(tmp_path: Path) -> None:
    sql = DRIZZLE_KIT.replace(", `at` text", "").replace(', "at"', "")
    assert made_anew(tmp_path, sql) == [("data loss", "warn")]


DOUBTS = {
    "another order": ('("id", "title", "at") SELECT "id"', '("title", "id", "at") SELECT "id"'),
    "a computed value": ('SELECT "id", "title"', 'SELECT "id", coalesce("title", \'\')'),
    "some rows": ("FROM `notes`;", "FROM `notes` WHERE id > 3;"),
    "other rows": ("FROM `notes`;", "FROM `others`;"),
    "not surely new": ("CREATE TABLE `", "CREATE TABLE IF NOT EXISTS `"),
    "changed between": (
        "DROP TABLE",
        "UPDATE `__new_notes` SET title = '' WHERE id = 1;DROP TABLE",
    ),
    "dropped before": ("INSERT", "DROP TABLE IF EXISTS `notes`;INSERT"),
    # SQLite takes "colour" for a text: every row would hold that word
    "no such column": ('"at"', '"colour"'),
    "no value": ("`at` text", "`at` text, `by` text NOT NULL"),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_it_wants_a_person_for_what_only_looks_like_it(tmp_path: Path, doubt: str) -> None:
    sql = DRIZZLE_KIT.replace(*DOUBTS[doubt])
    assert sql != DRIZZLE_KIT
    assert ("8 twenty seconds", "review") in made_anew(tmp_path, sql)


def test_it_wants_a_person_where_it_does_not_know_the_old_table(tmp_path: Path) -> None:
    sql = DRIZZLE_KIT.replace("`notes`", "`unknown`").replace("__new_notes", "__new_unknown")
    assert ("8 twenty seconds", "review") in made_anew(tmp_path, sql)


def test_it_refuses_every_other_copy_of_a_whole_table(tmp_path: Path) -> None:
    kept = "CREATE TABLE old_notes (id integer, title text, at text);"
    copied = "INSERT INTO old_notes (id, title, at) SELECT id, title, at FROM notes;"
    assert made_anew(tmp_path, kept + copied) == [("8 twenty seconds", "refuse")]


def test_it_checks_times_and_snapshots(tmp_path: Path) -> None:
    made = Drizzle(tmp_path / "oi_policies")
    made.add("0000_a", GOOD, 2000, {})
    made.add("0001_b", "ALTER TABLE notes_x ADD a int;", 1000, {})
    made.add("0002_c", "ALTER TABLE notes_x ADD b int;", 9_999_999_999_999, {})
    (made.folder / "0003_d.sql").write_text("ALTER TABLE notes_x ADD c int;")
    for number, (own, before) in enumerate([("a" * 8, "0" * 8), ("b" * 8, "f" * 8)]):
        stored = made.folder / "meta" / f"000{number}_snapshot.json"
        stored.write_text(f'{{"id": "{own}", "prevId": "{before}"}}')
    (made.folder / "meta" / "0002_snapshot.json").write_text("{")
    found = folders.lint(Place(made.folder, "drizzle", "oi_policies"), now=NOW)
    assert {one.rule for one in found} == {"7 immutable"}
    words = " ".join(one.words for one in found)
    for said in ("skip it for ever", "lies ahead", "not in meta", "prevId ffffffff", "cannot be"):
        assert said in words


def test_it_has_nothing_to_say_about_our_own_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "lint", "--plain"]) == 0
    assert capsys.readouterr().out == ""


def test_it_lints_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    linted(tmp_path, "DELETE FROM notes_x;")
    path = tmp_path / "oi_policies" / "0001_next.sql"
    assert main(["db", "lint", str(path)]) == 6
    assert "8 twenty seconds" in capsys.readouterr().out
    assert main(["db", "lint", str(tmp_path / "none.sql")]) == 3


@pytest.mark.parametrize("dialect", ["mysql", "postgres", "sqlite"])
def test_it_understands_nothing_that_it_did_not_read_whole(dialect: str) -> None:
    for text in ("ALTER TABLE a ADD b int FOO", "CREATE TABLE a (b int) PARTITION BY x",
                 "CREATE TABLE a (b int", "DROP", "ALTER TABLE a", "CREATE INDEX ON"):  # fmt: skip
        assert not parser.read(text, dialect).understood, text


def test_it_reads_drizzle_files_of_postgres_in_its_words(tmp_path: Path) -> None:
    made = Drizzle(tmp_path / "drizzle")
    made.add("0000_base", 'CREATE TABLE "notes" ("id" serial PRIMARY KEY, "at" timestamptz);', 1000)
    found = folders.lint(Place(made.folder, "drizzle", engine="postgres"), now=NOW)
    assert found == [], "serial and timestamptz are PostgreSQL's own, and no keyspace is here"
    journal = made.folder / "meta" / "_journal.json"
    journal.write_text(journal.read_text().replace('"mysql"', '"postgresql"'))
    assert main(["db", "lint", str(made.folder / "0000_base.sql")]) == 0


FOREIGN = """
[[database]]
slug = "shop"
name = "acme/shop"
engine = "{engine}"
host = "own"
tool = "drizzle"
owner = "{owner}"
status = "active"
migrations = "shop"
[database.places.local]
url_env = "SHOP_URL"
schemas = ["shop"]
"""
THEIRS = (
    "CREATE TABLE policies (id serial PRIMARY KEY, client int, note text,"
    " FOREIGN KEY (client) REFERENCES clients (id));",
    "ALTER TABLE policies RENAME COLUMN note TO body;",
    "CREATE INDEX by_body ON policies (body);",
)


@pytest.mark.parametrize("owner", ["we", "self"])
@pytest.mark.parametrize(("engine", "rules"), [
    ("mysql", {"blob or text in key"}),
    ("vitess", {"2 foreign keys", "rename column", "blob or text in key"}),
])  # fmt: skip
def test_it_asks_no_org_id_of_somebody_elses_tables(
    use: Callable[..., list[Target]], tmp_path: Path, engine: str, owner: str, rules: set[str],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    use(FOREIGN.format(engine=engine, owner=owner))
    Drizzle(tmp_path / "shop").add("0000_base", f"\n{CUT}\n".join(THEIRS), 1000)
    assert main(["db", "lint", str(tmp_path / "shop" / "0000_base.sql"), "--json"]) == 6
    remarks = json.loads(capsys.readouterr().out)["remarks"]
    assert {one["rule"] for one in remarks} == rules
