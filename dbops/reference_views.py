"""/ops/db/<slug>/references: rows left behind, and the order in which an organisation can go."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from dbops import collect, orphans, queries
from dbops.filters import refuse_unknown
from openinsure.authz.decorators import allow
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest
from openinsure.keyspaces.references import Order, deletion_order


@require_GET
@allow("ops.view")
def references(request: ConsoleRequest, slug: str) -> HttpResponse:
    """The newest count, and the deletion order of each keyspace."""
    refuse_unknown(request.GET)
    row = queries.get_database(slug, now=timezone.now())
    report = orphans.stored(slug)
    keyspaces = orphans.keyspaces_of(collect.find(slug))
    orders = [deletion_order(keyspace) for keyspace in keyspaces]
    return render_page(
        request,
        "ops/references.html",
        data={"row": row.json(), "panels": told(report, orders)},
        row=row,
        current="references",
        report=report,
        orders=orders,
    )


def told(report: orphans.Report, orders: list[Order]) -> dict[str, Any]:
    """Both panels as JSON; what was counted and found none is only a number."""
    shown = [*report.found, *report.uncounted]
    return {
        "orphans": {
            "state": "ok" if report.at else "empty",
            "counted_at": report.at,
            "references": len(report.rows),
            "rows": [{**asdict(one), "total": one.total} for one in shown],
        },
        "order": {"state": "ok" if orders else "empty", "rows": [asdict(one) for one in orders]},
    }
