"""The run log and the lease in oi_console, written over the driver: one runner a database.

Before each statement its number is written, after it again; a runner that has lost its lease
stops before the next one. Times are the console database's own, so hosts need not agree on one.
No Django: `db migrate` runs before anything else does.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Literal, NamedTuple, Self

import MySQLdb

from openinsure import environment
from openinsure.dsn import Dsn
from openinsure.keyspaces.migrate import MigrationStopped
from openinsure.problems import Conflict, Unavailable

VARIABLE = "DATABASE_URL"
LEASE_S, BEAT_S = 15, 3  # a runner that died holds its database for that long
TRIES = 3  # of taking a lease that seems to be free
TIMEOUT_S = 5
ERROR_KEPT = 500
Kind = Literal["migrate", "resume", "owner", "deploy"]

TAKE = """
INSERT IGNORE INTO dbops_migrationlease (slug, holder, taken_at, `until`)
VALUES (%s, %s, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL %s SECOND)
"""
TAKE_OVER = """
UPDATE dbops_migrationlease SET holder = %s, taken_at = UTC_TIMESTAMP(6),
  `until` = UTC_TIMESTAMP(6) + INTERVAL %s SECOND
WHERE slug = %s AND `until` < UTC_TIMESTAMP(6)
"""
HELD = """
SELECT holder, taken_at FROM dbops_migrationlease
WHERE slug = %s AND `until` >= UTC_TIMESTAMP(6)
"""
RENEW = """
UPDATE dbops_migrationlease SET `until` = UTC_TIMESTAMP(6) + INTERVAL %s SECOND
WHERE slug = %s AND holder = %s
"""
# Without a holder no renewal that is still under way can bring it back.
RELEASE = """
UPDATE dbops_migrationlease SET holder = '', `until` = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND
WHERE slug = %s AND holder = %s
"""
OPENED = """
INSERT INTO dbops_migrationrun (slug, keyspace, tag, sha256, kind, ran_by, statements, by_hand,
  begun, ended, started_at, outcome, error)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0, 0, UTC_TIMESTAMP(6), '', '')
"""
BEGUN = "UPDATE dbops_migrationrun SET begun = %s WHERE id = %s"
ENDED = "UPDATE dbops_migrationrun SET ended = %s WHERE id = %s"
CLOSED = """
UPDATE dbops_migrationrun SET outcome = %s, error = %s, ended_at = UTC_TIMESTAMP(6) WHERE id = %s
"""


LAST = """
SELECT begun, ended FROM dbops_migrationrun
WHERE slug = %s AND keyspace = %s AND tag = %s AND sha256 = %s ORDER BY id DESC LIMIT 1
"""


class Logged(NamedTuple):
    """How far the last run of a file came, by its log; begun > ended: one outcome is unknown."""

    begun: int
    ended: int


def last_run(slug: str, keyspace: str, tag: str, sha256: str) -> Logged | None:
    """Of exactly these bytes; None when nobody logged one. Raises Unavailable."""
    connection = _connected()
    try:
        with closing(connection), connection.cursor() as cursor:
            cursor.execute(LAST, (slug, keyspace, tag, sha256))
            row = cursor.fetchone()
    except MySQLdb.Error as error:
        raise _no_log(f"error {error.args[0]}") from None
    return Logged(*row) if row else None


class Lease:
    """The right to run migrations on one database, renewed by a thread until it is released."""

    def __init__(self, slug: str, ran_by: str, stop: Event | None = None) -> None:
        """Take it. Raises Conflict (somebody else holds it), Unavailable (no run log).

        Once `stop` is set no further statement begins.
        """
        self.slug, self.ran_by, self.stop = slug, ran_by, stop or Event()
        self.holder = f"{ran_by} {socket.gethostname()}:{os.getpid()} {uuid.uuid4().hex[:8]}"
        self._lock, self._over = Lock(), Event()
        self._connection = _connected()
        try:
            self._take()
        except MySQLdb.Error as error:
            self._connection.close()
            raise _no_log(f"error {error.args[0]}") from None
        except Conflict:
            self._connection.close()
            raise
        Thread(target=self._beat, daemon=True, name=f"lease-{slug}").start()

    def _take(self) -> None:
        for _ in range(TRIES):
            if self.write(TAKE, self.slug, self.holder, LEASE_S):
                return
            if self.write(TAKE_OVER, self.holder, LEASE_S, self.slug):
                return
            with self._connection.cursor() as cursor:
                cursor.execute(HELD, (self.slug,))
                held = cursor.fetchone()
            if held:  # else it was given back between the two
                said = f"by {held[0]} since {held[1]:%H:%M:%S} UTC. Wait for its end."
                raise Conflict(f"{self.slug}: another run is active, {said}")
        raise Conflict(f"{self.slug}: other runs follow each other here. Try again.")

    def write(self, sql: str, *params: object) -> int:
        """How many rows changed. Raises MySQLdb.Error."""
        with self._lock, self._connection.cursor() as cursor:
            return int(cursor.execute(sql, params))

    def insert(self, sql: str, *params: object) -> int:
        """The id of the new row. Raises MySQLdb.Error."""
        with self._lock, self._connection.cursor() as cursor:
            cursor.execute(sql, params)
            return int(cursor.lastrowid)

    def still_held(self) -> bool:
        """Renew; False when the lease ran out and somebody else has it, or nobody can say."""
        try:
            with self._lock, self._connection.cursor() as cursor:
                return bool(cursor.execute(RENEW, (LEASE_S, self.slug, self.holder)))
        except MySQLdb.Error:
            return False

    def _beat(self) -> None:
        while not self._over.wait(BEAT_S) and self.still_held():
            pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release; a console database that is away releases by itself when the lease runs out."""
        self._over.set()
        try:
            self.write(RELEASE, self.slug, self.holder)
            with self._lock:
                self._connection.close()
        except MySQLdb.Error:
            return

    def log(self, keyspace: str, kind: Kind = "migrate", *, by_hand: bool = False) -> RunLog:
        """The log of one keyspace's files under this lease."""
        return RunLog(self, keyspace, kind, by_hand)


class RunLog:
    """Writes one row a file (keyspaces.migrate.Log)."""

    def __init__(self, lease: Lease, keyspace: str, kind: Kind, by_hand: bool) -> None:
        self._lease, self._keyspace, self._kind, self._by_hand = lease, keyspace, kind, by_hand
        self._tag, self._id = "", 0

    def opened(self, tag: str, sha256: str, statements: int) -> None:
        """The intent. Raises MigrationStopped: then nothing has run."""
        lease = self._lease
        self._tag = tag
        facts = (lease.slug, self._keyspace, tag, sha256, self._kind, lease.ran_by, statements)
        with self._needed():
            self._id = lease.insert(OPENED, *facts, self._by_hand)

    def begins(self, number: int) -> None:
        """One statement is about to run. Raises MigrationStopped: then it does not."""
        if self._lease.stop.is_set():
            raise MigrationStopped(self._keyspace, self._tag, f"stopped before statement {number}")
        if not self._lease.still_held():
            raise MigrationStopped(self._keyspace, self._tag, "this run no longer holds its lease")
        with self._needed():
            self._lease.write(BEGUN, number, self._id)

    def ends(self, number: int) -> None:
        """It ran. Raises MigrationStopped: then the next one does not."""
        with self._needed():
            self._lease.write(ENDED, number, self._id)

    def closed(self, outcome: str, error: str = "") -> None:
        """How the file ended. Never raises: an open row under no lease says the same."""
        try:
            self._lease.write(CLOSED, outcome, error[:ERROR_KEPT], self._id)
        except MySQLdb.Error:
            return

    @contextmanager
    def _needed(self) -> Iterator[None]:
        try:
            yield
        except MySQLdb.Error as error:
            why = f"the run log cannot be written (error {error.args[0]})"
            raise MigrationStopped(self._keyspace, self._tag, why) from None


def _connected() -> Any:
    text = environment.optional(VARIABLE)
    if not text:
        raise _no_log(f"{VARIABLE} is not set")
    dsn = Dsn.parse(text, VARIABLE)
    try:
        return MySQLdb.connect(
            host=dsn.host,
            port=dsn.port,
            user=dsn.user,
            password=dsn.password,
            database=dsn.database,
            charset="utf8mb4",
            autocommit=True,
            connect_timeout=TIMEOUT_S,
            read_timeout=TIMEOUT_S,
            write_timeout=TIMEOUT_S,
        )
    except MySQLdb.Error as error:
        raise _no_log(f"error {error.args[0]}") from None


def _no_log(why: str) -> Unavailable:
    return Unavailable(
        f"The run log in oi_console cannot be written ({why}), so nothing is run.",
        code="run_log_unavailable",
    )
