"""Copies of the real keyspaces to edit by hand, and the comparison of one of them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from dbops.catalog import comparing, replay
from dbops.catalog import mysql as mysql_reader
from dbops.catalog.comparing import Comparison
from dbops.catalog.model import Schema
from dbops.inventory import Target
from dbops.readings import Deadline
from openinsure.keyspaces import journal, migrate
from tests.dbops.conftest import NOW, MySql
from tests.dbops.hand_edits import Edit, edits_of
from tests.dbops.test_catalog_readers import as_mysql8, counting

Use = Callable[..., list[Target]]
CACHE = replay.Memory()
INVENTORY = """
[[database]]
slug = "book"
name = "acme/book"
engine = "mysql"
host = "own"
tool = "drizzle"
owner = "we"
status = "active"
migrations = "{folder}"
[database.places.local]
url_env = "BOOK_URL"
schemas = ["{schema}"]
"""


@dataclass(frozen=True)
class Book:
    """One keyspace's live copy and what is done to it by hand."""

    keyspace: str
    schema: str
    edits: dict[str, Edit]

    def target(self, use: Use, url: str) -> Target:
        """The copy as the one database of an inventory."""
        folder = journal.folder_of(self.keyspace)
        (target,) = use(INVENTORY.format(folder=folder, schema=self.schema), BOOK_URL=url)
        return target


@contextmanager
def copied(mysql: MySql, keyspace: str) -> Iterator[Book]:
    """The keyspace's files replayed into a schema of its own; dropped at the end."""
    name = f"test_corpus_{secrets.token_hex(4)}"  # each worker of the suite has its own
    mysql.run(f"CREATE DATABASE {name} COLLATE utf8mb4_bin")
    try:
        migrate.apply_pending(mysql.dsn, keyspace, schema=name)
        yield Book(keyspace, name, edits_of(mysql, name, spelled(mysql, name)[0]))
    finally:
        mysql.run(f"DROP DATABASE {name}")


def spelled(mysql: MySql, schema: str) -> tuple[Schema, Schema]:
    """A live schema as MariaDB answers, and as MySQL 8 would answer about the same tables."""
    session = counting(mysql, schema)
    try:
        here = mysql_reader.read(session, schema)
    finally:
        session.session.close()
    return here, mysql_reader.assembled(schema, "8.0.40", as_mysql8(session.answers))


def compared(target: Target, now: datetime = NOW) -> Comparison:
    """One comparison; shadows are shared by the suite's tests."""
    return comparing.compare(target, Deadline.after(20, now), cache=CACHE)


def told(comparison: Comparison) -> list[tuple[str, str, str]]:
    """Kind, severity and object of every finding of a complete comparison."""
    assert comparison.complete, comparison.schemas
    return [(one.kind, one.severity, one.object) for one in comparison.findings]
