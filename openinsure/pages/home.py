"""`/`: what a person of this role looks at first: tiles, what they opened, what changed.

Tiles come from roll-ups in one statement, never from a live count over the book.
"""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from dbops import queries as databases
from dbops.rows import StatusRow
from openinsure.authz.decorators import allow_signed_in, ensure_rights
from openinsure.console import links
from openinsure.console.money import format_count
from openinsure.console.panels import Panel, fields_json, load, panel_json
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest
from openinsure.pages.figures import figures_of
from openinsure.pages.find_recent import recent
from openinsure.pages.home_tiles import Tile, tiles
from openinsure.policies import queries as policies
from openinsure.policies.filters import PolicyFilter
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import Scope

RECENT = 8  # policies shown as last changed


@require_safe
@allow_signed_in
def home(request: ConsoleRequest) -> HttpResponse:
    """Tiles by right, the policies changed last, the databases that need attention."""
    rights, now = ensure_rights(request), timezone.now()
    shown: list[Tile] = []
    panels: dict[str, Panel] = {}
    if "policy.view" in rights and _has_a_book(request):
        shown += tiles(_role(request), rights, figures_of(request.scope), now=now)
        panels["policies"] = load("Policies", lambda: recent_policies(request.scope))
        mine = recent(request)
        panels["recent"] = Panel("ok" if mine else "empty", mine)
    if "ops.view" in rights:
        panels["databases"] = load("The console's database", lambda: attention(now))
        shown.append(database_tile(panels["databases"]))
    return render_page(
        request,
        "home/home.html",
        data={
            "tiles": [fields_json(tile) for tile in shown],
            "panels": {name: panel_told(panel) for name, panel in panels.items()},
        },
        tiles=shown,
        panels=panels,
    )


def _has_a_book(request: ConsoleRequest) -> bool:
    """False at home in the platform: its people choose an organization first."""
    return request.scope is not None and request.scope.org_id != PLATFORM_ORG_ID


def _role(request: ConsoleRequest) -> str:
    return request.who.role if request.who else ""


def recent_policies(scope: Scope) -> tuple[object, ...]:
    """The terms changed last, newest first. One statement on oi_policies."""
    return policies.list_policies(scope, PolicyFilter(), size=RECENT).rows


def attention(now: datetime) -> list[StatusRow]:
    """Databases not proven in step by a fresh reading, worst first."""
    return [row for row in databases.latest_readings(now=now) if row.counts and not row.healthy]


def database_tile(panel: Panel) -> Tile:
    """How many databases need attention; never a green zero while readings are missing."""
    label, href = "Databases needing attention", links.url_or_blank("ops.status")
    if panel.state == "unavailable":
        return Tile("databases", label, href, "", panel.reason, state="unavailable")
    tone = "warn" if panel.rows else "ok"
    return Tile("databases", label, href, format_count(len(panel.rows)), tone=tone)


def panel_told(panel: Panel) -> dict[str, object]:
    """A panel as JSON; databases as `db status --json` has them."""
    if all(isinstance(row, StatusRow) for row in panel.rows):
        return {"state": panel.state, "rows": [row.json() for row in panel.rows]}
    return panel_json(panel)


urlpatterns = [path("", home, name="home")]
