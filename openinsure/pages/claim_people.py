"""Who looks at claims: their recusals, themselves as adjuster, the adjusters by id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openinsure.authz.queries import recusals
from openinsure.claims.queries import list_adjusters
from openinsure.claims.rows import AdjusterRow
from openinsure.console.filters import Option
from openinsure.console.request import ConsoleRequest


@dataclass(frozen=True, slots=True)
class Viewer:
    """hidden: claims the viewer is recused from. mine: the viewer's own adjuster id, if any."""

    hidden: tuple[str, ...]
    adjusters: Mapping[str, AdjusterRow]
    mine: str | None

    @property
    def options(self) -> tuple[Option, ...]:
        """Every adjuster as the offer of a filter."""
        return tuple(Option(row.id, row.name) for row in self.adjusters.values())

    def name_of(self, adjuster_id: str | None) -> str | None:
        """The adjuster's name; None for nobody."""
        found = self.adjusters.get(adjuster_id or "")
        return found.name if found else None


def hidden_from(request: ConsoleRequest) -> tuple[str, ...]:
    """The claims that do not exist for this viewer. One statement on oi_global."""
    return recusals(request.scope, viewer_id(request))


def viewer_id(request: ConsoleRequest) -> str:
    """Who looks: a signed-in person."""
    assert request.who is not None
    return request.who.user_id


def viewer_of(request: ConsoleRequest) -> Viewer:
    """The viewer of this request. One statement on oi_global, one on oi_claims."""
    adjusters = {row.id: row for row in list_adjusters(request.scope)}
    user_id = viewer_id(request)
    mine = next((row.id for row in adjusters.values() if row.user_id == user_id), None)
    return Viewer(hidden_from(request), adjusters, mine)
