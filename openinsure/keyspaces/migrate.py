"""The runner of keyspace migrations: statement by statement, over the driver, no Django.

MySQL has no transactional DDL, so a file can stop half-way. The ledger row is written after the
last statement only; what failed is named with file, statement number and errno; a file whose
earlier statements already hold is not run again blindly (see evidence.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from typing import Any, Protocol

import MySQLdb

from openinsure.dsn import Dsn
from openinsure.keyspaces import evidence, journal
from openinsure.keyspaces.journal import LedgerRow, Migration

CONNECT_TIMEOUT_S = 2
STATEMENT_TIMEOUT_S = 900  # an index on a large table takes minutes; VTGate gives up at 900 s
NO_SUCH_TABLE = 1146
LOST = (2006, 2013)  # the server went away: whether the statement ran is not known

# Freed when the connection ends. It does not reach across shards; there a lease row must.
TAKE_LOCK = "SELECT GET_LOCK(LEFT(CONCAT('openinsure migrate ', DATABASE()), 64), 0)"

# What drizzle-orm's migrator creates, but for `serial`: vtexplain's parser drops such a table.
CREATE_LEDGER = (
    "CREATE TABLE IF NOT EXISTS `__drizzle_migrations` ("
    "`id` bigint unsigned NOT NULL AUTO_INCREMENT, `hash` text NOT NULL, `created_at` bigint, "
    "PRIMARY KEY (`id`))"
)
# Drizzle 1.x goes by the name of the folder: two columns more, at the end.
CREATE_NAMED_LEDGER = (
    CREATE_LEDGER.removesuffix("PRIMARY KEY (`id`))")
    + "`name` text, `applied_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (`id`))"
)
READ_LEDGER = (
    "SELECT l.`id`, l.`hash`, l.`created_at`, l.* FROM `__drizzle_migrations` l ORDER BY l.`id`"
)
WRITE_LEDGER = "INSERT INTO `__drizzle_migrations` (`hash`, `created_at`) VALUES (%s, %s)"
WRITE_NAMED_LEDGER = (
    "INSERT INTO `__drizzle_migrations` (`hash`, `created_at`, `name`) VALUES (%s, %s, %s)"
)
LEDGER = "__drizzle_migrations"  # another name where the project's config gives one
NAMED_COLUMNS = 3 + 5  # of READ_LEDGER; 3 + 3 on a ledger of 0.x

Report = Callable[[str], None]
Files = Sequence[Migration]


class Log(Protocol):
    """Hears of each step before and after it; what it raises stops the run before the step."""

    def opened(self, tag: str, sha256: str, statements: int) -> None:
        """A file is about to run."""

    def begins(self, number: int) -> None:
        """One of its statements is about to run."""

    def ends(self, number: int) -> None:
        """It ran, or was there already."""

    def closed(self, outcome: str, error: str = "") -> None:
        """The file is `applied`, `failed`, `stopped`, or its outcome is `unknown`."""


class Silent:
    """A log that keeps nothing (tests; the suite's own databases)."""

    def opened(self, tag: str, sha256: str, statements: int) -> None: ...
    def begins(self, number: int) -> None: ...
    def ends(self, number: int) -> None: ...
    def closed(self, outcome: str, error: str = "") -> None: ...


class MigrationStopped(Exception):
    """A run that must not go on; the text says where and what to do."""

    def __init__(self, keyspace: str, tag: str, why: str) -> None:
        super().__init__(f"{keyspace}/{tag}: {why}" if tag else f"{keyspace}: {why}")
        self.keyspace = keyspace
        self.tag = tag


class StatementFailed(MigrationStopped):
    """One statement was refused. Those before it stay; the file has no ledger row."""

    def __init__(self, keyspace: str, tag: str, number: int, total: int, error: Exception) -> None:
        self.number = number
        self.errno = error.args[0] if error.args else 0
        text = error.args[1] if len(error.args) > 1 else str(error)
        said = "lost, its outcome is unknown" if self.lost else "failed"
        super().__init__(
            keyspace, tag, f"statement {number} of {total} {said}, errno {self.errno}: {text}"
        )

    @property
    def lost(self) -> bool:
        """The server went away meanwhile."""
        return self.errno in LOST


def of_ledger(sql: str, table: str) -> str:
    """One of the statements above for a ledger of that name. Pure."""
    return sql.replace(f"`{LEDGER}`", f"`{table}`")


def pending(
    dsn: Dsn,
    keyspace: str,
    *,
    schema: str | None = None,
    files: Files | None = None,
    ledger: str = LEDGER,
) -> list[str]:
    """Tags that `apply_pending` would run, in order. Writes nothing.

    Raises MigrationStopped when an applied file changed or one would be skipped for ever.
    """
    with _connected(dsn, schema or dsn.database or keyspace) as cursor:
        return [migration.tag for migration in _runnable(cursor, keyspace, files, ledger)]


def apply_pending(
    dsn: Dsn,
    keyspace: str,
    *,
    schema: str | None = None,
    files: Files | None = None,
    ledger: str = LEDGER,
    report: Report | None = None,
    log: Log | None = None,
) -> list[str]:
    """Run what is pending and return its tags; `report` hears one line per statement and file.

    schema: where to run; by default the schema of the address, else the keyspace's own name.
    files: another folder's; by default the keyspace's own. ledger: the table's name.
    Raises MigrationStopped, StatementFailed, JournalError; MySQLdb.Error when the server is away.
    """
    tell = report or (lambda _line: None)
    done = []
    with _connected(dsn, schema or dsn.database or keyspace) as cursor:
        cursor.execute(TAKE_LOCK)
        if cursor.fetchone() != (1,):
            raise MigrationStopped(keyspace, "", "another run is active here; wait for its end")
        try:
            named = any(one.by_name for one in files or ())
            cursor.execute(of_ledger(CREATE_NAMED_LEDGER if named else CREATE_LEDGER, ledger))
            for migration in _runnable(cursor, keyspace, files, ledger):
                _run(cursor, keyspace, migration, ledger, tell, log or Silent())
                done.append(migration.tag)
        finally:
            _unlock(cursor)
    return done


def _unlock(cursor: Any) -> None:
    """A server notices a closed connection late; the next run must not find our lock then."""
    with suppress(MySQLdb.Error):
        cursor.execute("DO RELEASE_ALL_LOCKS()")


def apply_all(
    dsns: Mapping[str, Dsn],
    *,
    schemas: Mapping[str, str] | None = None,
    report: Report | None = None,
) -> dict[str, list[str] | Exception]:
    """`apply_pending` of several keyspaces side by side; each result is its tags or its error."""

    def one(keyspace: str) -> list[str] | Exception:
        schema = (schemas or {}).get(keyspace)
        try:
            return apply_pending(dsns[keyspace], keyspace, schema=schema, report=report)
        except (MigrationStopped, journal.JournalError, MySQLdb.Error) as error:
            return error

    with ThreadPoolExecutor(max_workers=max(len(dsns), 1)) as pool:
        return dict(zip(dsns, pool.map(one, dsns), strict=True))


@contextmanager
def _connected(dsn: Dsn, schema: str) -> Iterator[Any]:
    connection = MySQLdb.connect(
        host=dsn.host,
        port=dsn.port,
        user=dsn.user,
        passwd=dsn.password,
        db=schema,
        charset="utf8mb4",
        autocommit=True,
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=STATEMENT_TIMEOUT_S,
        write_timeout=STATEMENT_TIMEOUT_S,
    )
    with closing(connection), closing(connection.cursor()) as cursor:
        yield cursor


def _ledger(cursor: Any, keyspace: str, found: Files, table: str) -> list[LedgerRow]:
    """Its rows. Raises MigrationStopped for one that another version of Drizzle keeps: a row
    written in the wrong form would make that version run the file again.
    """
    try:
        cursor.execute(of_ledger(READ_LEDGER, table))
    except MySQLdb.ProgrammingError as error:
        if error.args[0] != NO_SUCH_TABLE:
            raise
        return []
    named, by_name = len(cursor.description) >= NAMED_COLUMNS, any(one.by_name for one in found)
    if by_name and not named:
        why = "folders of Drizzle 1.x, ledger of 0.x; let drizzle-kit 1.x migrate it once"
        raise MigrationStopped(keyspace, "", why)
    if named and found and not by_name:
        why = "the ledger is of Drizzle 1.x, the files are of 0.x; run drizzle-kit up on them"
        raise MigrationStopped(keyspace, "", why)
    return [
        LedgerRow(int(row[0]), row[1], int(row[2] or 0), row[6] if named else None)
        for row in cursor.fetchall()
    ]


def _runnable(
    cursor: Any, keyspace: str, files: Files | None, ledger: str
) -> tuple[Migration, ...]:
    found = journal.read_folder(journal.folder_of(keyspace)) if files is None else files
    plan = journal.plan(found, _ledger(cursor, keyspace, found, ledger))
    for migration in plan.modified:
        why = f"was applied with other bytes (now sha256 {migration.sha256}); restore the file"
        raise MigrationStopped(keyspace, migration.tag, why)
    for migration in plan.skipped:
        why = f"its when {migration.when} is older than the newest applied; give it a later one"
        raise MigrationStopped(keyspace, migration.tag, why)
    if plan.orphaned:
        whens = ", ".join(str(row.created_at) for row in plan.orphaned)
        raise MigrationStopped(keyspace, "", f"ledger rows without a file, when {whens}")
    return plan.pending


def _run(
    cursor: Any, keyspace: str, migration: Migration, ledger: str, tell: Report, log: Log
) -> None:
    log.opened(migration.tag, migration.sha256, len(migration.statements))
    try:
        _statements(cursor, keyspace, migration, ledger, tell, log)
    except StatementFailed as error:
        log.closed("unknown" if error.lost else "failed", str(error))
        raise
    except MigrationStopped as error:
        log.closed("stopped", str(error))
        raise
    log.closed("applied")
    tell(f"{keyspace}/{migration.tag} applied")


def _statements(
    cursor: Any, keyspace: str, migration: Migration, ledger: str, tell: Report, log: Log
) -> None:
    """Each statement that does not hold already, then the ledger row."""
    total = len(migration.statements)
    number = 0
    try:
        for number, statement in enumerate(migration.statements, start=1):
            at = f"{keyspace}/{migration.tag} {number}/{total}"
            log.begins(number)
            if evidence.holds(cursor, statement):
                tell(f"{at} already there")
            else:
                cursor.execute(statement)
                tell(f"{at} done")
            log.ends(number)
        row = (migration.sha256, migration.when)
        if migration.by_name:
            cursor.execute(of_ledger(WRITE_NAMED_LEDGER, ledger), (*row, migration.tag))
        else:
            cursor.execute(of_ledger(WRITE_LEDGER, ledger), row)
    except evidence.Contradicted as error:
        raise MigrationStopped(keyspace, migration.tag, f"statement {number}: {error}") from None
    except MySQLdb.Error as error:
        raise StatementFailed(keyspace, migration.tag, number, total, error) from error
