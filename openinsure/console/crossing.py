"""May this request leave its own organisation? The rules of `?orgId=`, grants and bearer tokens.

Own organisation: from the identity, always. Another one: only superadmin, system and auditor,
read only, under a live grant (browser) or with each request recorded as its own grant (bearer).
Every refusal of a crossing, and every read that follows, has its audit row first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from openinsure.accounts.trail import origin_of
from openinsure.audit import access, grants, record
from openinsure.audit.access import Access
from openinsure.audit.directory import directory
from openinsure.audit.record import AuditEvent
from openinsure.console import links
from openinsure.console.override import Asked, asked
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.keyspaces.ids import new_id
from openinsure.problems import Forbidden, NotFound
from openinsure.tenancy.grants import (
    CROSS_ORG_ROLES,
    GRANT_LIFE,
    PLATFORM_ORG_ID,
    CrossOrgGrant,
    Visitor,
)
from openinsure.tenancy.scope import DirectoryScope, OrgScope, Scope, entered

# Here orgId is an argument of the page, not a wish to read: the visitor stays at home.
ENTRANCES = frozenset({"orgs.list", "orgs.enter", "orgs.leave"})
# What may be posted in a grant: it writes oi_console only (security.md 3).
WRITES_IN_A_GRANT = frozenset(
    {
        "signin.logout",
        "find.searches",
        "exports.list",
        "exports.restart",
        "audit.samples",
        "audit.evidence",
    }
)
# Pages of one organisation's business: the platform's own organisation has none.
TENANT_PAGES = frozenset(
    {"org.view", "policy.view", "submission.view", "claim.view", "billing.view", "ledger.view"}
)
READS = frozenset({"GET", "HEAD"})

OVERRIDE_FORBIDDEN = "Your role cannot open another organization. This attempt was recorded."
READ_ONLY = "You are visiting this organization read only. This attempt was recorded."
REASON_REQUIRED = "Reading another organization needs a reason. Enter it first at /orgs/enter."
CHOOSE = "Choose an organization first: name it with orgId, or enter it at /orgs."


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What a request may see: its scope, and of a crossing the grant and its access row."""

    scope: Scope
    grant: CrossOrgGrant | None = None
    access_id: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """The page asked for: its URL name and the permission of its view, "" for no page."""

    name: str = ""
    permission: str = ""


def own_scope(request: ConsoleRequest) -> OrgScope:
    """The organisation of the verified identity."""
    assert request.who is not None
    return OrgScope(request.who.org_id, request.who.user_id, request.request_id)


def visitor_of(request: ConsoleRequest) -> Visitor:
    """The signed-in person as grants know it; the role is the one that may cross, if any."""
    who = request.who
    assert who is not None
    crossing = [role for role in (who.role, *sorted(who.extra_roles)) if role in CROSS_ORG_ROLES]
    return Visitor(
        user_id=who.user_id,
        role=str(crossing[0]) if crossing else who.role,
        home_org_id=who.org_id,
        session_id=who.session_id if who.via == "session" else "",
    )


def admit(request: ConsoleRequest) -> Admission | HttpResponse:
    """The admission, or a redirect to where one is had.

    Raises Forbidden, BadFilter, NotFound; Unavailable when a crossing cannot be recorded.
    """
    assert request.who is not None
    named, route, visitor = asked(request), route_of(request), visitor_of(request)
    if named and not visitor.may_cross:
        _record_attempt(request, visitor, named)
        raise Forbidden(OVERRIDE_FORBIDDEN, code="org_override_forbidden")
    if named and route.name not in ENTRANCES:
        org_id = named.org_id()
        if org_id != request.who.org_id:
            return _cross(request, visitor, org_id, route)
    if visitor.may_cross and route.permission in TENANT_PAGES and _is_platform(visitor):
        return _choose(request)
    return Admission(scope=own_scope(request))


def find_organization(request: ConsoleRequest, org_id: str) -> str:
    """The name of an organisation. Raises NotFound."""
    assert request.who is not None
    scope = DirectoryScope(request.who.org_id, request.who.user_id, request.request_id)
    with entered(scope):
        name = directory().find_name(scope, org_id)
    if name is None:
        raise NotFound("organization", message=f"There is no organization {org_id}.")
    return name


def route_of(request: ConsoleRequest) -> Route:
    """The page that will answer. No page: the URLconf answers 404 in its turn."""
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return Route()
    return Route(match.view_name, getattr(match.func, "permission", ""))


def _cross(
    request: ConsoleRequest, visitor: Visitor, org_id: str, route: Route
) -> Admission | HttpResponse:
    assert request.who is not None
    if request.who.via == "bearer":
        return _cross_by_bearer(request, visitor, org_id, route)
    now, origin = timezone.now(), origin_of(request)
    grant = grants.live_grant(visitor, org_id=org_id, at=now, origin=origin)
    if grant is None:
        find_organization(request, org_id)
        return _ask_reason(request, org_id)
    _only_reads(request, visitor, org_id, route)
    access_id = access.record_access(_access(request, visitor, org_id, grant.reason, grant.ticket))
    return Admission(scope=grant.scope(request.request_id), grant=grant, access_id=access_id)


def _cross_by_bearer(
    request: ConsoleRequest, visitor: Visitor, org_id: str, route: Route
) -> Admission:
    """A token's request is its own grant; the access row is its evidence."""
    reason = access.bearer_reason(request.headers.get("X-Audit-Reason"))
    name = find_organization(request, org_id)
    _only_reads(request, visitor, org_id, route)
    wanted = _access(request, visitor, org_id, reason)
    access_id = access.record_access(wanted)
    grant = CrossOrgGrant(
        id=new_id(),
        audit_row_id=access_id,
        visitor=visitor,
        org_id=org_id,
        org_name=name,
        reason=reason,
        opened_at=wanted.occurred_at,
        expires_at=wanted.occurred_at + GRANT_LIFE,
    )
    return Admission(scope=grant.scope(request.request_id), grant=grant, access_id=access_id)


def _access(
    request: ConsoleRequest, visitor: Visitor, org_id: str, reason: str, ticket: str = ""
) -> Access:
    return Access(
        visitor=visitor,
        org_id=org_id,
        route=request.path,
        filters={key: values for key, values in request.GET.lists() if key != "orgId"},
        reason=reason,
        ticket=ticket,
        request_id=request.request_id,
        ip=origin_of(request).ip,
        occurred_at=timezone.now(),
    )


def _only_reads(request: ConsoleRequest, visitor: Visitor, org_id: str, route: Route) -> None:
    if request.method in READS or route.name in WRITES_IN_A_GRANT:
        return
    after = {"method": request.method, "path": request.path}
    event = _event(request, visitor, "crossorg.write.refused", org_id, after)
    record.append(event)
    raise Forbidden(READ_ONLY, code="read_only_grant")


def _record_attempt(request: ConsoleRequest, visitor: Visitor, named: Asked) -> None:
    after = {"asked": named.for_the_record(), "path": request.path}
    record.append(_event(request, visitor, "crossorg.attempt", visitor.home_org_id, after))


def _event(
    request: ConsoleRequest, visitor: Visitor, action: str, org_id: str, after: Mapping[str, object]
) -> AuditEvent:
    assert request.who is not None
    origin = origin_of(request)
    return AuditEvent(
        org_id=org_id,
        action=action,
        actor_user_id=request.who.actor_id,
        actor_role=visitor.role,
        request_id=origin.request_id,
        occurred_at=timezone.now(),
        entity_table="organizations",
        ip=origin.ip,
        user_agent=origin.user_agent,
        after=after,
        cross_org=org_id != visitor.home_org_id,
    )


def _is_platform(visitor: Visitor) -> bool:
    return visitor.home_org_id == PLATFORM_ORG_ID


def _ask_reason(request: ConsoleRequest, org_id: str) -> HttpResponse:
    if wants_json(request):
        raise Forbidden(REASON_REQUIRED, code="reason_required")
    return _go(request, "orgs.enter", orgId=org_id)


def _choose(request: ConsoleRequest) -> HttpResponse:
    assert request.who is not None
    if request.who.via == "bearer" or wants_json(request):
        raise Forbidden(CHOOSE, code="reason_required")
    return _go(request, "orgs.list")


def _go(request: ConsoleRequest, name: str, **query: str) -> HttpResponse:
    """To a page that comes back to this one; a swapped fragment comes back to its page."""
    htmx = request.headers.get("HX-Request") == "true"
    if htmx:
        current = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = f"{current.path}?{current.query}" if current.query else current.path
    else:
        back = request.get_full_path() if request.method in READS else "/"
    address = f"{reverse(name)}?{urlencode({**query, 'next': back})}"
    if not links.is_local(back):
        address = f"{reverse(name)}?{urlencode(query)}"
    if htmx:
        return HttpResponse(status=403, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
