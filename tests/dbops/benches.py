"""One story for three tools: the same three files on a real ledger of each, to be bent.

A bench writes files, runs their statements, and writes ledger rows, each by itself.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from dbops.estate import d1_apply, documenso
from dbops.history import d1
from dbops.inventory import Target
from tests.dbops.conftest import MySql, Postgres
from tests.dbops.test_d1_probe import DATABASE_ID, WRANGLER
from tests.dbops.test_vitess_probe import LEDGER

Use = Callable[..., list[Target]]
STORY = {
    1: ["CREATE TABLE accounts (id int NOT NULL, PRIMARY KEY (id))"],
    2: ["ALTER TABLE accounts ADD nick varchar(40)", "CREATE TABLE lots (id int)"],
    3: ["ALTER TABLE accounts ADD total int"],
}
ENTRY = """
[[database]]
slug = "books"
name = "{name}"
engine = "{engine}"
host = "own"
tool = "{tool}"
owner = "we"
status = "active"
{migrations}
[database.places.local]
{place}
"""


class Bench(ABC):
    """Common half: `folder` holds the files, `schema` is the name the run log knows."""

    cut = ";\n"
    schema = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for number in STORY:
            self.write(number)

    @abstractmethod
    def tag(self, number: int) -> str:
        """The file's name in the ledger."""

    @abstractmethod
    def path(self, number: int) -> Path:
        """The file."""

    @abstractmethod
    def run(self, sql: str) -> None:
        """One statement on the live database."""

    @abstractmethod
    def row(self, number: int, **bent: Any) -> None:
        """The ledger's row of a file, bent."""

    def write(self, number: int, content: bytes | None = None) -> None:
        """The file, as the story tells it or otherwise."""
        path = self.path(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content or self.cut.join(f"{one};" for one in STORY[number]).encode())

    def remove(self, number: int) -> None:
        """The file is gone."""
        self.path(number).unlink()

    def statements(self, number: int, upto: int = 99) -> None:
        """Run a file's statements without recording it."""
        for one in STORY[number][:upto]:
            self.run(one)

    def apply(self, *numbers: int) -> None:
        """As the tool does."""
        for number in numbers:
            self.statements(number)
            self.row(number)

    def sha(self, number: int) -> str:
        """sha256 hex of the file."""
        return hashlib.sha256(self.path(number).read_bytes()).hexdigest()


class DrizzleBench(Bench):
    """0.x on a MySQL schema."""

    cut = "\n--> statement-breakpoint\n"

    def __init__(self, folder: Path, use: Use, mysql: MySql, schema: str) -> None:
        self.mysql, self.schema = mysql, schema
        self.whens = {number: number * 1000 for number in STORY}
        super().__init__(folder / "drizzle")
        self.journal()
        mysql.run(LEDGER, schema=schema)
        place = f'url_env = "BOOKS_URL"\nschemas = ["{schema}"]'
        entry = ENTRY.format(
            name="acme/books", engine="mysql", tool="drizzle", place=place,
            migrations='migrations = "drizzle"',
        )  # fmt: skip
        (self.target,) = use(entry, BOOKS_URL=mysql.url())

    def journal(self) -> None:
        """meta/_journal.json from `whens`."""
        entries = [
            {"idx": n, "version": "5", "when": when, "tag": self.tag(n), "breakpoints": True}
            for n, when in self.whens.items()
        ]
        (self.folder / "meta").mkdir(exist_ok=True)
        text = json.dumps({"version": "7", "dialect": "mysql", "entries": entries})
        (self.folder / "meta" / "_journal.json").write_text(text)

    def tag(self, number: int) -> str:
        return f"000{number}_file"

    def path(self, number: int) -> Path:
        return self.folder / f"{self.tag(number)}.sql"

    def remove(self, number: int) -> None:
        super().remove(number)
        del self.whens[number]
        self.journal()

    def run(self, sql: str) -> None:
        self.mysql.run(sql, schema=self.schema)

    def row(self, number: int, **bent: Any) -> None:
        digest, when = bent.get("sha") or self.sha(number), bent.get("when", number * 1000)
        self.run(f"INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('{digest}', {when})")


class D1Bench(Bench):
    """wrangler's local layout."""

    def __init__(self, folder: Path, use: Use) -> None:
        (folder / "wrangler.toml").write_text(WRANGLER)
        super().__init__(folder / "sql")
        self.file = d1.local_file(folder / "state", DATABASE_ID)
        self.file.parent.mkdir(parents=True)
        self.run(d1_apply.LEDGER.format(table="applied"))
        place = 'wrangler = "wrangler.toml"\nstate_dir = "state"'
        entry = ENTRY.format(name="forms", engine="sqlite", tool="d1", place=place, migrations="")
        (self.target,) = use(entry)

    def tag(self, number: int) -> str:
        return f"000{number}_file.sql"

    def path(self, number: int) -> Path:
        return self.folder / self.tag(number)

    def run(self, sql: str) -> None:
        with closing(sqlite3.connect(self.file)) as one, one:
            one.execute(sql)

    def row(self, number: int, **bent: Any) -> None:
        self.run(f"INSERT INTO applied (name) VALUES ('{self.tag(number)}')")


class PrismaBench(Bench):
    """PostgreSQL."""

    schema = "public"

    def __init__(self, folder: Path, use: Use, postgres: Postgres, database: str) -> None:
        self.postgres, self.database = postgres, database
        super().__init__(folder / "prisma")
        self.run(documenso.LEDGER)
        entry = ENTRY.format(
            name="books", engine="postgres", tool="prisma",
            place='url_env = "BOOKS_URL"\nschemas = ["public"]',
            migrations='migrations = "prisma"',
        )  # fmt: skip
        (self.target,) = use(entry, BOOKS_URL=postgres.url(database))

    def tag(self, number: int) -> str:
        return f"2026010{number}000000_file"

    def path(self, number: int) -> Path:
        return self.folder / self.tag(number) / "migration.sql"

    def remove(self, number: int) -> None:
        super().remove(number)
        self.path(number).parent.rmdir()

    def run(self, sql: str) -> None:
        self.postgres.run(sql, database=self.database)

    def row(self, number: int, **bent: Any) -> None:
        finished = "NULL" if bent.get("failed") else "clock_timestamp()"
        rolled_back = "clock_timestamp()" if bent.get("rolled_back") else "NULL"
        logs = f"'{bent['logs']}'" if "logs" in bent else "NULL"
        self.run(
            "INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at,"
            " finished_at, rolled_back_at, logs, applied_steps_count) VALUES"
            f" ('{uuid.uuid4()}', '{bent.get('sha') or self.sha(number)}', '{self.tag(number)}',"
            f" clock_timestamp(), {finished}, {rolled_back}, {logs}, {bent.get('steps', 1)})"
        )
