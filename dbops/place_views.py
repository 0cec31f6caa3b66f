"""/ops/db/<slug>/connections and /runbook: how a database is reached, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from dbops import queries, runbooks
from dbops.filters import refuse_unknown
from dbops.inventory import Place
from dbops.readings import DEADLINE_S
from openinsure.authz.decorators import allow
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest


@require_GET
@allow("ops.view")
def connections(request: ConsoleRequest, slug: str) -> HttpResponse:
    """Every place of the inventory; names of variables, never their values."""
    refuse_unknown(request.GET)
    row = queries.get_database(slug, now=timezone.now())
    places = list(row.database.places.values())
    return render_page(
        request,
        "ops/connections.html",
        data={
            "row": row.json(),
            "panels": {"places": {"state": "ok", "rows": [_told(one) for one in places]}},
        },
        row=row,
        current="connections",
        places=places,
        deadline_s=DEADLINE_S,
    )


def _told(place: Place) -> dict[str, Any]:
    return {
        "name": place.name,
        "address_from": place.variable,
        "schemas": list(place.schemas),
        "branch": place.branch,
        "safe_migrations": place.safe_migrations,
    }


@require_GET
@allow("ops.view")
def runbook(request: ConsoleRequest, slug: str) -> HttpResponse:
    """All of the runbook; what fits the present state comes first."""
    refuse_unknown(request.GET)
    row = queries.get_database(slug, now=timezone.now())
    sections = runbooks.read(row.database.runbook)
    fitting = runbooks.fitting(sections, row.state, row.reading.detail)
    return render_page(
        request,
        "ops/runbook.html",
        data={
            "row": row.json(),
            "panels": {"runbook": {"state": "ok", "rows": [asdict(one) for one in sections]}},
        },
        row=row,
        current="runbook",
        fitting=fitting,
        others=[one for one in sections if one not in fitting],
    )
