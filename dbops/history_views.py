"""/ops/db/<slug>/history: states over time, structures over time, two structures compared."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from dbops import queries, snapshots, strip
from dbops.filters import HistoryFilter
from dbops.snapshots import Change, Snapshot
from openinsure.authz.decorators import allow
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest


@require_GET
@allow("ops.view")
def history(request: ConsoleRequest, slug: str) -> HttpResponse:
    """The strip and the table of states, the structures, and what changed between two."""
    wanted = HistoryFilter.from_query(request.GET.dict())
    now = timezone.now()
    since = now - timedelta(days=wanted.days)
    row = queries.get_database(slug, now=now)
    periods = queries.list_periods(slug, since)
    structures = snapshots.of(slug)
    change = snapshots.compare(slug, wanted.earlier, wanted.later) if wanted.compares else None
    data: dict[str, Any] = {
        "row": row.json(),
        "panels": {
            "states": {"state": "ok", "rows": [asdict(one) for one in periods]},
            "structures": {"state": "ok", "rows": [asdict(one) for one in structures]},
            "change": {"state": "ok" if change else "empty", "rows": told(change)},
        },
    }
    return render_page(
        request,
        "ops/history.html",
        data=data,
        row=row,
        current="history",
        periods=periods,
        bars=strip.bars(periods, since, now),
        since=since,
        now=now,
        wanted=wanted,
        structures=structures,
        chosen=chosen(wanted, structures),
        change=change,
    )


def chosen(wanted: HistoryFilter, structures: list[Snapshot]) -> dict[str, int | None]:
    """What the form has selected: what was asked, else the newest change."""
    if wanted.compares:
        return {"earlier": wanted.earlier, "later": wanted.later}
    newest = next((one for one in structures if one.before), None)
    return {"earlier": newest.before if newest else None, "later": newest.id if newest else None}


def told(change: Change | None) -> list[dict[str, Any]]:
    """The differences as JSON rows, without what only a live comparison knows."""
    keys = ("kind", "severity", "object", "expected", "actual")
    return [{key: getattr(one, key) for key in keys} for one in change.findings] if change else []
