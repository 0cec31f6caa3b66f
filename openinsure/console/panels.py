"""Panels of a detail page: each a value with a state; a database that is away is a value too."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.utils import InterfaceError, OperationalError

from openinsure.console.columns import plain
from openinsure.console.errors import problem_of
from openinsure.keyspaces import pools
from openinsure.problems import Unavailable
from openinsure.tenancy.together import Reading, read_together

State = Literal["ok", "empty", "unavailable", "stale", "loading"]
log = logging.getLogger(__name__)
AWAY = (OperationalError, InterfaceError, Unavailable)  # if it is one: see _away


@dataclass(frozen=True, slots=True)
class Panel:
    """Rows of one region. reason: why they are missing, or "forbidden" with the words in note.

    read_at: the age of figures from a roll-up; None for rows as they are now.
    """

    state: State
    rows: tuple[Any, ...] = ()
    reason: str = ""
    note: str = ""
    read_at: datetime | None = None


def load(label: str, read: Callable[[], Iterable[Any]], *, keyspace: str = "") -> Panel:
    """The rows that `read` gives, or an unavailable panel if its database is away.

    keyspace: one that the page can do without; it is read under the limit of pools.limited, so a
    hanging database costs its panel and never the page. Only that is caught: a bug fails the page.
    """
    try:
        with pools.limited(keyspace) if keyspace else nullcontext():
            rows = tuple(read())
    except AWAY as error:
        return _away(label, error)
    return _read(rows)


Asked = tuple[str, Callable[[], Reading[Any]]]  # label, and what makes the reading


def load_together(asked: Mapping[str, Asked], *, keyspace: str = "") -> dict[str, Panel]:
    """The panels of readings: one statement a keyspace, which costs its panels when it is away.

    keyspace: as of `load`; all of them read it.
    """
    if keyspace:
        return _read_limited(asked, keyspace)
    panels: dict[str, Panel] = {}
    homes: dict[str, dict[str, Reading[Any]]] = {}
    for name, (label, make) in asked.items():
        try:
            made = make()
        except AWAY as error:
            panels[name] = _away(label, error)
        else:
            homes.setdefault(made.keyspace, {})[name] = made
    for readings in homes.values():
        try:
            found = read_together(list(readings.values()))
        except AWAY as error:
            panels |= {name: _away(asked[name][0], error) for name in readings}
        else:
            panels |= zip(readings, map(_read, found), strict=True)
    return {name: panels[name] for name in asked}


def _read_limited(asked: Mapping[str, Asked], keyspace: str) -> dict[str, Panel]:
    try:
        with pools.limited(keyspace):
            found = read_together([make() for _, make in asked.values()])
    except AWAY as error:
        return {name: _away(label, error) for name, (label, _) in asked.items()}
    return dict(zip(asked, map(_read, found), strict=True))


def _read(rows: tuple[Any, ...]) -> Panel:
    return Panel("ok" if rows else "empty", rows)


def _away(label: str, error: Exception) -> Panel:
    """The panel of a database that is away. Raises anything else again."""
    if not isinstance(problem_of(error), Unavailable):
        raise error
    log.warning("panel unavailable", extra={"panel": label})
    return Panel("unavailable", reason=f"{label} did not answer; the rest is complete.")


def panel_json(panel: Panel) -> dict[str, Any]:
    """state, rows, and the reason if there is one."""
    told: dict[str, Any] = {"state": panel.state, "rows": [fields_json(row) for row in panel.rows]}
    return told | ({"reason": panel.reason} if panel.reason else {})


def fields_json(row: Any) -> dict[str, Any]:
    """Every field of a frozen row as JSON values, rows inside rows too."""
    return {f.name: _value(getattr(row, f.name)) for f in dataclasses.fields(row)}


def _value(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return fields_json(value)
    if isinstance(value, tuple):
        return [_value(item) for item in value]
    return plain(value)


def forbidden(permission: str) -> Panel:
    """A region that the viewer may not see, naming what is missing."""
    return Panel("unavailable", reason="forbidden", note=f"This needs the permission {permission}.")
