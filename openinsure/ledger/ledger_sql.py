"""Rows of the embedded ledger's tables to and from the port's values. Statements of no tenant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import attrgetter
from typing import Any, Protocol

from openinsure.ledger import ids
from openinsure.ledger.books import Books, Phase, expires_at
from openinsure.ledger.port import Account, AccountFlags, Balance, Transfer, TransferFlags

ROWS_PER_STATEMENT = 1000
SUMS = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")
ACCOUNT = ("id", "ledger", "code", "flags", "user_data_128", "user_data_64", "user_data_32")
ACCOUNT_COLUMNS = (*ACCOUNT, *SUMS, "timestamp")
TRANSFER_COLUMNS = (
    *("id", "debit_account_id", "credit_account_id", "amount", "pending_id", "user_data_128"),
    *("user_data_64", "user_data_32", "timeout", "ledger", "code", "flags", "timestamp"),
)
HEX = frozenset(
    {"id", "account_id", "debit_account_id", "credit_account_id", "pending_id", "user_data_128"}
)
_A, _T = ", ".join(ACCOUNT_COLUMNS), ", ".join(TRANSFER_COLUMNS)
_account_values, _transfer_values = attrgetter(*ACCOUNT_COLUMNS), attrgetter(*TRANSFER_COLUMNS)
_sums = attrgetter(*SUMS)


class Cursor(Protocol):
    """What is used of a database cursor."""

    def execute(self, sql: str, params: Sequence[Any] | None = None) -> Any:
        """One statement."""
        ...

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> Any:
        """One statement of many rows."""
        ...

    def fetchall(self) -> Sequence[Sequence[Any]]:
        """All rows."""
        ...


def read_accounts(cursor: Cursor, wanted: Iterable[int]) -> list[Account]:
    """Those of these ids that exist."""
    rows = _by_id(cursor, f"SELECT {_A} FROM accounts WHERE id IN", wanted)
    return [_account(row) for row in rows]


def read_transfers(cursor: Cursor, wanted: Iterable[int]) -> dict[int, tuple[Transfer, Phase]]:
    """Those of these ids that exist, with the phase each is in."""
    rows = _by_id(cursor, f"SELECT {_T}, phase FROM transfers WHERE id IN", wanted)
    return {int(row[0], 16): (transfer(row), Phase(row[-1])) for row in rows}


def read_lapsed(cursor: Cursor, now: int) -> set[int]:
    """Ids of pending transfers whose time is over. now: ns."""
    cursor.execute(
        "SELECT id FROM transfers WHERE phase = %s AND expires_at BETWEEN 1 AND %s",
        [Phase.PENDING.value, now],
    )
    return {int(row[0], 16) for row in cursor.fetchall()}


def read_burnt(cursor: Cursor, wanted: Iterable[int]) -> set[int]:
    """Those of these ids that failed for ever."""
    return {int(row[0], 16) for row in _by_id(cursor, "SELECT id FROM burnt WHERE id IN", wanted)}


def transfer(row: Sequence[Any]) -> Transfer:
    """A row of TRANSFER_COLUMNS."""
    values = _values(TRANSFER_COLUMNS, row)
    return Transfer(**{**values, "flags": TransferFlags(values["flags"])})


def balance(row: Sequence[Any]) -> Balance:
    """A row of SUMS and timestamp."""
    return Balance(**_values((*SUMS, "timestamp"), row))


def write(cursor: Cursor, books: Books, known_accounts: frozenset[int]) -> None:
    """What a batch changed. known_accounts: ids that were read, so are updated, not inserted."""
    fresh = [books.accounts[one] for one in books.changed_accounts - known_accounts]
    _insert(cursor, "accounts", ACCOUNT_COLUMNS, map(_account_values, fresh))
    changed = [books.accounts[one] for one in books.changed_accounts & known_accounts]
    cursor.executemany(
        "UPDATE accounts SET debits_pending = %s, debits_posted = %s, credits_pending = %s,"
        " credits_posted = %s, flags = %s WHERE id = %s",
        [[*_sums(a), int(a.flags), ids.text(a.id)] for a in changed],
    )
    moved = [books.transfers[one] for one in books.new_transfers]
    columns = (*TRANSFER_COLUMNS, "phase", "expires_at")
    rows = ((*_transfer_values(t), books.phases[t.id].value, expires_at(t)) for t in moved)
    _insert(cursor, "transfers", columns, rows)
    ended = books.changed_phases - set(books.new_transfers)
    cursor.executemany(
        "UPDATE transfers SET phase = %s WHERE id = %s",
        [[books.phases[one].value, ids.text(one)] for one in ended if one in books.phases],
    )
    _insert(cursor, "burnt", ("id",), ((one,) for one in books.new_burnt))
    history = ((account, at, *_sums(told)) for (account, at), told in books.balances.items())
    _insert(cursor, "balances", ("account_id", "timestamp", *SUMS), history)


def _insert(
    cursor: Cursor, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Numbers as text: the forms take nothing else but a phase, so there is nothing to escape."""
    form = "(" + ", ".join(map(_form, columns)) + ")"
    head = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "
    for part in _parts(rows):
        cursor.execute(head + ", ".join([form % row for row in part]))


def _form(column: str) -> str:
    if column == "phase":
        return "'%s'"
    return "'%032x'" if column in HEX else "%d"


def _by_id(cursor: Cursor, head: str, wanted: Iterable[int]) -> Iterator[Sequence[Any]]:
    for part in _parts(sorted(set(wanted) - {0})):
        places = ", ".join(["%s"] * len(part))
        cursor.execute(f"{head} ({places})", [ids.text(one) for one in part])
        yield from cursor.fetchall()


def _parts(rows: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(rows)
    while part := list(islice(left, ROWS_PER_STATEMENT)):
        yield part


def _account(row: Sequence[Any]) -> Account:
    values = _values(ACCOUNT_COLUMNS, row)
    return Account(**{**values, "flags": AccountFlags(values["flags"])})


def _values(columns: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    named = zip(columns, row, strict=False)  # a phase may follow
    return {name: int(value, 16) if name in HEX else int(value) for name, value in named}
