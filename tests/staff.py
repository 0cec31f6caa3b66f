"""Members of staff as rows of oi_global; their accounts of the console are tests.people's."""

from __future__ import annotations

from typing import Any

from openinsure.keyspaces.ids import new_id
from openinsure.orgs.models import Organization, User
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests.factories import EARLIEST, made


def user(scope: Scope, **given: Any) -> User:
    """A user of the organisation, support unless `role` says otherwise."""
    key = new_id()
    values = {
        "id": key,
        "auth_user_id": key,
        "email": f"{key}@people.test",
        "full_name": "A Person",
        "role": "support",
        "status": "active",
        "created_at": EARLIEST,
        "updated_at": EARLIEST,
    } | given
    row: User = made(scope, User, values)
    return row


def organization(scope: Scope) -> None:
    """The row of the organisation itself, active."""
    with entered(SystemScope(scope.org_id, "service:tests")):
        Organization.objects.create(
            id=scope.org_id,
            slug=scope.org_id[-12:],
            legal_name="Test",
            display_name="Test",
            organization_type="mga",
            status="active",
            default_currency="USD",
            timezone="UTC",
            tb_ledger_id=int(scope.org_id[-8:], 16) % 2**31,
            created_at=EARLIEST,
            updated_at=EARLIEST,
        )
