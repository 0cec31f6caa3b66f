"""04:00 on Sundays: what the two D1 databases need no longer is deleted, by age, in small steps.

The only writer of those files besides `openinsure db migrate --d1`. Forms that were submitted are
kept for ever; a draft goes with everything that hangs on it. Ages count from the scheduled time.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dbops import inventory
from dbops.estate.local import local_d1
from dbops.history.states import FilesUnreadable
from openinsure.jobs.runs import Outcome

STEP_ROWS = 500
BUSY_TIMEOUT_S = 2.0
PARTS = (
    "form_sections", "form_drivers", "form_vehicles", "form_loss_years", "form_locations",
    "form_attachments", "form_notes", "form_quotes", "carrier_lookups", "outbox",
)  # fmt: skip

log = logging.getLogger(__name__)


class DatabaseAway(Exception):
    """A D1 database cannot be written from here. Text: its slug and the reason."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows of a table whose `column` is older than `keep_days` and that meet `where` go."""

    slug: str
    table: str
    column: str
    keep_days: int
    where: str = "1"
    parts: tuple[str, ...] = ()


RULES = (
    Rule("oi-auth", "session", "expiresAt", 7),
    Rule("oi-auth", "verification", "expiresAt", 7),
    Rule(
        "oi-submissions", "submission_forms", "updated_at", 180,
        "status = 'draft' AND submitted_at IS NULL", PARTS,
    ),
    Rule("oi-submissions", "carrier_lookups", "fetched_at", 30),
    Rule("oi-submissions", "outbox", "sent_at", 90, "sent_at IS NOT NULL"),
)  # fmt: skip


def clean(scheduled_for: datetime) -> Outcome:
    """Apply every rule; rows deleted and the oldest left, by table. Raises DatabaseAway."""
    figures: dict[str, int | str] = {}
    done = 0
    for slug in sorted({rule.slug for rule in RULES}):
        path = _file(slug)
        if path is None:
            continue
        with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)) as connection:
            connection.isolation_level = None  # transactions are begun by name below
            for rule in (rule for rule in RULES if rule.slug == slug):
                gone = _apply(connection, rule, _cutoff(scheduled_for, rule.keep_days))
                figures[f"{slug}.{rule.table}"] = gone
                figures[f"{slug}.{rule.table}.oldest"] = _oldest(connection, rule)
                done += gone
    return Outcome(done=done, figures=figures)


def _file(slug: str) -> Path | None:
    """The local file of a database; None where the inventory does not have it."""
    target = next((one for one in inventory.contacted() if one.slug == slug), None)
    if target is None:
        log.warning("the inventory does not have %s: nothing is deleted there", slug)
        return None
    if target.place.token_env:
        raise DatabaseAway(f"{slug}: D1 over the API is not written by this version")
    try:
        path = local_d1(target).path
    except FilesUnreadable as error:
        raise DatabaseAway(f"{slug}: {error.reason}") from None
    if not path.exists():
        raise DatabaseAway(f"{slug}: its file is not there; run `openinsure db migrate --d1`")
    return path


def _cutoff(scheduled_for: datetime, keep_days: int) -> str:
    """ISO 8601 in UTC: texts of that form compare like the instants they name."""
    at = scheduled_for.astimezone(UTC) - timedelta(days=keep_days)
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def _apply(connection: sqlite3.Connection, rule: Rule, before: str) -> int:
    """Delete STEP_ROWS at a time, each step its own transaction."""
    gone = 0
    while ids := _due(connection, rule, before):
        connection.execute("BEGIN IMMEDIATE")
        for part in rule.parts:
            _delete(connection, part, "form_id", ids)
        gone += _delete(connection, rule.table, "id", ids)
        connection.execute("COMMIT")
    return gone


def _due(connection: sqlite3.Connection, rule: Rule, before: str) -> list[str]:
    statement = (
        f"SELECT id FROM {rule.table} WHERE {rule.column} < ? AND {rule.where} "  # noqa: S608
        f"ORDER BY {rule.column}, id LIMIT {STEP_ROWS}"
    )
    return [key for (key,) in connection.execute(statement, (before,))]


def _delete(connection: sqlite3.Connection, table: str, column: str, ids: Iterable[str]) -> int:
    keys = list(ids)
    places = ", ".join("?" * len(keys))
    return connection.execute(
        f"DELETE FROM {table} WHERE {column} IN ({places})",  # noqa: S608
        keys,
    ).rowcount


def _oldest(connection: sqlite3.Connection, rule: Rule) -> str:
    statement = f"SELECT MIN({rule.column}) FROM {rule.table} WHERE {rule.where}"  # noqa: S608
    (found,) = connection.execute(statement).fetchone()
    return str(found or "")
