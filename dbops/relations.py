"""SpiceDB beside its datastore: schema, outbox and comparison, as /ops/db/<slug> shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from dbops.inventory import Database
from openinsure.authz import standing
from openinsure.authz.client import client
from openinsure.authz.standing import COMPARISON, OUTBOX, SCHEMA, Look
from openinsure.plurals import many

ENGINE = "spicedb"
LABELS = {SCHEMA: "Schema", OUTBOX: "Outbox", COMPARISON: "Nightly comparison"}


@dataclass(frozen=True, slots=True)
class Relation:
    """One side of SpiceDB: what was seen, when, and whether that is as it should be."""

    name: str
    label: str
    word: str
    tone: str
    detail: str
    found: tuple[str, ...]
    seen_at: datetime | None

    def json(self) -> dict[str, Any]:
        """As a row of the page's JSON."""
        return {
            "name": self.name,
            "state": self.word,
            "detail": self.detail,
            "found": list(self.found),
            "seen_at": self.seen_at.isoformat() if self.seen_at else None,
        }


def answers_rights() -> bool:
    """Whether this console asks SpiceDB at all."""
    return settings.AUTHZ_BACKEND == ENGINE


def relations(database: Database, *, now: datetime) -> tuple[Relation, ...]:
    """The three rows of SpiceDB's page, () for any other database. One statement on oi_console."""
    if database.engine != ENGINE:
        return ()
    seen = standing.looks()
    return tuple(_row(name, seen.get(name), now) for name in LABELS)


def look(database: Database, *, now: datetime) -> None:
    """Part of "check now": compare the schema at once."""
    if database.engine == ENGINE and answers_rights():
        standing.look_at_schema(client(), now=now)


def _row(name: str, seen: Look | None, now: datetime) -> Relation:
    label = LABELS[name]
    if seen is None:
        when = "each night" if name == COMPARISON else "each minute"
        return Relation(name, label, "not seen", "neutral", f"A task looks {when}", (), None)
    word, tone, detail = _judged(name, seen)
    if name != COMPARISON and seen.stale(now):
        word, tone = f"{word} (stale)", "neutral"
    return Relation(name, label, word, tone, detail, seen.found, seen.seen_at)


def _judged(name: str, seen: Look) -> tuple[str, str, str]:
    """Word, tone and detail of a look."""
    if seen.error:
        return "unreachable", "bad", seen.error
    if name == SCHEMA:
        if seen.count:
            command = "openinsure authz schema --apply writes it"
            return "drifted", "bad", f"{many(seen.count, 'difference')} from schema.zed; {command}"
        return "equal", "ok", "The live schema equals schema.zed"
    if name == OUTBOX:
        return _outbox(seen)
    if seen.count:
        of = many(seen.facts["organizations"], "organization")
        told = f"{many(seen.count, 'relationship')} of {of} differed, made equal"
        return "differed", "warn", told
    return "equal", "ok", "0 relationships differed from the tables"


def _outbox(seen: Look) -> tuple[str, str, str]:
    facts = seen.facts
    if not seen.count:
        return "empty", "ok", "Nothing waits"
    of = many(facts["organizations"], "organization")
    told = f"{many(seen.count, 'change')} of {of}, the oldest waiting for {facts['oldest_s']} s"
    if tries := facts["attempts"]:
        return "failing", "bad", f"{told}; tried {many(tries, 'time')}: {facts['last_error']}"
    return "waiting", "warn" if facts["oldest_s"] > standing.LATE_S else "neutral", told
