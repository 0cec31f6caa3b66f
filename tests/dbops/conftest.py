"""Real servers for the probes, and foreign projects made on the fly. No Django here."""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import MySQLdb
import psycopg2
import pytest

from dbops.inventory import Target
from dbops.probes import board
from dbops.readings import Deadline, Reading
from openinsure import environment
from openinsure.dsn import Dsn

NOW = datetime(2026, 4, 6, 12, tzinfo=UTC)
NEEDS_POSTGRES = "PostgreSQL is not there: POSTGRES_URL is not set (make test starts one)"


def fresh(prefix: str) -> str:
    """A name nobody else uses."""
    return f"{prefix}_{uuid.uuid4().hex[:10]}"


@dataclass(frozen=True)
class Server:
    """A server on which tests may make databases and accounts."""

    dsn: Dsn

    def url(self, database: str = "", user: str = "", password: str = "") -> str:
        """An address on it."""
        login = f"{user or self.dsn.user}:{password or self.dsn.password}"
        return f"{self.dsn.scheme}://{login}@{self.dsn.host}:{self.dsn.port}/{database}"


class MySql(Server):
    """MariaDB or MySQL."""

    def run(self, *statements: str, schema: str = "") -> list[tuple[Any, ...]]:
        """Run them with every right; the rows of the last."""
        one = MySQLdb.connect(
            host=self.dsn.host, port=self.dsn.port, user=self.dsn.user,
            password=self.dsn.password, database=schema, autocommit=True,
        )  # fmt: skip
        with closing(one), closing(one.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())


class Postgres(Server):
    """PostgreSQL."""

    def run(self, *statements: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run them with every right, each by itself; the rows of the last."""
        one = psycopg2.connect(self.url(database))
        one.autocommit = True
        with closing(one), one.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def mysql() -> MySql:
    """The suite's MariaDB."""
    return MySql(Dsn.parse(environment.required("DATABASE_URL"), "DATABASE_URL"))


@pytest.fixture(scope="session")
def postgres() -> Postgres:
    """The suite's PostgreSQL."""
    url = environment.optional("POSTGRES_URL")
    if not url:
        pytest.skip(NEEDS_POSTGRES)
    return Postgres(Dsn.parse(url, "POSTGRES_URL"))


@pytest.fixture
def schema(mysql: MySql) -> Iterator[str]:
    """An empty MySQL schema."""
    name = fresh("holdings")
    mysql.run(f"CREATE DATABASE {name}")
    yield name
    mysql.run(f"DROP DATABASE {name}")


@pytest.fixture
def pg_database(postgres: Postgres) -> Iterator[str]:
    """An empty PostgreSQL database."""
    name = fresh("sign")
    postgres.run(f"CREATE DATABASE {name}")
    yield name
    postgres.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def reader(mysql: MySql) -> Iterator[Callable[[str], str]]:
    """`reader("SELECT ON x.*")`: the address of a new account with only that right."""
    made: list[str] = []

    def make(grant: str) -> str:
        user = fresh("r")
        made.append(user)
        mysql.run(f"CREATE USER '{user}'@'%' IDENTIFIED BY 'only-reads'")
        if grant:
            mysql.run(f"GRANT {grant} TO '{user}'@'%'")
        return mysql.url(user=user, password="only-reads")

    yield make
    for user in made:
        mysql.run(f"DROP USER '{user}'@'%'")


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[Target]]:
    """`use(toml, VARIABLE=value)`: that inventory file and environment; its targets."""
    from dbops import inventory

    def make(toml: str, **variables: str) -> list[Target]:
        file = tmp_path / "inventory.toml"
        file.write_text(toml)
        monkeypatch.setenv("OPENINSURE_INVENTORY", str(file))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        inventory._read.cache_clear()
        return inventory.contacted()

    return make


@pytest.fixture
def console(django_db_setup: None, mysql: MySql, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A console database of this test's own, with the tables of dbops: rows stay committed."""
    from django.conf import settings

    name, like = fresh("console"), settings.DATABASES["default"]["NAME"]
    mysql.run(f"CREATE DATABASE {name}")
    found = mysql.run(
        "SELECT table_name FROM information_schema.tables"
        f" WHERE table_schema = '{like}' AND table_name LIKE 'dbops%'"
    )
    mysql.run(*(f"CREATE TABLE {name}.{table} LIKE {like}.{table}" for (table,) in found))
    monkeypatch.setenv("DATABASE_URL", mysql.url(name))
    yield name
    mysql.run(f"DROP DATABASE {name}")


def look(target: Target, seconds: float = 5.0) -> Reading:
    """One reading under a deadline that a busy machine keeps."""
    (reading,) = board.read_all([target], Deadline.after(seconds, NOW))
    return reading


@pytest.fixture
def hung() -> Iterator[int]:
    """The port of a server that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


class Drizzle:
    """A Drizzle 0.x folder under construction."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "meta").mkdir(parents=True)
        self.entries: list[dict[str, Any]] = []

    def add(self, tag: str, sql: str, when: int, tables: dict[str, list[str]] | None = None) -> str:
        """Write a file, its journal entry and, with `tables`, its snapshot; its hash."""
        import hashlib

        (self.folder / f"{tag}.sql").write_text(sql)
        self.entries.append(
            {"idx": len(self.entries), "version": "5", "when": when, "tag": tag,
             "breakpoints": True}
        )  # fmt: skip
        journal = {"version": "7", "dialect": "mysql", "entries": self.entries}
        (self.folder / "meta" / "_journal.json").write_text(json.dumps(journal))
        if tables is not None:
            shown = {
                name: {"name": name, "columns": {column: {"name": column} for column in columns}}
                for name, columns in tables.items()
            }
            number = tag.partition("_")[0]
            stored = self.folder / "meta" / f"{number}_snapshot.json"
            stored.write_text(json.dumps({"version": "5", "tables": shown}))
        return hashlib.sha256(sql.encode()).hexdigest()
