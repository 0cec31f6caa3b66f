"""What a person opened from the look-up last: theirs alone, the newest few."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from openinsure.console.request import ConsoleRequest
from openinsure.pages.claim_people import hidden_from
from openinsure.pages.find_hits import Hit
from openinsure.pages.find_sources import KINDS, shown
from openinsure.pages.models import RecentObject

SHOWN_MAX = 8
KEPT_MAX = 20


@dataclass(frozen=True, slots=True)
class Recent:
    """One object opened before, in the fields of a hit; its status is read on its own page."""

    kind: str
    id: str
    number: str
    title: str
    href: str
    status: str = ""
    exact: bool = True
    own: bool = True
    via: str = ""


Shown = Hit | Recent


def remember(request: ConsoleRequest, hit: Hit) -> None:
    """Put an object at the head of the person's list; a visitor's list stays at home."""
    if request.grant is not None or request.who is None:
        return
    mine = RecentObject.objects.within(request.scope).filter(user_id=request.who.user_id)
    same = mine.filter(kind=hit.kind, object_id=hit.id)
    if same.update(opened_at=timezone.now()):
        return
    RecentObject.objects.bulk_create(
        [
            RecentObject(
                org_id=request.scope.org_id,
                user_id=request.who.user_id,
                kind=hit.kind,
                object_id=hit.id,
                number=hit.number[:40],
                title=hit.title,
                opened_at=timezone.now(),
            )
        ],
        ignore_conflicts=True,
    )
    old = list(mine.order_by("-opened_at").values_list("opened_at", flat=True)[KEPT_MAX:][:1])
    if old:
        mine.filter(opened_at__lte=old[0]).delete()


def recent(request: ConsoleRequest) -> tuple[Recent, ...]:
    """The newest objects whose group the person may still see."""
    if request.grant is not None or request.who is None:
        return ()
    rows = (
        RecentObject.objects.within(request.scope)
        .filter(user_id=request.who.user_id)
        .order_by("-opened_at")
        .values_list("kind", "object_id", "number", "title")[:SHOWN_MAX]
    )
    found = [
        Recent(kind, key, number, title, KINDS[kind].href(number, key))
        for kind, key, number, title in rows
        if kind in KINDS and KINDS[kind].permission in request.rights
    ]
    return _without_recused(request, found)


def _without_recused(request: ConsoleRequest, found: list[Recent]) -> tuple[Recent, ...]:
    """Nothing of a claim from which the person was recused since. Two more statements at most."""
    kinds = {row.kind for row in found if KINDS[row.kind].claim}
    hidden = frozenset(hidden_from(request)) if kinds else frozenset()
    if not hidden:
        return tuple(found)
    left = {
        kind: shown(
            request.scope, KINDS[kind], [row.id for row in found if row.kind == kind], hidden
        )
        for kind in kinds
    }
    return tuple(row for row in found if row.kind not in kinds or row.id in left[row.kind])
