"""Drift on PostgreSQL (Prisma files) and D1 (SQLite files): clean is clean, edits are found."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from dbops.catalog import comparing, replay
from dbops.catalog.comparing import Comparison
from dbops.estate import d1_apply, documenso
from dbops.history import d1
from dbops.inventory import Target
from dbops.readings import Deadline
from dbops.sql.types import canonical
from tests.dbops.conftest import NOW, Postgres
from tests.dbops.test_tool_fixtures import INVENTORY, ROOT

Use = Callable[..., list[Target]]
PRISMA = ROOT / "dbops" / "estate" / "documenso" / "prisma" / "migrations"
SUBMISSIONS = ROOT / "dbops" / "estate" / "oi-submissions"
CACHE = replay.Memory()


def told(target: Target) -> list[tuple[str, str, str]]:
    comparison: Comparison = comparing.compare(target, Deadline.after(20, NOW), cache=CACHE)
    assert comparison.complete, comparison.schemas
    return [(one.kind, one.severity, one.object) for one in comparison.findings]


@pytest.fixture
def signatures(use: Use, postgres: Postgres, pg_database: str) -> Target:
    """Documenso's own files, applied and recorded."""
    documenso.apply(postgres.dsn._replace(database=pg_database), PRISMA)
    more = f"""
migrations = "{PRISMA}"
[database.places.local]
url_env = "FOREIGN_URL"
schemas = ["public"]
"""
    toml = INVENTORY.format(name="signatures", engine="postgres", tool="prisma", more=more)
    (target,) = use(toml, FOREIGN_URL=postgres.url(pg_database))
    return target


def test_it_finds_nothing_in_documenso(signatures: Target) -> None:
    assert told(signatures) == []


@pytest.mark.parametrize(
    ("edit", "kind"),
    [
        ('ALTER TABLE "User" ADD COLUMN nick text', "column_extra"),
        ('ALTER TABLE "User" ALTER COLUMN email DROP NOT NULL', "nullability_changed"),
        ('CREATE INDEX hotfix ON "User" (name)', "index_extra"),
        ("CREATE TABLE scratch (id int)", "table_extra"),
        ('ALTER TABLE "User" ADD CHECK (id > 0)', "check_changed"),
        ('ALTER TABLE "User" ALTER COLUMN name TYPE time USING NULL', "column_type_narrowed"),
        ('ALTER TABLE "User" ALTER COLUMN id TYPE bigint', "column_type_widened"),
    ],
)
def test_it_finds_edits_in_postgres(
    signatures: Target, postgres: Postgres, pg_database: str, edit: str, kind: str
) -> None:
    postgres.run(edit, database=pg_database)
    assert [one[0] for one in told(signatures)] == [kind]


def test_it_leaves_no_scratch_database(signatures: Target, postgres: Postgres) -> None:
    CACHE.clear()
    told(signatures)
    left = postgres.run(r"SELECT datname FROM pg_database WHERE datname LIKE '\_oi\_shadow\_%'")
    assert left == []


@pytest.fixture
def submissions(use: Use, tmp_path: Path) -> tuple[Target, Path]:
    """The project's own D1 files, applied as wrangler does; the target and its file."""
    folder = tmp_path / "oi-submissions"
    shutil.copytree(SUBMISSIONS, folder)
    bound = d1.binding(folder / "wrangler.toml", "oi-submissions")
    path = d1.local_file(tmp_path / "state", bound.database_id)
    d1_apply.apply(d1_apply.Local(path, bound), lambda _line: None)
    more = f"""
[database.places.local]
wrangler = "{folder / "wrangler.toml"}"
state_dir = "{tmp_path / "state"}"
"""
    toml = INVENTORY.format(name="oi-submissions", engine="sqlite", tool="d1", more=more)
    (target,) = use(toml)
    return target, path


def test_it_finds_nothing_in_a_fresh_d1(submissions: tuple[Target, Path]) -> None:
    assert told(submissions[0]) == []


def test_it_finds_edits_in_d1(submissions: tuple[Target, Path]) -> None:
    target, path = submissions
    with sqlite3.connect(path) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            " AND name <> 'd1_migrations' ORDER BY name"
        ).fetchall()
        first = tables[0][0]
        connection.execute(f"ALTER TABLE {first} ADD COLUMN nick TEXT")
        connection.execute("CREATE TABLE scratch (id TEXT)")
    assert told(target) == [
        ("column_extra", "medium", f"{first}.nick"),
        ("table_extra", "medium", "scratch"),
    ]


def test_it_names_the_file_that_does_not_replay(submissions: tuple[Target, Path]) -> None:
    target, _ = submissions
    assert target.place.wrangler is not None
    broken = target.place.wrangler.parent / "migrations"
    first = sorted(broken.glob("*.sql"))[0]
    first.write_text("CREATE TABL x (id int);")
    found = comparing.compare(target, Deadline.after(20, NOW), cache=CACHE)
    assert f"{first.name} does not replay: statement 1" in found.schemas[0].reason


SPELLINGS = (
    *("smallint", "int", "int4", "integer", "int8", "bigint", "real", "float8", "double precision"),
    *("numeric", "numeric(10,2)", "decimal(12, 3)", "bool", "boolean", "text", "varchar(20)"),
    *("varchar", "char", "char(3)", "character varying(7)", "date", "uuid", "json", "jsonb"),
    *("bytea", "inet", "cidr", "time", "time(3)", "timetz", "timestamp", "timestamp(3)"),
    *("timestamptz", "timestamptz(3)", "timestamp(3) with time zone", "interval", "text[]"),
    *("integer[]", "varchar(5)[]", "bit(3)", "varbit(9)", '"Mood"', '"public"."Mood"', "point"),
)


def test_it_keeps_the_types_of_postgres_apart(postgres: Postgres, pg_database: str) -> None:
    """One form for each type, whether a file spells it or the server does."""
    columns = ", ".join(f"c{at} {one}" for at, one in enumerate(SPELLINGS))
    rows = postgres.run(
        """CREATE TYPE "Mood" AS ENUM ('sad', 'ok')""",
        f"CREATE TABLE t ({columns})",
        "SELECT format_type(atttypid, atttypmod), atttypid || ' ' || atttypmod"
        " FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 ORDER BY attnum",
        database=pg_database,
    )
    forms: dict[str, str] = {}
    for spelled, (shown, identity) in zip(SPELLINGS, rows, strict=True):
        assert canonical(spelled, "postgres") == canonical(shown, "postgres")
        assert forms.setdefault(canonical(shown, "postgres"), identity) == identity
    assert len(forms) == len({identity for _, identity in rows})
