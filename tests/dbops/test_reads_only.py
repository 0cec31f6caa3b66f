"""Reading commands change nothing: accounts that may only read suffice, files keep their bytes."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dbops.cli.main import main
from dbops.inventory import Target
from openinsure import environment
from tests.dbops.benches import Bench, D1Bench, DrizzleBench, PrismaBench
from tests.dbops.conftest import MySql, Postgres, fresh

pytestmark = pytest.mark.django_db(databases=["default"])
Use = Callable[..., list[Target]]


def commands(bench: Bench) -> list[tuple[list[str], int]]:
    """Every command that only reads, with the exit code of a half-applied second file."""
    name = bench.tag(2)
    return [
        (["db", "status", "--timeout", "20"], 6),
        (["db", "drift", "books", "--timeout", "20"], 6),
        (["db", "resume", "books", name, "--timeout", "20"], 0),
        (["db", "migrate", "--dry-run"], 6),
        (["db", "status", "books", "--json", "--timeout", "20"], 6),
    ]


def run_all(bench: Bench, leave_out: str = "") -> None:
    for words, code in commands(bench):
        if words[1] != leave_out:
            assert main(words) == code, words


def half(bench: Bench) -> None:
    """One file applied, the second half-way, the third pending."""
    bench.apply(1)
    bench.statements(2, 1)


def of_mysql(mysql: MySql, schema: str) -> list[Any]:
    """Structure and content of a schema."""
    tables = [name for (name,) in mysql.run("SHOW TABLES", schema=schema)]
    return [
        (mysql.run(f"SHOW CREATE TABLE `{name}`", schema=schema),
         mysql.run(f"CHECKSUM TABLE `{name}`", schema=schema))
        for name in tables
    ]  # fmt: skip


def test_it_needs_only_select_on_mysql(
    use: Use, mysql: MySql, schema: str, console: str, reader: Callable[[str], str],
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    bench = DrizzleBench(tmp_path, use, mysql, schema)
    half(bench)
    if not environment.optional("SHADOW_URL"):
        monkeypatch.setenv("SHADOW_URL", mysql.url())
    monkeypatch.setenv("BOOKS_URL", reader(f"SELECT ON {schema}.*"))
    before = of_mysql(mysql, schema)
    run_all(bench)
    assert of_mysql(mysql, schema) == before


@pytest.fixture
def pg_reader(postgres: Postgres, pg_database: str) -> Iterator[str]:
    """The address of an account that may only read; its sessions are read-only by themselves."""
    role = fresh("r")
    postgres.run(
        f"CREATE ROLE {role} LOGIN PASSWORD 'only-reads'",
        f"ALTER ROLE {role} SET default_transaction_read_only = on",
    )
    postgres.run(
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {role}",
        database=pg_database,
    )
    yield postgres.url(pg_database, role, "only-reads")
    postgres.run(f"DROP OWNED BY {role}", database=pg_database)
    postgres.run(f"DROP ROLE {role}")


WRITTEN = """
SELECT sum(n_tup_ins), sum(n_tup_upd), sum(n_tup_del),
  (SELECT count(*) FROM pg_class), (SELECT max(oid) FROM pg_class)
FROM pg_stat_user_tables
"""


def test_it_needs_only_select_on_postgres(
    use: Use, postgres: Postgres, pg_database: str, pg_reader: str, console: str,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    bench = PrismaBench(tmp_path, use, postgres, pg_database)
    half(bench)
    monkeypatch.setenv("BOOKS_URL", pg_reader)
    before = postgres.run(WRITTEN, database=pg_database)
    run_all(bench, leave_out="migrate")  # this command does not run prisma's files
    assert postgres.run(WRITTEN, database=pg_database) == before


def bytes_of(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("busy", [False, True])
def test_it_leaves_d1_files_byte_for_byte(
    use: Use, console: str, tmp_path: Path, busy: bool
) -> None:
    bench = D1Bench(tmp_path, use)
    with closing(sqlite3.connect(bench.file)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("SELECT count(*) FROM sqlite_master").fetchall()  # it has the file open
        if busy:  # committed rows stand in the -wal only, and a writer has the file open
            half(bench)
        else:
            writer.close()
            half(bench)
        before = bytes_of(tmp_path)
        assert any(name.endswith("-wal") for name in before) is busy
        run_all(bench)
        assert bytes_of(tmp_path) == before
