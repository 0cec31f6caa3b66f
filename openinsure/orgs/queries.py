"""The directory of organisations: the one list that is not of one organisation.

Read in mode `directory` only, which the guard lets see nothing but this table.
"""

from __future__ import annotations

from django.db.models import Q

from openinsure.orgs.models import Organization
from openinsure.orgs.rows import OrganizationRow
from openinsure.tenancy.listing import Page, Position
from openinsure.tenancy.scope import DirectoryScope, entered

COLUMNS = ("id", "display_name", "slug", "organization_type", "status")


def find_name(scope: DirectoryScope, org_id: str) -> str | None:
    """The name people use for an organisation; None if there is none of this id."""
    with entered(scope):
        rows = Organization.objects.within(scope).filter(id=org_id)
        return rows.values_list("display_name", flat=True).first()


def list_organizations(
    scope: DirectoryScope,
    *,
    q: str = "",
    descending: bool = False,
    at: Position | None = None,
    size: int = 50,
) -> Page[OrganizationRow]:
    """By name. q: part of a name or slug, or a whole id. One statement on oi_global."""
    with entered(scope):
        rows = Organization.objects.within(scope)
        if q:
            rows = rows.filter(Q(display_name__icontains=q) | Q(slug__icontains=q) | Q(id=q))
        back = at is not None and at.backwards
        falling = descending is not back
        if at is not None:
            beyond = "lt" if falling else "gt"
            rows = rows.filter(
                Q(**{f"display_name__{beyond}": at.value})
                | Q(display_name=at.value, **{f"id__{beyond}": at.key})
            )
        order = ("-display_name", "-id") if falling else ("display_name", "id")
        found = list(rows.order_by(*order).values_list(*COLUMNS)[: size + 1])
    return _page(found, at=at, size=size, back=back)


def list_ids(scope: DirectoryScope) -> tuple[str, ...]:
    """Every organisation's id, for sweepers that enter each one. One statement."""
    with entered(scope):
        return tuple(Organization.objects.within(scope).order_by("id").values_list("id", flat=True))


def _page(
    found: list[tuple[str, str, str, str, str]], *, at: Position | None, size: int, back: bool
) -> Page[OrganizationRow]:
    more, kept = len(found) > size, found[:size]
    if back:
        kept.reverse()
    if not kept:
        return Page(rows=(), previous=at and at.turned(backwards=not back))
    first, last = (Position(value=row[1], key=row[0]) for row in (kept[0], kept[-1]))
    return Page(
        rows=tuple(OrganizationRow(*row) for row in kept),
        next=last if more or back else None,
        previous=first.turned(backwards=True) if (at and not back) or (back and more) else None,
    )
