"""Comparisons in oi_console: what was found, since when, what is accepted, what files were."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from dbops import code_drift, inventory, ledger_accounts, runs, structures
from dbops.catalog import comparing, model
from dbops.catalog.comparing import Comparison
from dbops.catalog.findings import NEVER_ACCEPTED, Finding, counted, worst_first
from dbops.catalog.ignoring import ruled
from dbops.catalog.looks import Look
from dbops.catalog.stored import together
from dbops.catalog.verdict import Stored
from dbops.inventory import Ignore, Target
from dbops.models import (
    ExpectedSchema,
    FirstSeen,
    StoredComparison,
    StoredFinding,
)
from dbops.readings import Deadline, iso
from openinsure.problems import BadForm, NotFound

READ_S = 10.0  # for reading the inspected database; the replay has a limit of its own
COMPARED_TOOLS = ("drizzle", "d1", "prisma")
COMPARED_ENGINES = ("vitess", "mysql", "sqlite", "postgres")
ACCEPTED_DAYS, LONGEST_DAYS = 30, 90


class Expectations:
    """The cache of replayed schemas: this process's own before the table, both by content."""

    def get(self, key: str) -> model.Schema | None:
        """The schema stored under the key."""
        held = _HELD.get(key)
        if held is not None:
            return held
        row = ExpectedSchema.objects.filter(key=key).first()
        return None if row is None else _hold(key, structures.unpack("", bytes(row.packed)))

    def put(self, key: str, schema: model.Schema) -> None:
        """Keep it; another process may have been first."""
        _hold(key, schema)
        ExpectedSchema.objects.get_or_create(key=key, defaults={"packed": structures.pack(schema)})


_HELD: dict[str, model.Schema] = {}  # by key, newest last
HELD_MAX = 32


def _hold(key: str, schema: model.Schema) -> model.Schema:
    _HELD[key] = schema
    while len(_HELD) > HELD_MAX:
        _HELD.pop(next(iter(_HELD)), None)
    return schema


def newest() -> dict[str, Stored]:
    """Slug -> newest comparison, hashes of files seen applied, run log. Five statements."""
    rows = StoredComparison.objects.values_list("slug", "compared_at", "outcomes")
    compared = {slug: (at, outcomes) for slug, at, outcomes in rows}
    seen = FirstSeen.objects.values_list("slug", "label", "sha256")
    return together(compared, seen, runs.open_rows())


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest comparison as a page shows it; `schemas` are (name, outcome) in order."""

    at: datetime
    tables: int
    columns: int
    indexes: int
    blocked: tuple[tuple[str, str], ...]  # schema, why it was not compared
    skipped: tuple[tuple[str, str], ...]  # schema, table
    code: tuple[tuple[str, dict[str, str]], ...]  # schema, a difference of models or snapshot
    notes: tuple[str, ...] = ()  # of the comparison itself: two servers of two versions


def newest_of(slug: str) -> Seen | None:
    """What the newest comparison covered; None before the first. One statement."""
    row = StoredComparison.objects.filter(slug=slug).first()
    if row is None:
        return None
    outcomes: dict[str, Any] = row.outcomes
    tables, columns, indexes = (
        sum(one[what] for one in outcomes.values()) for what in ("tables", "columns", "indexes")
    )
    return Seen(
        row.compared_at,
        tables,
        columns,
        indexes,
        tuple((name, one["reason"]) for name, one in outcomes.items() if one["reason"]),
        tuple((name, table) for name, one in outcomes.items() for table in one["skipped"]),
        tuple((name, said) for name, one in outcomes.items() for said in one.get("code", ())),
        tuple(dict.fromkeys(one["note"] for one in outcomes.values() if one.get("note"))),
    )


def seen(slug: str) -> dict[str, bytes]:
    """Label -> bytes of every file of a database that was seen applied. One statement."""
    rows = FirstSeen.objects.filter(slug=slug).values_list("label", "content")
    return {label: bytes(content) for label, content in rows}


def compare(target: Target, *, now: datetime) -> list[Finding]:
    """Compare one database, store what was found; its findings, worst first."""
    slug = target.slug
    if target.database.engine == ledger_accounts.ENGINE:
        return save(ledger_accounts.compare(target, now=now))
    deadline = Deadline.after(READ_S, now)
    comparison = comparing.compare(
        target, deadline, cache=Expectations(), seen=seen(slug), runs=runs.of(slug)
    )
    remember_files(slug, comparison.looks, now=now)
    return save(comparison)


def comparable() -> list[Target]:
    """The databases that can be compared: of a known engine with migration files, or a ledger."""
    return [
        target
        for target in inventory.contacted()
        if (target.database.tool in COMPARED_TOOLS and target.database.engine in COMPARED_ENGINES)
        or target.database.engine == ledger_accounts.ENGINE
    ]


def remember_files(slug: str, looks: Iterable[Look], *, now: datetime) -> None:
    """Keep the bytes of files that are applied and were not seen before."""
    known = set(FirstSeen.objects.filter(slug=slug).values_list("label", flat=True))
    fresh = []
    for look in looks:
        applied = {m.tag: m.label for m in look.history.migrations if m.state == "applied"}
        for file in look.history.applied:
            label = applied.get(file.tag)
            if label is None or label in known:
                continue
            digest = hashlib.sha256(file.content).hexdigest()
            fresh.append(
                FirstSeen(slug=slug, label=label, sha256=digest, seen_at=now, content=file.content)
            )
    FirstSeen.objects.bulk_create(fresh, ignore_conflicts=True)


def save(comparison: Comparison) -> list[Finding]:
    """Store one comparison; its findings with since, last_ok and acceptance."""
    slug, at = comparison.slug, comparison.at
    before = StoredComparison.objects.filter(slug=slug).first()
    last_ok = before.compared_at if before else None
    held = {row.finding: row for row in StoredFinding.objects.filter(slug=slug)}
    judged = {one.name for one in comparison.schemas if not one.reason}
    changed = {
        one.name: structures.store(slug, one.live, at)
        for one in comparison.schemas
        if one.live is not None
    }
    for finding in comparison.findings:
        known = held.pop(finding.id, None)
        cause = str(known.said["cause"]) if known is not None and known.gone_at is None else ""
        told = structures.explained(finding, cause, changed.get(finding.keyspace, ""))
        _seen(known, told, at, last_ok)
    for row in held.values():
        if row.gone_at is None and row.said["keyspace"] in judged:
            row.gone_at = at
            row.save(update_fields=["gone_at"])
    found = findings(slug, now=at)
    StoredComparison.objects.update_or_create(
        slug=slug, defaults={"compared_at": at, "outcomes": _outcomes(comparison, found)}
    )
    return found


def _seen(
    row: StoredFinding | None, finding: Finding, at: datetime, last_ok: datetime | None
) -> None:
    said = asdict(finding)
    if row is None:
        StoredFinding.objects.create(
            slug=finding.database,
            finding=finding.id,
            first_at=at,
            seen_at=at,
            last_ok=last_ok,
            said=said,
        )
        return
    if row.gone_at is not None:  # it is back: a new stretch, whatever was accepted before
        row.first_at, row.last_ok, row.gone_at = at, last_ok, None
        row.accepted_until = None
    row.seen_at, row.said = at, said
    row.save()


def _outcomes(comparison: Comparison, found: list[Finding]) -> dict[str, Any]:
    return {
        one.name: {
            "basis": one.basis,
            "reason": one.reason,
            "drift": counted(f for f in found if f.keyspace == one.name)._asdict(),
            "tables": one.tables,
            "columns": one.columns,
            "indexes": one.indexes,
            "skipped": list(one.skipped),
            "code": code_drift.of(comparison, one),
            "note": one.note,
        }
        for one in comparison.schemas
    }


def findings(slug: str, *, now: datetime) -> list[Finding]:
    """What the newest comparison of a database found, worst first. One statement."""
    rows = StoredFinding.objects.filter(slug=slug, gone_at=None)
    rules = rules_of(slug)
    return worst_first(ruled(_finding(row, now), rules) for row in rows)


def rules_of(slug: str) -> tuple[Ignore, ...]:
    """The ignore rules that the inventory file has now; none for a database no longer in it."""
    return next((one.ignore for one in inventory.databases() if one.slug == slug), ())


def _finding(row: StoredFinding, now: datetime) -> Finding:
    found = Finding(**row.said)
    accepted = None
    if row.accepted_until is not None and row.accepted_until > now:
        until = row.accepted_until.date().isoformat()
        accepted = f"{row.accepted_by} until {until}: {row.accepted_reason}"
    return replace(found, since=iso(row.first_at), last_ok=iso(row.last_ok), accepted=accepted)


def accept(
    slug: str, finding: str, *, by: str, reason: str, until: datetime | None, now: datetime
) -> list[Finding]:
    """Accept one finding (its id), or `all` that stand; the findings afterwards.

    Raises NotFound, BadForm (no reason, too long, a kind that nobody may accept).
    """
    last = until or now + timedelta(days=ACCEPTED_DAYS)
    if len(reason.strip()) < 5:
        raise BadForm({"reason": "Give a reason of at least 5 characters."})
    if not now < last <= now + timedelta(days=LONGEST_DAYS):
        raise BadForm({"until": f"Choose a day within the next {LONGEST_DAYS} days."})
    rows = StoredFinding.objects.filter(slug=slug, gone_at=None)
    chosen = [row for row in rows if finding in ("all", row.finding)]
    if not chosen:
        told = f"No open finding {finding} of {slug}. See openinsure db drift {slug}."
        raise NotFound("finding", message=told)
    for row in chosen:
        if row.said["kind"] in NEVER_ACCEPTED:
            if finding == "all":
                continue
            raise BadForm({"finding": f"{row.said['kind']} cannot be accepted: repair it."})
        row.accepted_by, row.accepted_reason, row.accepted_until = by, reason.strip(), last
        row.save(update_fields=["accepted_by", "accepted_reason", "accepted_until"])
    found = findings(slug, now=now)
    _recount(slug, found)
    return found


def _recount(slug: str, found: list[Finding]) -> None:
    row = StoredComparison.objects.filter(slug=slug).first()
    if row is None:
        return
    for name, outcome in row.outcomes.items():
        outcome["drift"] = counted(f for f in found if f.keyspace == name)._asdict()
    row.save(update_fields=["outcomes"])
