"""The ledger without a server: the same rules on tables of a schema of its own (`oi_ledger`).

An engine, not tenant data: the alias `ledger_engine` is outside the guard and opened only here;
the port above keeps organisations apart. One locked clock row makes batches strictly one after
another, as the server does, and timestamps rise over accounts and transfers alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connections, transaction
from django.db.utils import InterfaceError, OperationalError

from openinsure.ledger import ids, ledger_sql, rules
from openinsure.ledger.books import Books
from openinsure.ledger.port import (
    CURRENCIES_PER_ORG,
    JOB_DEADLINE_MS,
    Account,
    Balance,
    History,
    LedgerAway,
    LedgerRefusal,
    Result,
    Transfer,
)

ALIAS = "ledger_engine"
SCHEMA_FILE = Path(__file__).with_name("schema.sql")
BATCH_MAX = 8_189  # the server's, so that what fits here fits there


class EmbeddedLedger:
    """The adapter. Stateless: connections are Django's, one a thread."""

    name = "embedded"
    batch_max = BATCH_MAX
    any_thread = False

    def create_accounts(self, events: Sequence[Account], *, deadline_ms: int) -> list[Result]:
        """As the port says."""
        return self._run(events, _accounts_of, rules.create_accounts, deadline_ms)

    def create_transfers(self, events: Sequence[Transfer], *, deadline_ms: int) -> list[Result]:
        """As the port says."""
        return self._run(events, _transfers_of, rules.create_transfers, deadline_ms)

    def lookup_accounts(self, wanted: Sequence[int], *, deadline_ms: int) -> list[Account]:
        """As the port says, in the order asked."""
        with _cursor(deadline_ms) as cursor:
            found = {one.id: one for one in ledger_sql.read_accounts(cursor, wanted)}
        return [found[one] for one in wanted if one in found]

    def lookup_transfers(self, wanted: Sequence[int], *, deadline_ms: int) -> list[Transfer]:
        """As the port says, in the order asked."""
        with _cursor(deadline_ms) as cursor:
            found = ledger_sql.read_transfers(cursor, wanted)
        return [found[one][0] for one in wanted if one in found]

    def account_transfers(self, asked: History, *, deadline_ms: int) -> list[Transfer]:
        """As the port says; each side has its index, so each is read by itself."""
        columns = ", ".join(ledger_sql.TRANSFER_COLUMNS)
        sides = (("debit_account_id", asked.debits), ("credit_account_id", asked.credits))
        found: list[Transfer] = []
        with _cursor(deadline_ms) as cursor:
            for column, wanted in sides:
                if wanted:
                    sql = f"SELECT {columns} FROM transfers WHERE {column} = %s"  # noqa: S608
                    found += map(ledger_sql.transfer, _history_rows(cursor, sql, asked))
        found.sort(key=lambda one: one.timestamp, reverse=asked.newest_first)
        return found[: asked.limit]

    def account_balances(self, asked: History, *, deadline_ms: int) -> list[Balance]:
        """As the port says. Only the side filters need the transfers."""
        columns = ", ".join((*ledger_sql.SUMS, "timestamp"))
        sql = f"SELECT {columns} FROM balances WHERE account_id = %s"  # noqa: S608
        with _cursor(deadline_ms) as cursor:
            found = list(map(ledger_sql.balance, _history_rows(cursor, sql, asked)))
        if not (asked.debits and asked.credits):
            times = {t.timestamp for t in self.account_transfers(asked, deadline_ms=deadline_ms)}
            found = [one for one in found if one.timestamp in times]
        return found

    def _run(
        self,
        events: Sequence[Any],
        load: Callable[[Any, Books, Sequence[Any]], None],
        rule: Callable[[Books, Sequence[Any]], list[Result]],
        deadline_ms: int,
    ) -> list[Result]:
        if len(events) > self.batch_max:
            raise LedgerRefusal(f"{len(events)} events in a batch, at most {self.batch_max}")
        with _cursor(deadline_ms) as cursor, transaction.atomic(using=ALIAS):
            books = Books(clock=_take_clock(cursor))
            load(cursor, books, events)
            known = frozenset(books.accounts)
            results = rule(books, events)
            ledger_sql.write(cursor, books, known)
            cursor.execute("UPDATE clock SET last_timestamp = %s WHERE id = 1", [books.clock])
        return results


def statements() -> list[str]:
    """The schema's statements, each safe to repeat."""
    lines = SCHEMA_FILE.read_text().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("--"))
    return [part.strip() for part in text.split(";") if part.strip()]


def create_tables() -> None:
    """Make what is missing; for the suite. `make run` does it as the server's administrator."""
    with _cursor(30_000) as cursor:
        for statement in statements():
            cursor.execute(statement)


def forget(ledger_code: int) -> None:
    """Drop all of an organisation's ledger, every currency of it. Only a reload of demo data asks:
    a ledger never forgets, so the real engine has no such thing.
    """
    first = ledger_code // CURRENCIES_PER_ORG * CURRENCIES_PER_ORG
    ours = (first, first + CURRENCIES_PER_ORG - 1)
    with _cursor(JOB_DEADLINE_MS) as cursor, transaction.atomic(using=ALIAS):
        for table, column in (("balances", "account_id"), ("transfers", "debit_account_id")):
            cursor.execute(
                f"DELETE gone FROM {table} gone JOIN accounts ON accounts.id = gone.{column}"
                " WHERE accounts.ledger BETWEEN %s AND %s",
                ours,
            )
        cursor.execute("DELETE FROM accounts WHERE ledger BETWEEN %s AND %s", ours)


@contextmanager
def _cursor(deadline_ms: int) -> Iterator[Any]:
    """A cursor whose waiting ends by the deadline. Raises LedgerAway when the server is away."""
    try:
        with connections[ALIAS].cursor() as cursor:
            cursor.execute("SET innodb_lock_wait_timeout = %s", [max(1, deadline_ms // 1000)])
            yield cursor
    except (OperationalError, InterfaceError) as error:
        number = next((f" (database error {one})" for one in error.args if type(one) is int), "")
        raise LedgerAway(f"the embedded ledger does not answer{number}") from error


def _take_clock(cursor: Any) -> int:
    """Lock the clock until the batch commits; the time to go on from, ns."""
    cursor.execute("SELECT last_timestamp FROM clock WHERE id = 1 FOR UPDATE")
    return max(int(cursor.fetchone()[0]), time.time_ns())


def _accounts_of(cursor: Any, books: Books, events: Sequence[Account]) -> None:
    wanted = {event.id for event in events}
    books.accounts = {one.id: one for one in ledger_sql.read_accounts(cursor, wanted)}


def _transfers_of(cursor: Any, books: Books, events: Sequence[Transfer]) -> None:
    """What the events name, what those inherit from, and what lapsed since."""
    named = {event.id for event in events} | {event.pending_id for event in events}
    found = ledger_sql.read_transfers(cursor, named | ledger_sql.read_lapsed(cursor, books.clock))
    held = {transfer.pending_id for transfer, _ in found.values()} - set(found)
    found |= ledger_sql.read_transfers(cursor, held)
    books.transfers = {one: transfer for one, (transfer, _) in found.items()}
    books.phases = {one: phase for one, (_, phase) in found.items()}
    books.burnt = ledger_sql.read_burnt(cursor, named)
    sides = [*events, *books.transfers.values()]
    wanted = {one.debit_account_id for one in sides} | {one.credit_account_id for one in sides}
    books.accounts = {one.id: one for one in ledger_sql.read_accounts(cursor, wanted)}


def _history_rows(cursor: Any, sql: str, asked: History) -> Sequence[Sequence[Any]]:
    order = "DESC" if asked.newest_first else "ASC"
    cursor.execute(
        f"{sql} AND timestamp BETWEEN %s AND %s ORDER BY timestamp {order} LIMIT %s",
        [
            ids.text(asked.account_id),
            asked.timestamp_min,
            asked.timestamp_max or 2**64 - 1,
            asked.limit,
        ],
    )
    rows: Sequence[Sequence[Any]] = cursor.fetchall()
    return rows
