"""`/`: what a person of this role looks at first. Only figures that exist; each links to its list.

Every tile is one read of its own database; a database that is away costs its tile, not the page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from dbops import queries as databases
from dbops.rows import StatusRow
from openinsure.authz.decorators import allow_signed_in, ensure_rights
from openinsure.console import links
from openinsure.console.money import format_count
from openinsure.console.panels import Panel, load, panel_json
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest
from openinsure.policies import queries as policies
from openinsure.policies.filters import EXPIRING_DAYS, RUNNING, PolicyFilter
from openinsure.tenancy.list_sql import Condition, Span
from openinsure.tenancy.listing import Count
from openinsure.tenancy.scope import Scope

RECENT = 8  # policies shown as last changed


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure. value: as printed, "" if its database is away (then note says so)."""

    name: str
    label: str
    href: str
    value: str
    note: str = ""
    tone: str = ""
    state: str = "ok"


@require_safe
@allow_signed_in
def home(request: ConsoleRequest) -> HttpResponse:
    """Tiles by right, the policies changed last, the databases that need attention."""
    rights, now = ensure_rights(request), timezone.now()
    tiles: list[Tile] = []
    panels: dict[str, Panel] = {}
    if "policy.view" in rights and links.resolves("policies.list"):
        tiles += policy_tiles(request.scope, now)
        panels["policies"] = load("Policies", lambda: recent_policies(request.scope))
    if "ops.view" in rights:
        panels["databases"] = load("The console's database", lambda: attention(now))
        tiles.append(database_tile(panels["databases"]))
    return render_page(
        request,
        "home/home.html",
        data={
            "tiles": [asdict(tile) for tile in tiles],
            "panels": {name: panel_told(panel) for name, panel in panels.items()},
        },
        tiles=tiles,
        panels=panels,
    )


def policy_tiles(scope: Scope, now: datetime) -> list[Tile]:
    """Active and expiring terms of the organisation, each counted to 1,000."""
    today = now.date()
    expiring: dict[str, Condition] = {
        "status": RUNNING,
        "expiration_date": Span(today, today + timedelta(days=EXPIRING_DAYS)),
    }
    return [
        _counted(
            Tile("active", "Active policies", links.url("policies.list", status="active"), ""),
            lambda: policies.count_policies(
                scope, PolicyFilter({"status": ("active",)}), sort="updated"
            ),
        ),
        _counted(
            Tile(
                "expiring", "Expiring in 30 days", links.url("policies.list", view="expiring"), ""
            ),
            lambda: policies.count_policies(scope, PolicyFilter(expiring), sort="expires"),
        ),
    ]


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


def _counted(tile: Tile, read: Callable[[], Count]) -> Tile:
    panel = load("Policies", lambda: (read(),))
    if panel.state == "unavailable":
        return Tile(tile.name, tile.label, tile.href, "", panel.reason, state="unavailable")
    (count,) = panel.rows
    value = format_count(count.rows) + ("+" if count.at_least else "")
    return Tile(tile.name, tile.label, tile.href, value)


def panel_told(panel: Panel) -> dict[str, object]:
    """A panel as JSON; databases as `db status --json` has them."""
    if all(isinstance(row, StatusRow) for row in panel.rows):
        return {"state": panel.state, "rows": [row.json() for row in panel.rows]}
    return panel_json(panel)


urlpatterns = [path("", home, name="home")]
