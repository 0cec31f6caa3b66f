"""May this export still be made, and later fetched? Asked anew each time, never remembered.

The owner must still be able to sign in, hold `export.create` where the rows lie, and, in another
organisation, a live grant of it. The list's own permission is asked by running the list's view.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from openinsure.accounts import sessions, snapshot
from openinsure.accounts.identity import Identity
from openinsure.accounts.models import Account
from openinsure.audit import access, grants
from openinsure.audit.access import Access
from openinsure.audit.grants import CrossOrgGrant, Origin
from openinsure.authz.port import Place, authorizer
from openinsure.console.exports_capture import Viewer
from openinsure.console.exports_csv import PERMISSION
from openinsure.console.models import ExportRow
from openinsure.problems import Forbidden
from openinsure.tenancy.grants import CROSS_ORG_ROLES, Visitor
from openinsure.tenancy.scope import SystemScope

NO_LONGER = "You may not export from this organization any more."


class EnterAgain(Exception):
    """The grant under which the export began has ended; its owner must enter again."""


def admit(home: SystemScope, row: ExportRow, *, now: datetime) -> Viewer:
    """For whom and in which scope the job reads. A crossing has its access row first.

    Raises EnterAgain, Forbidden; Unavailable when the crossing cannot be recorded.
    """
    who = _owner(row, now)
    visiting = row.data_org_id != row.org_id
    place = Place(row.data_org_id, crossing=visiting)
    if PERMISSION not in authorizer().rights(who.subject, place, asked=PERMISSION):
        raise Forbidden(NO_LONGER, code="permission_required", rule=PERMISSION)
    if not visiting:
        return Viewer(who=who, scope=home, request_id=row.request_id)
    grant = still_visiting(row, who, now=now)
    access.record_access(
        Access(
            visitor=grant.visitor,
            org_id=grant.org_id,
            route=f"export of {row.list_name or row.kind}",
            filters={"query": [row.query]},
            reason=grant.reason,
            ticket=grant.ticket,
            request_id=row.request_id,
            occurred_at=timezone.now(),
            entity_table="exports",
            entity_id=row.id,
        )
    )
    scope = grant.scope(row.request_id)
    return Viewer(who=who, scope=scope, grant=grant, request_id=row.request_id)


def _owner(row: ExportRow, now: datetime) -> Identity:
    account = Account.objects.filter(user_id=row.owner_id).first()
    if account is None or account.org_id != row.org_id:
        raise Forbidden(NO_LONGER, code="permission_required")
    account = snapshot.refreshed(account, at=now)
    if not sessions.may_sign_in(account) or account.org_id != row.org_id:
        raise Forbidden(NO_LONGER, code="permission_required")
    return sessions.identity_of(account, via="session", session_id=row.session_id)


def still_visiting(row: ExportRow, who: Identity, *, now: datetime) -> CrossOrgGrant:
    """The grant under which the rows are read, as it stands now. Raises EnterAgain."""
    roles = [role for role in (who.role, *sorted(who.extra_roles)) if role in CROSS_ORG_ROLES]
    visitor = Visitor(
        user_id=who.user_id,
        role=str(roles[0]) if roles else who.role,
        home_org_id=who.org_id,
        session_id=row.session_id,
    )
    found = grants.live_grant(
        visitor, org_id=row.data_org_id, at=now, origin=Origin(request_id=row.request_id)
    )
    if found is None:
        raise EnterAgain
    return found
