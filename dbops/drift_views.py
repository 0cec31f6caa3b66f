"""Drift and single migrations speak HTTP: stored findings, accepting one, a file's statements.

Nothing is compared here: the housekeeping job and `openinsure db drift` do that.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from dbops import collect, comparisons, persons, queries, runbooks, runs, statements, tasks
from dbops.catalog import ignoring
from dbops.catalog.findings import NEVER_ACCEPTED, SEVERITIES, Finding, by_cause, counted
from dbops.filters import refuse_unknown
from dbops.rows import StatusRow
from dbops.views import COMMANDS, MIGRATION_FIELDS
from openinsure.authz.decorators import allow
from openinsure.console import links, undo
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.problems import BadFilter, BadForm, NotFound

FIELDS = (
    *("id", "keyspace", "kind", "severity", "object", "expected", "actual", "since", "last_ok"),
    *("cause", "accepted", "ignored", "evidence_sql", "fix_live", "fix_code"),
)

FORM = ("finding", "reason", "until")


@dataclass(frozen=True, slots=True)
class Filled:
    """The acceptance form as it came back: what was typed and what is wrong with it."""

    finding: str = ""
    reason: str = ""
    until: str = ""


@require_GET
@allow("ops.view")
def drift(request: ConsoleRequest, slug: str) -> HttpResponse:
    """Findings of the newest comparison, worst first."""
    refuse_unknown(request.GET, ("severity",))
    severity = request.GET.get("severity", "")
    if severity and severity not in SEVERITIES:
        raise BadFilter("severity", rule=f"is one of {', '.join(SEVERITIES)}")
    return _page(request, slug, severity=severity)


@require_POST
@allow("ops.migrate")
def accept(request: ConsoleRequest, slug: str) -> HttpResponse:
    """Let a finding stand for a time, with a reason; back to the list."""
    assert request.who is not None
    now = timezone.now()
    queries.get_database(slug, now=now)
    filled = Filled(
        *(request.POST.get(name, "").strip() for name in ("finding", "reason", "until"))
    )
    after = {"finding": filled.finding, "reason": filled.reason, "until": filled.until}
    persons.record(request.who, "db.drift_accept.intent", now=now, after=after, about=slug)
    try:
        comparisons.accept(
            slug,
            filled.finding,
            by=request.who.email,
            reason=filled.reason,
            until=_until(filled.until),
            now=now,
        )
    except BadForm as problem:
        persons.record(request.who, "db.drift_accept.failed", now=now, after=after, about=slug)
        if wants_json(request):
            raise
        return _page(request, slug, filled=filled, errors=problem.errors, status=422)
    persons.record(request.who, "db.drift_accept", now=now, after=after, about=slug)
    tasks.look_soon()  # the state follows; this page counts what is stored
    return undo.back(request, links.url("ops.drift", slug), "Finding accepted.")


@require_GET
@allow("ops.view")
def migration(request: ConsoleRequest, slug: str, label: str) -> HttpResponse:
    """One file: state, evidence, repair command, and every statement with its class."""
    refuse_unknown(request.GET)
    now = timezone.now()
    known = queries.list_migrations(slug)
    one = next((row for row in known.rows if row.label == label), None)
    if one is None:
        raise NotFound("migration", message=f"No migration {label} of {slug}.")
    found = statements.of(collect.find(slug), one, now=now)
    panel = {
        "state": "unavailable" if found.reason else "ok",
        "reason": found.reason or None,
        "rows": [asdict(row) for row in found.rows],
    }
    told = {field: getattr(one, field) for field in MIGRATION_FIELDS}
    ran = runs.list_of(slug, one)
    row = queries.get_database(slug, now=now)
    return render_page(
        request,
        "ops/migration.html",
        data={"row": told, "panels": {"statements": panel, "runs": _runs(ran)}},
        row=row,
        fitting=runbooks.fitting(runbooks.read(row.database.runbook), one.state, one.evidence),
        commands=COMMANDS,
        current="migrations",
        one=one,
        read_at=known.read_at,
        found=found,
        ran=ran,
    )


def _runs(ran: list[runs.RunRow]) -> dict[str, Any]:
    return {"state": "ok" if ran else "empty", "rows": [row.json() for row in ran]}


def _until(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(23, 59, 59), UTC)
    except ValueError:
        raise BadForm({"until": "Write the day as YYYY-MM-DD."}) from None


def _page(
    request: ConsoleRequest,
    slug: str,
    *,
    severity: str = "",
    filled: Filled | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    row = queries.get_database(slug, now=now)
    found, seen = comparisons.findings(slug, now=now), comparisons.newest_of(slug)
    kept = [one for one in found if severity in ("", one.severity)]
    data = {"rows": [_told(one) for one in kept], "next": None}
    return render_page(
        request,
        "ops/drift.html",
        "ops/_drift.html",
        data=data,
        status=status,
        row=row,
        current="drift",
        open_findings=_open(row, found, seen),
        seen=seen,
        found=found,
        kept=kept,
        groups=by_cause(kept),
        drift=counted(found),
        rules=ignoring.hits(comparisons.rules_of(slug), found),
        comparable=any(one.slug == slug for one in comparisons.comparable()),
        severity=severity,
        severities=SEVERITIES,
        never=NEVER_ACCEPTED,
        may_accept=sum(one.open and one.kind not in NEVER_ACCEPTED for one in found),
        filled=filled or Filled(),
        errors=errors or {},
        now=now,
    )


def _open(row: StatusRow, found: list[Finding], seen: comparisons.Seen | None) -> int | None:
    """What the tab counts: what is stored, never less than what a newer reading found by itself."""
    if seen is None:
        return None
    newer = row.reading.findings if row.reading.read_at > seen.at else ()
    return max(sum(one.open for one in found), len(newer))


def _told(finding: Finding) -> dict[str, Any]:
    values = finding.json()
    return {field: values[field] for field in FIELDS}
