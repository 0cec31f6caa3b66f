"""Signing off the access review of a quarter: everybody's rights asked anew, in batches, and the
digest of the answers kept in the audit log beside who looked at them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from openinsure.accounts import stepup
from openinsure.audit import queries, reasons
from openinsure.audit.record import append
from openinsure.audit.rows import AuditRow
from openinsure.authz.decorators import allow, no_answer_is_503
from openinsure.authz.port import PEOPLE_AT_ONCE, Place, authorizer
from openinsure.console import undo
from openinsure.console.acting import actor_of, audit_event
from openinsure.console.request import ConsoleRequest
from openinsure.orgs import users
from openinsure.orgs.user_rows import UserRow
from openinsure.pages.users import subject_of
from openinsure.problems import BadForm
from openinsure.tenancy.listing import Position
from openinsure.tenancy.scope import Scope

SIGNED = "access_review.signed"
DIGEST_SHOWN = 12  # characters of it beside the quarter; the audit row keeps it whole
PEOPLE_MAX = 2_000  # 40 bulk checks; a larger organisation would keep the request too long


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Everybody's rights at one moment. digest: SHA-256 of `user permission...` lines, by
    e-mail address.
    """

    people: int
    rights: int
    digest: str


def quarter_of(at: datetime) -> str:
    """`2026 Q4`, by UTC."""
    return f"{at.year} Q{(at.month + 2) // 3}"


def last_signed(scope: Scope) -> AuditRow | None:
    """The newest signature; its object begins with the quarter. One statement on oi_global."""
    rows = queries.list_events(scope, where={"action": (SIGNED,)}, size=1).rows
    return rows[0] if rows else None


@require_POST
@allow("user.manage")
def sign(request: ConsoleRequest) -> HttpResponse:
    """Ask everybody's rights and sign for the quarter; the same answers are signed once."""
    assert request.who is not None
    now = timezone.now()
    stepup.require(request.who, now=now)
    note = reasons.stated(request.POST.get("note", ""), "note")
    found = review_everybody(request.scope, now)
    named = f"{quarter_of(now)} {found.digest[:DIGEST_SHOWN]}"
    standing = last_signed(request.scope)
    if standing is None or standing.object != named:
        append(
            audit_event(
                request.scope,
                actor_of(request),
                SIGNED,
                keyspace="oi_global",
                table="users",
                entity_id="",
                object=named,
                now=now,
                after={"people": found.people, "rights": found.rights, "sha256": found.digest},
                reason=note,
            )
        )
    return undo.back(request, reverse("users.review"), f"Signed for {quarter_of(now)}.")


def review_everybody(scope: Scope, now: datetime) -> Reviewed:
    """The rights of all people of the organisation. Raises BadForm for too many, Unavailable."""
    people = rights = 0
    digest = hashlib.sha256()
    for rows in _batches(scope):
        people += len(rows)
        if people > PEOPLE_MAX:
            raise BadForm({"note": f"cannot sign for more than {PEOPLE_MAX:,} people at once"})
        roles = users.roles_of(scope, [row.id for row in rows])
        subjects = [subject_of(scope, row, roles.get(row.id, ()), now) for row in rows]
        with no_answer_is_503():
            held = authorizer().rights_of_many(subjects, Place(scope.org_id))
        for row, permissions in zip(rows, held, strict=True):
            rights += len(permissions)
            digest.update(f"{row.id} {' '.join(sorted(permissions))}\n".encode())
    return Reviewed(people, rights, digest.hexdigest())


def _batches(scope: Scope) -> Iterator[tuple[UserRow, ...]]:
    at: Position | None = None
    while True:
        page = users.list_users(
            scope, {}, sort="email", descending=False, at=at, size=PEOPLE_AT_ONCE
        )
        if page.rows:
            yield page.rows
        if page.next is None:
            return
        at = page.next
