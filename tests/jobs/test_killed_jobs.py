"""kill -9 of a real worker at its boundaries, then begun again: every effect once, nothing lost.

All nine jobs, the earning of two nights and a settlement. A run of the suite kills a sample;
OPENINSURE_PROPERTIES=properties kills at every boundary.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import MySQLdb
import pytest
from django.apps import apps
from django.conf import settings

from openinsure.jobs import d1_retention, starting
from openinsure.settings.cron import JOBS
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.models import TenantModel
from openinsure.tenancy.scope import Scope
from tests.conftest import ALL_ALIASES, dsn_of
from tests.jobs import nights, world
from tests.jobs.test_every_job import due_on
from tests.jobs.test_kills import LETTERS, UUID, files_of, letters_of
from tests.jobs.zygote import Workers

ALIASES = (*ALL_ALIASES, "ledger_engine")
EVERY = os.environ.get("OPENINSURE_PROPERTIES") == "properties"
SAMPLE = 4  # of each job, evenly over its boundaries
SHARDS = 8
TRANSFER = re.compile(r"'[0-9a-f]{32}'")  # its id follows from the id of the run
Rows = dict[str, tuple[tuple[Any, ...], ...]]
HEALTH = ("slug", "day", "watched_s", "up_s", "changes")
TENANTS = {
    model._meta.db_table for model in apps.get_models() if issubclass(model, TenantModel)
} - world.OWN  # what a run keeps of itself is apart


@pytest.fixture(scope="module")
def names(django_db_setup: None) -> dict[str, str]:
    """The suite's schemas by alias."""
    return {alias: str(settings.DATABASES[alias]["NAME"]) for alias in ALIASES}


@pytest.fixture(scope="module")
def workers(names: dict[str, str], tmp_path_factory: Any) -> Iterator[Workers]:
    """Whoever is killed. What they commit is taken back, so that it meets no other test."""
    before, found = Snapshot(names, tmp_path_factory.mktemp("none")), Workers(names)
    yield found
    found.close()
    before.restore()


def server() -> Any:
    """A connection that no guard watches, to compare schemas."""
    dsn = dsn_of("default")
    return MySQLdb.connect(
        host=dsn.host, port=dsn.port, user=dsn.user, passwd=dsn.password, autocommit=True
    )


def run(connection: Any, statement: str, *rows: Any) -> Any:
    with closing(connection.cursor()) as cursor:
        cursor.executemany(statement, rows) if rows else cursor.execute(statement)
        return cursor.fetchall()


class Snapshot:
    """Every row of the schemas and every file of a folder, to go back to."""

    def __init__(self, names: dict[str, str], folder: Path) -> None:
        self.folder, self.kept = folder, folder.with_name(f"{folder.name}-kept")
        self.columns: dict[str, list[str]] = {}
        shutil.copytree(folder, self.kept)
        with closing(server()) as connection:
            self.tables = [
                f"`{name}`.`{table}`"
                for name in names.values()
                for (table,) in run(connection, f"SHOW TABLES FROM `{name}`")
            ]
            self.rows = self._filled(connection)

    def _filled(self, connection: Any) -> Rows:
        asked = " UNION ALL ".join(
            f"(SELECT '{table}' FROM {table} LIMIT 1)" for table in self.tables
        )
        return {
            table: run(connection, f"SELECT * FROM {table}") for (table,) in run(connection, asked)
        }

    def effects(self, scope: Scope, known: Collection[str] | None = None) -> dict[str, list[str]]:
        """As `test_kills.effects`, of what stands in the schemas now."""

        def told(row: tuple[Any, ...], kept: list[int]) -> str:
            text = str(tuple(row[place] for place in kept))
            return UUID.sub(lambda one: one[0] if known is None or one[0] in known else "", text)

        found = {}
        with closing(server()) as connection:
            for table, rows in self._filled(connection).items():
                name = table.rpartition(".")[2].strip("`")
                columns = self._columns(connection, table)
                kept = [place for place, one in enumerate(columns) if not one.endswith("_at")]
                if name == "health_days":
                    kept = [columns.index(one) for one in HEALTH]
                    found[name] = sorted(told(row, kept) for row in rows)
                elif name in TENANTS:
                    org = columns.index("org_id")
                    own = sorted(told(row, kept) for row in rows if row[org] == scope.org_id)
                    found |= {name: own} if own else {}
        return found

    def lost(self) -> bool:
        """Whether a letter may have gone, nobody knows."""
        asked = (
            f"SELECT 1 FROM {table} WHERE status = 'unknown'"
            for table in self.tables
            if table.endswith((".`policy_notices`", ".`payment_reminders`"))
        )
        with closing(server()) as connection:
            return bool(run(connection, " UNION ALL ".join(asked)))

    def _columns(self, connection: Any, table: str) -> list[str]:
        if table not in self.columns:
            self.columns[table] = [row[0] for row in run(connection, f"SHOW COLUMNS FROM {table}")]
        return self.columns[table]

    def restore(self) -> None:
        """Rows and files as they were."""
        with closing(server()) as connection:
            found = self._filled(connection)
            for table in found.keys() | self.rows.keys():
                rows = self.rows.get(table, ())
                if found.get(table) != rows:
                    run(connection, f"DELETE FROM {table}")
                    if rows:
                        places = ", ".join(["%s"] * len(rows[0]))
                        run(connection, f"INSERT INTO {table} VALUES ({places})", *rows)
        shutil.rmtree(self.folder)
        shutil.copytree(self.kept, self.folder)


def old_sessions(folder: Path) -> None:
    """Databases of D1 with more to delete than one step takes."""
    for slug, name in (("oi-auth", "auth.sqlite"), ("oi-submissions", "forms.sqlite")):
        with closing(sqlite3.connect(folder / name)) as connection, connection:
            for rule in (rule for rule in d1_retention.RULES if rule.slug == slug):
                more = ", status, submitted_at" if rule.table == "submission_forms" else ""
                connection.execute(
                    f"CREATE TABLE IF NOT EXISTS {rule.table} (id, form_id, {rule.column}{more})"
                )
            for part in d1_retention.PARTS if slug == "oi-submissions" else ():
                connection.execute(f"CREATE TABLE IF NOT EXISTS {part} (id, form_id)")
            if slug == "oi-auth":
                connection.executemany(
                    "INSERT INTO session (id, expiresAt) VALUES (?, ?)",
                    [(number, f"20{20 + 20 * (number % 2)}-01-01") for number in range(1_300)],
                )


def sessions(folder: Path) -> dict[str, int]:
    """What is left in each file."""
    with closing(sqlite3.connect(folder / "auth.sqlite")) as connection:
        ((count, oldest),) = connection.execute("SELECT COUNT(*), MIN(expiresAt) FROM session")
    return {str(oldest): count}


@pytest.mark.parametrize("key", [job.key for job in JOBS])
def test_it_has_each_effect_once_whenever_its_worker_is_killed(
    key: str, acme: Scope, workers: Workers, names: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "place"
    folder.mkdir()
    due, ids = due_on(starting.job_named(key), date(2026, 11, 20)), (acme.org_id, PLATFORM_ORG_ID)
    old_sessions(folder)
    empty = Snapshot(names, tmp_path)
    try:
        workers.call(nights.prepare, acme, due, folder)
        before = Snapshot(names, folder)
        known = set(UUID.findall(str(before.effects(acme))))
        whole = workers.call(begin, key, due, folder, ids, False)
        assert whole.said.startswith("succeeded"), whole.said

        def told() -> tuple[Any, ...]:
            found = before.effects(acme, known)
            rows = {name: sorted(TRANSFER.sub("''", row) for row in found[name]) for name in found}
            files = files_of(folder, but=".sqlite")
            return rows, files, letters_of(folder), sessions(folder), before.lost()

        wanted, outside, sent, left, _ = told()
        for dies in range(1, whole.boundaries + 1, 1 if EVERY else whole.boundaries // SAMPLE):
            before.restore()
            assert workers.call(begin, key, due, folder, ids, False, dies=dies).killed
            said = workers.call(begin, key, due, folder, ids, True).said
            assert said == "done already" or said.startswith("succeeded"), (dies, said)
            rows, files, gone, kept, lost = told()
            assert gone <= sent, dies
            assert kept == left, dies
            if lost:  # a letter went or not, nobody knows: its rows may stand apart
                assert without_letters(rows) == without_letters(wanted), dies
            else:
                assert rows == wanted, dies
                assert files == outside, dies
    finally:
        empty.restore()


def begin(key: str, due: Any, folder: Path, ids: tuple[str, ...], again: bool) -> str:
    """For the worker."""
    return nights.begin(key, due, folder, ids, again=again)


def without_letters(rows: dict[str, Any]) -> dict[str, Any]:
    return {table: found for table, found in rows.items() if table not in LETTERS}


def every(boundaries: int, shard: int) -> range:
    """The boundaries of a shard: all of them, or a sample that differs from shard to shard."""
    step = SHARDS if EVERY else SHARDS * max(1, boundaries // 32)
    return range(1 + shard * max(1, step // SHARDS), boundaries + 1, step)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_its_nights_are_exact_whenever_the_worker_is_killed(shard: int, workers: Workers) -> None:
    whole = workers.call(nights.nights, workers.call(nights.book).said).boundaries
    assert whole >= 100
    for dies in every(whole, shard):
        book = workers.call(nights.book).said
        assert workers.call(nights.nights, book, dies=dies).killed
        workers.call(nights.nights, book)
        workers.call(nights.check_nights, book)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_settlement_is_exact_whenever_the_worker_is_killed(shard: int, workers: Workers) -> None:
    whole = workers.call(nights.settle, workers.call(nights.settled).said, 0).boundaries
    assert whole >= 200
    for dies in every(whole, shard):
        one = workers.call(nights.settled).said
        assert workers.call(nights.settle, one, 0, dies=dies).killed
        workers.call(nights.settle, one, 60)
        workers.call(nights.check_settled, one)


def test_a_worker_is_really_killed(workers: Workers) -> None:
    ended = workers.call(nights.settled)
    assert (ended.killed, ended.boundaries > 0) == (False, True)
    assert workers.call(nights.settled, dies=1).killed
    with pytest.raises(AssertionError, match="unterminated"):
        workers.call(re.compile, "(")
