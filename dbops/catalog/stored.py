"""The newest comparisons and the run log, from oi_console by plain SQL: the light path."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from dbops.catalog.verdict import Outcome, Stored
from dbops.history import running
from dbops.probes.sessions import Away, NoSuchTable
from dbops.readings import Deadline, Drift
from openinsure import environment
from openinsure.dsn import Dsn

VARIABLE = "DATABASE_URL"
QUERY = "SELECT slug, compared_at, outcomes FROM dbops_storedcomparison"
SEEN = "SELECT slug, label, sha256 FROM dbops_firstseen"


def newest(deadline: Deadline) -> dict[str, Stored]:
    """Slug -> newest comparison; empty when oi_console cannot be asked: nothing is proven then."""
    from dbops.probes.mysql_session import MySqlSession

    text = environment.optional(VARIABLE)
    if not text:
        return {}
    try:
        dsn = Dsn.parse(text, VARIABLE)
        session = MySqlSession(dsn, dsn.database, deadline)
        try:
            rows, seen = session.rows(QUERY), session.rows(SEEN)
            runs = [running.Row(*row) for row in session.rows(running.QUERY)]
        finally:
            session.close()
    except (Away, NoSuchTable, environment.ConfigurationError):
        return {}
    first_seen: dict[str, dict[str, str]] = {}
    for slug, label, digest in seen:
        first_seen.setdefault(str(slug), {})[str(label)] = str(digest)
    compared = {
        str(slug): unpacked(at, json.loads(outcomes), first_seen.get(str(slug), {}))
        for slug, at, outcomes in rows
    }
    return with_runs(compared, runs)


def with_runs(compared: Mapping[str, Stored], runs: Iterable[running.Row]) -> dict[str, Stored]:
    """The comparisons with what the run log says; a database may have only one of the two."""
    known = running.known(runs)
    return {
        slug: compared.get(slug, Stored(None))._replace(runs=known.get(slug, {}))
        for slug in compared.keys() | known.keys()
    }


def unpacked(at: datetime, outcomes: Mapping[str, Any], first_seen: Mapping[str, str]) -> Stored:
    """One stored row."""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return Stored(
        aware,
        {
            name: Outcome(one["basis"], one["reason"], Drift(**one["drift"]))
            for name, one in outcomes.items()
        },
        first_seen,
    )
