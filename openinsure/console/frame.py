"""What base.html needs around any page, gathered once from the request; also for error pages.

Every part may be missing (an error before the sign-in was read), so nothing here raises.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from openinsure import environment
from openinsure.authz.decorators import ensure_rights
from openinsure.console import menu
from openinsure.console.build import Build, build
from openinsure.console.preferences import Preferences
from openinsure.console.request import request_id_of
from openinsure.console.undo import Told, told
from openinsure.problems import Problem
from openinsure.tenancy.grants import PLATFORM_ORG_ID, CrossOrgGrant
from openinsure.tenancy.scope import GrantScope, Scope


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, for the user menu."""

    name: str
    email: str
    role: str
    organization: str
    initials: str


@dataclass(frozen=True, slots=True)
class Visit:
    """The cross-org banner: whose data, why, how long still (minutes, rounded up)."""

    organization: str
    reason: str
    ticket: str
    minutes_left: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Frame:
    """The marks of <html>, the header, the menu and the footer of one response."""

    page: str
    org_id: str
    scope: str
    preferences: Preferences
    environment: str
    build: Build
    request_id: str
    person: Person | None
    organization: str
    visit: Visit | None
    menu: tuple[menu.Group, ...]
    rights: frozenset[str]
    now: datetime
    told: Told | None = None

    @property
    def looks_up(self) -> bool:
        """Whether a look-up is offered: platform people have to enter an organisation first."""
        return "org.view" in self.rights and self.org_id != PLATFORM_ORG_ID


def frame(request: HttpRequest, page: str = "") -> Frame:
    """The frame of this request. page: data-page, else the URL name of the view."""
    match = request.resolver_match
    name = page or (match.view_name if match else "") or "error"
    scope: Scope | None = getattr(request, "scope", None)
    person = _person(request)
    rights = _rights(request) if person else frozenset()
    visit = _visit(request)
    return Frame(
        page=name,
        org_id=scope.org_id if scope else "",
        scope=_scope_word(scope),
        preferences=Preferences.from_cookies(request.COOKIES),
        environment=environment.name(),
        build=build(),
        request_id=request_id_of(request),
        person=person,
        organization=visit.organization if visit else person.organization if person else "",
        visit=visit,
        menu=menu.groups(rights, name) if person else (),
        rights=rights,
        now=timezone.now(),
        told=told(request),
    )


def _rights(request: HttpRequest) -> frozenset[str]:
    """What the menu may offer; nothing while authorisation is away (the page says so)."""
    try:
        return ensure_rights(request)
    except Problem:
        return frozenset()


def _scope_word(scope: Scope | None) -> str:
    if scope is None:
        return "none"
    return "cross" if isinstance(scope, GrantScope) else "own"


def _person(request: HttpRequest) -> Person | None:
    who = getattr(request, "who", None)
    if who is None:
        return None
    name = who.full_name or who.email or who.user_id
    words = [word for word in name.replace("@", " ").split() if word[0].isalnum()]
    initials = "".join(word[0] for word in words[:2]).upper() or "?"
    role = str(who.role).replace("_", " ")
    return Person(name, who.email, role, getattr(who, "org_name", ""), initials)


def _visit(request: HttpRequest) -> Visit | None:
    grant: CrossOrgGrant | None = getattr(request, "grant", None)
    if grant is None:
        return None
    left_s = (grant.expires_at - timezone.now()).total_seconds()
    return Visit(
        organization=grant.org_name or grant.org_id,
        reason=grant.reason,
        ticket=grant.ticket,
        minutes_left=max(0, math.ceil(left_s / 60)),
        expires_at=grant.expires_at,
    )
