"""What every engine's session offers a reader, and the named ways in which a look can fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from dbops.readings import State

Row = tuple[Any, ...]
Names = Mapping[str, frozenset[str]]  # table name -> column names, both lower case


class Session(Protocol):
    """A read-only connection to one database."""

    dialect: str  # mysql | postgres | sqlite

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        """All rows. Raises NoSuchTable or Away."""
        ...

    def names(self, schema: str) -> Names:
        """Base tables of one schema with their columns. Raises Away."""
        ...

    def close(self) -> None:
        """Hang up; never raises."""
        ...


class NoSuchTable(Exception):
    """The ledger table is not there: the tool has never run."""


class Away(Exception):
    """The look failed: `unreachable` (refused, rejected) or `unknown` (silent, unreadable).

    The reason is in words: no host, user, SQL or driver text reaches it.
    """

    def __init__(self, state: State, reason: str, *, absent: bool = False) -> None:
        super().__init__(reason)
        self.state, self.reason = state, reason
        self.absent = absent  # never set up: an optional engine is then "not installed"


def no_answer(timeout_s: float) -> Away:
    """The deadline passed."""
    return Away(State.UNKNOWN, f"no answer within {timeout_s:g} s")


def no_privilege(what: str) -> Away:
    """The account may not read what the look needs."""
    return Away(State.UNKNOWN, f"privileges: the account may not read {what}")
