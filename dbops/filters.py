"""The query strings of the /ops pages: what they know, everything else is refused by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from dbops.history.states import FileState
from dbops.readings import Migration
from openinsure.problems import BadFilter

COMMON = {"orgId"}


def refuse_unknown(query: Iterable[str], known: Iterable[str] = ()) -> None:
    """Raises BadFilter naming the first parameter that the page does not know."""
    allowed = {*known, *COMMON}
    for name in query:
        if name not in allowed:
            words = ", ".join(sorted(allowed))
            raise BadFilter(name[:60], rule=f"is not known here; known are {words}")


@dataclass(frozen=True, slots=True)
class MigrationFilter:
    """Filters of /ops/db/<slug>/migrations."""

    state: str = ""
    keyspace: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str], rows: Iterable[Migration]) -> Self:
        """Raises BadFilter for an unknown parameter, state or keyspace."""
        refuse_unknown(query, ("state", "keyspace"))
        state, keyspace = query.get("state", ""), query.get("keyspace", "")
        if state and state not in list(FileState):
            raise BadFilter("state", rule=f"is one of {', '.join(FileState)}")
        known = {row.keyspace for row in rows}
        if keyspace and keyspace not in known:
            raise BadFilter("keyspace", rule="is a keyspace of this database")
        return cls(state, keyspace)

    def keeps(self, row: Migration) -> bool:
        """True for the rows wanted."""
        same_state = not self.state or row.state == self.state
        return same_state and (not self.keyspace or row.keyspace == self.keyspace)


DAYS = (1, 7, 30, 90)


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """The span of /ops/db/<slug>/history and the two structures to compare (0: none)."""

    days: int = 7
    earlier: int = 0
    later: int = 0

    @property
    def compares(self) -> bool:
        """Both structures are named."""
        return bool(self.earlier and self.later)

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """Raises BadFilter for an unknown parameter, span or number; for one structure alone."""
        refuse_unknown(query, ("days", "earlier", "later"))
        days = _number(query, "days") or cls().days
        if days not in DAYS:
            raise BadFilter("days", rule=f"is one of {', '.join(map(str, DAYS))}")
        found = cls(days, _number(query, "earlier"), _number(query, "later"))
        if bool(found.earlier) != bool(found.later):
            missing = "later" if found.earlier else "earlier"
            raise BadFilter(missing, rule="names the other structure to compare")
        return found


def _number(query: Mapping[str, str], name: str) -> int:
    text = query.get(name, "")
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise BadFilter(name, rule="is a whole number")
    return int(text)
