"""Databases of a benchmark: made as the suite makes them, dropped at the end."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import MySQLdb
from django.test.utils import setup_databases, teardown_databases

from openinsure.keyspaces import migrate
from openinsure.ledger import embedded
from openinsure.tenancy import guard
from tests.conftest import dsn_of

MONEY = ("oi_global", "oi_billing")
ALIASES = ("default", *MONEY, "ledger_engine")
SERVER = {"innodb_buffer_pool_size": 2 << 30, "innodb_log_file_size": 1 << 30}  # bytes


@contextmanager
def fresh() -> Iterator[None]:
    """Empty tables of the keyspaces of money, of the console and of the embedded ledger."""
    with guard.schema_changes():
        made = setup_databases(
            verbosity=0,
            interactive=False,
            serialized_aliases=[],
            aliases=dict.fromkeys(ALIASES, False),
        )
    try:
        for keyspace in MONEY:
            migrate.apply_pending(dsn_of(keyspace), keyspace)
        embedded.create_tables()
        guard.install_all()
        yield
    finally:
        with guard.schema_changes():
            teardown_databases(made, verbosity=0)


@contextmanager
def roomy() -> Iterator[str]:
    """The server with the memory of the reference machine while the block runs; its sizes in words.

    A server that does not let us change them stays as it is.
    """
    server = _connected()
    before = {name: _size(server, name) for name in SERVER}
    try:
        for name, size in SERVER.items():
            _resize(server, name, max(size, before[name]))
        yield ", ".join(f"{name} {_size(server, name) >> 20} MiB" for name in SERVER)
    finally:
        for name, size in before.items():
            _resize(server, name, size)
        server.close()


def process() -> int | None:
    """The server's process, None if it runs on another machine."""
    with contextlib.closing(_connected()) as server, server.cursor() as cursor:
        cursor.execute("SELECT @@GLOBAL.pid_file, @@GLOBAL.hostname")
        file, host = cursor.fetchone()
    try:
        return int(Path(file).read_text()) if host == socket.gethostname() else None
    except (OSError, ValueError):
        return None


def _connected() -> MySQLdb.Connection:
    address = dsn_of("oi_billing")
    return MySQLdb.connect(
        host=address.host, port=address.port, user=address.user, passwd=address.password
    )


def _size(server: MySQLdb.Connection, name: str) -> int:
    with server.cursor() as cursor:
        cursor.execute(f"SELECT @@GLOBAL.{name}")
        return int(cursor.fetchone()[0])


def _resize(server: MySQLdb.Connection, name: str, size: int) -> None:
    try:
        with server.cursor() as cursor:
            cursor.execute(f"SET GLOBAL {name} = {size}")
    except MySQLdb.Error as error:
        print(f"{name} stays as it is: {error.args[-1]}")
