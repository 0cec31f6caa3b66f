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
