"""The newest comparisons and the run log, from oi_console by plain SQL: the light path."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from dbops.catalog.verdict import Outcome, Stored
from dbops.history import running
from dbops.probes.sessions import Away, NoSuchTable, Row
from dbops.readings import Deadline, Drift
from openinsure import environment
from openinsure.dsn import Dsn

VARIABLE = "DATABASE_URL"
QUERY = "SELECT slug, compared_at, outcomes FROM dbops_storedcomparison"
SEEN = "SELECT slug, label, sha256 FROM dbops_firstseen"


class Told(NamedTuple):
    """What oi_console said, row by row."""

    compared: Sequence[Row] = ()
    seen: Sequence[Row] = ()
    runs: Sequence[Row] = ()


def newest(deadline: Deadline) -> dict[str, Stored]:
    """Slug -> newest comparison; empty when oi_console cannot be asked: nothing is proven then."""
    return read(asked(deadline))


def asked(deadline: Deadline) -> Told:
    """The rows of oi_console; none when it cannot be asked."""
    from dbops.probes.mysql_session import MySqlSession

    text = environment.optional(VARIABLE)
    if not text:
        return Told()
    try:
        dsn = Dsn.parse(text, VARIABLE)
        session = MySqlSession(dsn, dsn.database, deadline)
        try:
            return Told(session.rows(QUERY), session.rows(SEEN), session.rows(running.QUERY))
        finally:
            session.close()
    except (Away, NoSuchTable, environment.ConfigurationError):
        return Told()


def packed(told: Told) -> list[list[list[Any]]]:
    """The rows as JSON values, for another process."""
    return [
        [[_text(value) for value in row] for row in rows]
        for rows in (told.compared, told.seen, told.runs)
    ]


def unpacked(said: Sequence[Sequence[Any]] | None) -> Told:
    """The rows of `packed`; none where nothing was said."""
    compared, seen, runs = said or ((), (), ())
    return Told(
        [(slug, _time(at), outcomes) for slug, at, outcomes in compared],
        seen,
        [(*row[:6], _time(row[6]), row[7]) for row in runs],
    )


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _time(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


def read(told: Told) -> dict[str, Stored]:
    """The rows by slug."""
    compared = {str(slug): (at, json.loads(outcomes)) for slug, at, outcomes in told.compared}
    seen = [(str(slug), str(label), str(digest)) for slug, label, digest in told.seen]
    return together(compared, seen, [running.Row(*row) for row in told.runs])


def together(
    compared: Mapping[str, tuple[datetime, Mapping[str, Any]]],
    seen: Iterable[tuple[str, str, str]],
    runs: Iterable[running.Row],
) -> dict[str, Stored]:
    """Comparison, (slug, label, sha256) of files seen applied, and run log, by slug."""
    first_seen: dict[str, dict[str, str]] = {}
    for slug, label, digest in seen:
        first_seen.setdefault(slug, {})[label] = digest
    known = running.known(runs)
    found = {}
    for slug in compared.keys() | first_seen.keys() | known.keys():
        at, outcomes = compared.get(slug, (None, {}))
        schemas = {name: _outcome(one) for name, one in outcomes.items()}
        aware = at if at is None or at.tzinfo else at.replace(tzinfo=UTC)
        found[slug] = Stored(aware, schemas, first_seen.get(slug, {}), known.get(slug, {}))
    return found


def _outcome(said: Mapping[str, Any]) -> Outcome:
    left_out = len(said.get("skipped", ()))
    return Outcome(said["basis"], said["reason"], Drift(**said["drift"]), left_out)
