"""The one question "who may", and which backend answers it (AUTHZ_BACKEND).

Everything that is not a clear yes is no: an unknown permission, role or object, an error, a
timeout. A backend that cannot answer raises AuthorizationAway, never returns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from django.conf import settings

from openinsure.environment import ConfigurationError

PEOPLE_AT_ONCE = 50  # of a review in one call: 1,500 questions, a page of people
CHECK_MANY_LIMIT = 10_000  # objects a call, SpiceDB's CheckBulk limit


class AuthorizationAway(Exception):
    """The backend did not answer in time. The edge turns it into 503; nothing is shown.

    passing: trying again at once may help.
    """

    def __init__(self, reason: str = "", *, passing: bool = False) -> None:
        super().__init__(reason)
        self.passing = passing


@dataclass(frozen=True, slots=True)
class Subject:
    """Who asks, as verified at sign-in. roles: users.role and the live user_roles."""

    user_id: str
    org_id: str
    roles: frozenset[str]
    org_active: bool = True  # organizations.status; False while suspended
    service: bool = False  # service:system, a machine


@dataclass(frozen=True, slots=True)
class Place:
    """The organisation asked about. crossing: a live grant, or ?orgId= by bearer; job: in a job."""

    org_id: str
    crossing: bool = False
    job: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """One object below an organisation. kind is a definition of schema.zed."""

    kind: str
    id: str
    place: Place


class Authorizer(Protocol):
    """Rights of a subject. Every method raises AuthorizationAway when it cannot know."""

    def rights(
        self, subject: Subject, place: Place, *, asked: str = "", latest: bool = False
    ) -> frozenset[str]:
        """Every permission the subject has there, in one bulk call.

        asked: the permission that decides, whose freshness counts; latest: no older answer will do.
        """

    def rights_of_many(
        self, subjects: Sequence[Subject], place: Place
    ) -> tuple[frozenset[str], ...]:
        """The rights of each there, in order; a bulk call for every PEOPLE_AT_ONCE people."""

    def check(self, subject: Subject, permission: str, target: Target) -> bool:
        """May the subject do this to this object."""

    def check_many(
        self, subject: Subject, permission: str, targets: Sequence[Target]
    ) -> tuple[bool, ...]:
        """One answer per target, in order; at most CHECK_MANY_LIMIT targets."""


@cache
def authorizer() -> Authorizer:
    """The backend of this process. Raises ConfigurationError for one that cannot be used."""
    if settings.AUTHZ_BACKEND == "roles":
        from openinsure.authz.roles import RolesAuthorizer

        return RolesAuthorizer()
    if settings.AUTHZ_BACKEND == "spicedb":
        from openinsure.authz.client import client
        from openinsure.authz.spicedb import SpiceAuthorizer

        return SpiceAuthorizer(client())
    raise ConfigurationError("AUTHZ_BACKEND", f"is {settings.AUTHZ_BACKEND!r}, which nobody knows")
