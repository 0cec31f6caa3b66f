"""A foreign Prisma project on a real PostgreSQL, and the local Documenso."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dbops import inventory
from dbops.estate import documenso
from dbops.inventory import Target
from dbops.inventory_file import read
from dbops.readings import State
from openinsure.dsn import Dsn
from tests.dbops.conftest import Postgres, look

INVENTORY = """
[[database]]
slug = "sign"
name = "sign"
engine = "postgres"
host = "fly"
tool = "prisma"
owner = "self"
status = "active"
migrations = "prisma/migrations"
[database.places.local]
url_env = "SIGN_URL"
schemas = ["public"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "prisma" / "migrations"
    for name, sql in {
        "20260101000000_init": 'CREATE TABLE "User" ("id" SERIAL PRIMARY KEY, "email" TEXT);',
        "20260201000000_tokens": 'ALTER TABLE "User" ADD COLUMN "token" TEXT;',
    }.items():
        (made / name).mkdir(parents=True)
        (made / name / "migration.sql").write_text(sql)
    return made


@pytest.fixture
def target(
    use: Callable[..., list[Target]], postgres: Postgres, pg_database: str, folder: Path
) -> Target:
    url = postgres.url(pg_database)
    documenso.apply(Dsn.parse(url, "SIGN_URL"), folder)
    (found,) = use(INVENTORY, SIGN_URL=url)
    return found


def test_it_reads_a_healthy_database(target: Target) -> None:
    reading = look(target)
    assert (reading.state, reading.applied, reading.available) == (State.UNVERIFIED, 2, 2)
    assert (reading.detail, reading.keyspaces[0].expected) == ("1 table", 1)
    assert reading.version


def test_it_sees_an_edited_file(target: Target, folder: Path) -> None:
    (folder / "20260101000000_init" / "migration.sql").write_text("SELECT 1;")
    assert look(target).state is State.MODIFIED


def test_it_sees_a_pending_file(target: Target, folder: Path) -> None:
    (folder / "20260301000000_more").mkdir()
    (folder / "20260301000000_more" / "migration.sql").write_text("SELECT 1;")
    assert look(target).pending == ("20260301000000_more",)


def test_it_sees_a_failed_run(target: Target, postgres: Postgres, pg_database: str) -> None:
    postgres.run(
        "UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name LIKE '%tokens'",
        database=pg_database,
    )
    assert look(target).state is State.FAILED


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ('DROP TABLE "User"', "table_missing public.user"),
        ('ALTER TABLE "User" DROP COLUMN "token"', "column_missing public.user.token"),
    ],
)
def test_it_sees_what_is_missing(
    target: Target, postgres: Postgres, pg_database: str, statement: str, finding: str
) -> None:
    postgres.run(statement, database=pg_database)
    reading = look(target)
    assert (reading.state, reading.findings) == (State.DRIFTED, (finding,))


def test_it_cannot_write(target: Target) -> None:
    from dbops.probes import schemas
    from dbops.probes.postgres_session import PostgresSession
    from dbops.probes.sessions import Away
    from dbops.readings import Deadline
    from tests.dbops.conftest import NOW

    session = PostgresSession(schemas.address(target), Deadline.after(5, NOW))
    with pytest.raises(Away, match="25006"):  # read_only_sql_transaction
        session.rows('INSERT INTO "User" (email) VALUES (%s) RETURNING id', ("a",))
    session.close()


def test_it_calls_a_wrong_password_unreachable(
    use: Callable[..., list[Target]], postgres: Postgres, pg_database: str, folder: Path
) -> None:
    (found,) = use(INVENTORY, SIGN_URL=postgres.url(pg_database, password="hunter2"))
    reading = look(found)
    assert (reading.state, "hunter2" in repr(reading)) == (State.UNREACHABLE, False)


def test_it_calls_a_closed_port_unreachable(
    use: Callable[..., list[Target]], closed_port: int, folder: Path
) -> None:
    (found,) = use(INVENTORY, SIGN_URL=f"postgresql://a:b@127.0.0.1:{closed_port}/x")
    assert look(found).error == "refused the connection"


def test_it_makes_the_local_documenso_once(
    postgres: Postgres, pg_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = next(one for one in read(inventory.SHIPPED) if one.slug == "documenso-db")
    dsn = Dsn.parse(postgres.url(pg_database), "DOCUMENSO_URL")
    documenso.ensure_database(dsn)
    assert len(documenso.apply(dsn, shipped.folder(""))) == 10
    assert documenso.apply(dsn, shipped.folder("")) == []
    monkeypatch.setenv("DOCUMENSO_URL", postgres.url(pg_database))
    reading = look(Target(shipped, shipped.places["local"]))
    assert (reading.state, reading.applied, reading.keyspaces[0].tables) == (
        State.UNVERIFIED, 10, 11,
    )  # fmt: skip
