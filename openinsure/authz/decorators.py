"""What each view needs: exactly one of allow, allow_signed_in, allow_anyone (check E005).

The decorator asks the port once a request and leaves `request.rights`, the only thing templates
and menus look at. Refusals are Problems; the shell renders them.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from openinsure import environment
from openinsure.authz.permissions import Cell, Permission, Role, cell, label
from openinsure.authz.port import AuthorizationAway, Place, Subject, Target, authorizer
from openinsure.authz.rules import RULES
from openinsure.problems import Forbidden, NeedsSignIn, Problem, Unavailable

log = logging.getLogger(__name__)
SIGNED_IN, ANYONE = "signed_in", "anyone"
AWAY_RETRY_S = 5
FILES = ("csv", "xlsx")  # rows that leave as a file are asked for like a change
NO_RIGHTS: frozenset[str] = frozenset()

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class Person(Protocol):
    """What this module needs of accounts.identity.Identity, which lives above."""

    @property
    def subject(self) -> Subject: ...
    @property
    def org_name(self) -> str: ...


DenialRecorder = Callable[[HttpRequest, str], None]
_recorders: list[DenialRecorder] = []


def register_denial_recorder(recorder: DenialRecorder) -> None:
    """Called with (request, permission) for every denial; accounts registers the audit trail."""
    if recorder not in _recorders:
        _recorders.append(recorder)


def place_of(request: HttpRequest, subject: Subject) -> Place:
    """The organisation this request is about: its scope's, else the subject's own."""
    scope = getattr(request, "scope", None)
    if scope is None:
        return Place(subject.org_id)
    return Place(scope.org_id, crossing=scope.mode == "cross_read")


def _put(request: Any, rights: frozenset[str]) -> None:
    request.rights = rights


def _put_failure(request: Any, problem: Problem) -> None:
    request.rights_unknown = problem


def ensure_rights(request: HttpRequest, asked: str = "") -> frozenset[str]:
    """request.rights, asking the port at most once a request. Raises Unavailable if it is away.

    asked: the view's permission; whatever changes something is asked fully consistent.
    """
    known: frozenset[str] | None = getattr(request, "rights", None)
    if known is None:
        failed: Problem | None = getattr(request, "rights_unknown", None)
        if failed is not None:  # the error page's menu must not wait for the dead server again
            raise failed
        who: Person | None = getattr(request, "who", None)
        try:
            known = NO_RIGHTS if who is None else _rights(request, who, asked)
        except Problem as problem:
            _put_failure(request, problem)
            raise
        _put(request, known)
    return known


def _rights(request: HttpRequest, who: Person, asked: str) -> frozenset[str]:
    changes = request.method not in ("GET", "HEAD", "OPTIONS")
    leaves = request.GET.get("format") in FILES
    place = place_of(request, who.subject)
    with no_answer_is_503():
        return authorizer().rights(who.subject, place, asked=asked, latest=changes or leaves)


def _on_this_machine() -> str:
    """Where whoever started a local stack looks next; in production the alert has told somebody."""
    if environment.name() != "local":
        return ""
    return " On this machine, make status names its state; see docs/runbooks/spicedb.md."


@contextmanager
def no_answer_is_503() -> Iterator[None]:
    """Turn whatever keeps the port from answering into Unavailable: no answer is no yes."""
    try:
        yield
    except Problem:
        raise
    except Exception as error:
        if isinstance(error, AuthorizationAway):
            log.warning("authorisation did not answer: %s", error)
        else:
            log.exception("authorisation failed")
        raise Unavailable(
            "SpiceDB, which knows who may do what, does not answer. So nothing is shown or "
            f"changed. Try again in a minute.{_on_this_machine()}",
            code="authorization_unavailable",
            retry_after_s=AWAY_RETRY_S,
        ) from error


def may(request: HttpRequest, permission: str, kind: str, key: str) -> bool:
    """Whether the person may do this to this one object. Raises Unavailable without an answer."""
    who: Person | None = getattr(request, "who", None)
    if who is None:
        return False
    target = Target(kind, key, place_of(request, who.subject))
    with no_answer_is_503():
        return authorizer().check(who.subject, permission, target)


def require(request: HttpRequest, permission: str, kind: str, key: str) -> None:
    """Refuse, recorded, who may not do this to this one object. Raises Forbidden, Unavailable."""
    if may(request, permission, kind, key):
        return
    refusal = forbid(request, permission)
    if rule := RULES.get(Permission(permission)):
        told = f"{rule.words} A change of hands may take some seconds to count."
        refusal = Forbidden(told, code=rule.code, rule=permission)
    raise refusal


def forbid(request: HttpRequest, permission: str) -> Forbidden:
    """The refusal of one permission, recorded. The caller raises it."""
    for recorder in _recorders:
        recorder(request, permission)
    who: Person | None = getattr(request, "who", None)
    org_name = who.org_name if who else ""
    asked = f"an administrator of {org_name}" if org_name else "an administrator"
    if who is not None and _only_a_relation_is_missing(who.subject, permission):
        return Forbidden(
            f"{label(permission)} needs SpiceDB, which is not connected. "
            "Set AUTHZ_BACKEND to spicedb to use it.",
            code="needs_spicedb",
            rule=permission,
        )
    return Forbidden(
        f"This page needs the permission {label(permission)}. Ask {asked}.",
        code="permission_required",
        rule=permission,
    )


def _only_a_relation_is_missing(subject: Subject, permission: str) -> bool:
    if settings.AUTHZ_BACKEND != "roles":
        return False
    asked = Permission(permission)
    held = [role for role in Role if role.value in subject.roles]
    return any(cell(role, asked) is Cell.RELATION for role in held) and subject.org_active


def _signed_in(request: HttpRequest) -> None:
    if getattr(request, "who", None) is None:
        raise NeedsSignIn("Sign in to see this page.")


def _decorate(view: View, permission: str, guard: Callable[[HttpRequest], None]) -> View:
    if hasattr(view, "permission"):
        raise TypeError(f"{view.__module__}.{view.__name__} carries two allow decorators")

    @functools.wraps(view)
    def allowed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        guard(request)
        return view(request, *args, **kwargs)

    marked: Any = allowed
    marked.permission = permission
    return cast(View, marked)


def allow(permission: str) -> Callable[[View], View]:
    """Let in who holds the permission in the organisation of this request.

    Raises ValueError at import for an unknown permission; at run time NeedsSignIn (401),
    Forbidden (403, recorded) or Unavailable (503).
    """
    asked = Permission(permission).value

    def guard(request: HttpRequest) -> None:
        _signed_in(request)
        if asked not in ensure_rights(request, asked):
            raise forbid(request, asked)

    return lambda view: _decorate(view, asked, guard)


def allow_signed_in(view: View) -> View:
    """Let in every verified identity; `request.rights` is set all the same."""

    def guard(request: HttpRequest) -> None:
        _signed_in(request)
        ensure_rights(request)

    return _decorate(view, SIGNED_IN, guard)


def allow_anyone(view: View) -> View:
    """Let in everybody, signed in or not; asks the port nothing."""

    def guard(request: HttpRequest) -> None:
        _put(request, NO_RIGHTS)

    return _decorate(view, ANYONE, guard)
