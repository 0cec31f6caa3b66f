"""The /ops pages speak HTTP: stored readings in, one page out; only "check now" looks outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from dbops import backups, collect, queries, relations, rows, runbooks, runs
from dbops.filters import MigrationFilter, refuse_unknown
from dbops.history.states import rolled_up
from dbops.readings import Migration
from openinsure.accounts import rates
from openinsure.authz.decorators import allow
from openinsure.console import links, undo
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest, wants_fragment, wants_json

REFRESHES_PER_MINUTE = 6
CHECKS_PER_MINUTE = 30  # a person; each opens connections to a hosted database
COMMANDS = ("openinsure ", "prisma ", "npx ", "make ")  # a repair that begins so can be copied
ALARMS = ("migration_lock_stuck", "routing_mismatch")  # of a probe: high, the others critical
MIGRATION_FIELDS = (
    *("tag", "keyspace", "state", "hash", "applied_at", "statements", "evidence", "repair"),
)


@require_GET
@allow("ops.view")
def status(request: ConsoleRequest) -> HttpResponse:
    """Every database, worst first, from stored readings; 204 to who has this version already."""
    refuse_unknown(request.GET, ("version",))
    found = queries.latest_readings(now=timezone.now())
    version = rows.version(found)
    if wants_fragment(request) and request.GET.get("version") == version:
        return HttpResponse(status=204)
    data = {"rows": [row.json() for row in found], "next": None}
    return render_page(
        request,
        "ops/status.html",
        "ops/_databases.html",
        data=data,
        rows=found,
        version=version,
        summary=rows.summary(found),
    )


@require_GET
@allow("ops.view")
def database(request: ConsoleRequest, slug: str) -> HttpResponse:
    """One database: counts, error, history, connection without credentials, runbook."""
    refuse_unknown(request.GET)
    row = queries.get_database(slug, now=timezone.now())
    history = queries.list_history(slug)
    related = relations.relations(row.database, now=timezone.now())
    backup = backups.newest(slug)
    data: dict[str, Any] = {
        "row": row.json(),
        "backup": None if backup is None else backup.json(now=timezone.now()),
        "panels": {"history": {"state": "ok", "rows": [asdict(period) for period in history]}},
    }
    if related:
        data["panels"]["relations"] = {"state": "ok", "rows": [one.json() for one in related]}
    return render_page(
        request,
        "ops/database.html",
        data=data,
        row=row,
        bars=rows.bars(row.reading),
        current="summary",
        history=history,
        alarms=ALARMS,
        backup=backup,
        fitting=runbooks.fitting(
            runbooks.read(row.database.runbook), row.state, row.reading.detail
        ),
        relations=related,
        answers_rights=relations.answers_rights(),
    )


@require_GET
@allow("ops.view")
def migrations(request: ConsoleRequest, slug: str) -> HttpResponse:
    """Files against the ledger, as the newest readable look found them."""
    found = queries.list_migrations(slug)
    wanted = MigrationFilter.from_query(request.GET.dict(), found.rows)
    kept = [row for row in found.rows if wanted.keeps(row)]
    counts = Counter(row.state for row in found.rows)
    ran = runs.by_label(slug, kept)
    told = [
        {**{field: getattr(row, field) for field in MIGRATION_FIELDS}, "run": _told(ran, row)}
        for row in kept
    ]
    return render_page(
        request,
        "ops/migrations.html",
        "ops/_migrations.html",
        data={"rows": told, "next": None},
        row=queries.get_database(slug, now=timezone.now()),
        current="migrations",
        found=found,
        kept=kept,
        ran=ran,
        wanted=wanted,
        states=dict(sorted(counts.items())),
        todo=[one for one in found.rows if rolled_up(one) is not None],
        commands=COMMANDS,
    )


def _told(ran: Mapping[str, runs.RunRow], row: Migration) -> dict[str, Any] | None:
    found = ran.get(row.label)
    return found.json() if found else None


@require_POST
@allow("ops.view")
def refresh(request: ConsoleRequest) -> HttpResponse:
    """Look at all databases side by side now, under one deadline; back to the list."""
    rates.limit("ops.refresh", request.who.user_id if request.who else "", REFRESHES_PER_MINUTE)
    collect.collect(now=timezone.now(), taken_by="button")
    if not wants_json(request):
        return undo.back(request, links.url("ops.status"), "Every database was looked at.")
    found = queries.latest_readings(now=timezone.now())
    return render_page(request, "", data={"rows": [row.json() for row in found], "next": None})


@require_POST
@allow("ops.view")
def check(request: ConsoleRequest, slug: str) -> HttpResponse:
    """Look at one database now, under its own deadline; its row, or back to the list."""
    rates.limit("ops.check", request.who.user_id if request.who else "", CHECKS_PER_MINUTE)
    collect.check_now(slug, now=timezone.now())
    relations.look(collect.find(slug).database, now=timezone.now())
    if not wants_fragment(request) and not wants_json(request):
        back = ("ops.database", slug) if request.POST.get("next") == "database" else ("ops.status",)
        return undo.back(request, links.url(*back), "Looked at.")
    row = queries.get_database(slug, now=timezone.now())
    return render_page(request, "ops/_database_row.html", data={"row": row.json()}, row=row)
