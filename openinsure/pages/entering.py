"""/orgs, /orgs/enter, /orgs/leave: which organisations one may read, and the reason for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openinsure.accounts import stepup
from openinsure.accounts.middleware import renew_key
from openinsure.accounts.trail import origin_of
from openinsure.audit import grants, reasons
from openinsure.audit.grants import Wish
from openinsure.authz.decorators import allow, allow_signed_in
from openinsure.console import crossing, links, override
from openinsure.console.columns import Column
from openinsure.console.lists import ListPage, Search, ask
from openinsure.console.rendering import Source, render_list, render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.orgs import queries
from openinsure.orgs.rows import OrganizationRow
from openinsure.pages import org_rollups
from openinsure.pages.org_rollups import OrgCounts
from openinsure.problems import BadFilter, BadForm, Forbidden
from openinsure.tenancy.grants import (
    GRANT_LIFE,
    TICKET_LENGTH_MAX,
    CrossOrgGrant,
)
from openinsure.tenancy.listing import Page
from openinsure.tenancy.scope import DirectoryScope

NEXT_LENGTH_MAX = 2_000  # characters; addresses of lists with every filter stay below


COUNTED = "Counted every five minutes"


@dataclass(frozen=True, slots=True)
class OrganizationLine:
    """One organisation with its figures; None while they were never read."""

    id: str
    name: str
    slug: str
    kind: str
    status: str
    policies_in_force: int | None = None
    open_claims: int | None = None
    read_at: datetime | None = None


def _href(row: OrganizationLine) -> str:
    return links.url("orgs.enter", orgId=row.id)


ORGANIZATIONS = ListPage(
    name="orgs.list",
    title="Organizations",
    noun="organization",
    nouns="organizations",
    columns=(
        Column(name="name", label="Organization", sort="ascending"),
        Column(name="slug", label="Short name", kind="code"),
        Column(name="kind", label="Kind"),
        Column(name="status", label="Status", kind="badge"),
        Column(name="policies_in_force", label="In force", kind="count", help=COUNTED),
        Column(name="open_claims", label="Open claims", kind="count", help=COUNTED),
        Column(name="read_at", label="Counted", kind="instant", shown=False),
        Column(name="id", label="Id", kind="code"),
    ),
    default_sort="name",
    href=_href,
    search=Search(
        label="Name, short name or id",
        pattern=r".{1,100}",
        rule="must be at most 100 characters of a name, short name or id",
    ),
)


@require_safe
@allow("org.cross_read")
def organizations(bare: HttpRequest) -> HttpResponse:
    """The organisations one may enter, and the grants that are live."""
    request = cast(ConsoleRequest, bare)
    wanted = ask(request, ORGANIZATIONS)
    scope = _directory(request)

    return render_list(
        request,
        wanted,
        Source(
            read=lambda a: _with_counts(
                scope,
                queries.list_organizations(
                    scope, q=a.q, descending=a.descending, at=a.at, size=a.size
                ),
            ),
        ),
        template="orgs/list.html",
        part="orgs/_list.html",
        live=_live(request),
        recent=grants.recent_organizations(crossing.visitor_of(request), origin=origin_of(request)),
        now=timezone.now(),
    )


def _with_counts(scope: DirectoryScope, page: Page[OrganizationRow]) -> Page[OrganizationLine]:
    """The rows with their figures from the roll-up. One statement on oi_console."""
    counts = org_rollups.counts_of(scope, (row.id for row in page.rows))
    rows = tuple(
        OrganizationLine(row.id, row.name, row.slug, row.kind, row.status, *_figures(counts, row))
        for row in page.rows
    )
    return Page(rows, page.next, page.previous, page.searched_to)


def _figures(
    counts: dict[str, OrgCounts], row: OrganizationRow
) -> tuple[int | None, int | None, datetime | None]:
    found = counts.get(row.id)
    if found is None:
        return None, None, None
    return found.policies_in_force, found.open_claims, found.read_at


@require_http_methods(["GET", "HEAD", "POST"])
@allow("org.cross_read")
def enter(bare: HttpRequest) -> HttpResponse:
    """The reason form; posted, it opens a 60-minute read-only grant."""
    request = cast(ConsoleRequest, bare)
    named = override.asked(request)
    if request.method != "POST" and not named:
        return HttpResponseRedirect(reverse("orgs.list"), status=303)
    org_id = named.org_id()
    name = crossing.find_organization(request, org_id)
    if request.method == "POST":
        try:
            return _entered(request, org_id, name)
        except BadForm as refusal:
            if wants_json(request):
                raise
            return _form(request, org_id, name, errors=refusal.errors)
    if not _is_next(request.GET.get("next", "")):
        raise BadFilter("next", rule="must be a path of this site")
    return _form(request, org_id, name, errors={})


@require_POST
@allow_signed_in
def leave(bare: HttpRequest) -> HttpResponse:
    """End the grant for one organisation, or all of this session; back to the own one."""
    request = cast(ConsoleRequest, bare)
    named = override.asked(request)
    only = named.org_id() if named else None
    origin, now = origin_of(request), timezone.now()
    for grant in _live(request):
        if only in (None, grant.org_id):
            grants.end_grant(grant, how="left", at=now, origin=origin)
    renew_key(request)
    return HttpResponseRedirect(reverse("orgs.list" if _may_cross(request) else "home"), status=303)


def _entered(request: ConsoleRequest, org_id: str, name: str) -> HttpResponse:
    """Check the form and the person, write the row, then the grant, then a new session key."""
    who, now = request.who, timezone.now()
    assert who is not None
    if who.via != "session":
        raise Forbidden("A token names the organization with each request.", code="browser_only")
    target = request.POST.get("next", "")
    wish = Wish(
        org_id=org_id,
        org_name=name,
        reason=request.POST.get("reason", ""),
        ticket=request.POST.get("ticket", ""),
    )
    errors = _errors(wish, target)
    if org_id == who.org_id:
        errors["orgId"] = "is your own organization, which needs no reason"
    if errors:
        raise BadForm(errors)
    stepup.require(who, now=now)
    grants.open_grant(crossing.visitor_of(request), wish, at=now, origin=origin_of(request))
    renew_key(request)
    return HttpResponseRedirect(_with_org(target or "/", org_id), status=303)


def _errors(wish: Wish, target: str) -> dict[str, str]:
    errors: dict[str, str] = {}
    try:
        wish.checked()
    except BadForm as refusal:
        errors |= refusal.errors
    if not _is_next(target):
        errors["next"] = "must be a path of this site"
    return errors


def _form(
    request: ConsoleRequest, org_id: str, name: str, *, errors: dict[str, str]
) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    target = sent.get("next", "")
    return render_page(
        request,
        "orgs/enter.html",
        data={"row": {"id": org_id, "name": name, "minutes": _minutes()}},
        status=422 if errors else 200,
        org_id=org_id,
        org_name=name,
        minutes=_minutes(),
        reason=request.POST.get("reason", "")[: reasons.LENGTH_MAX],
        ticket=request.POST.get("ticket", "")[:TICKET_LENGTH_MAX],
        target=target if _is_next(target) else "",
        errors=errors,
        ticket_max=TICKET_LENGTH_MAX,
    )


def _minutes() -> int:
    return int(GRANT_LIFE.total_seconds()) // 60


def _is_next(target: str) -> bool:
    return not target or (len(target) <= NEXT_LENGTH_MAX and links.is_local(target))


def _with_org(target: str, org_id: str) -> str:
    """The path with this organisation named once, whatever it named before."""
    parts = urlsplit(target)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(key, value) for key, value in pairs if not override.names_an_org(key)]
    return f"{parts.path}?{urlencode([*kept, (override.NAME, org_id)])}"


def _live(request: ConsoleRequest) -> list[CrossOrgGrant]:
    assert request.who is not None
    if request.who.via != "session":
        return []
    origin = origin_of(request)
    return grants.live_grants(crossing.visitor_of(request), at=timezone.now(), origin=origin)


def _may_cross(request: ConsoleRequest) -> bool:
    return crossing.visitor_of(request).may_cross


def _directory(request: ConsoleRequest) -> DirectoryScope:
    assert request.who is not None
    return DirectoryScope(request.who.org_id, request.who.user_id, request.request_id)


urlpatterns = [
    path("orgs", organizations, name="orgs.list"),
    path("orgs/enter", enter, name="orgs.enter"),
    path("orgs/leave", leave, name="orgs.leave"),
]
