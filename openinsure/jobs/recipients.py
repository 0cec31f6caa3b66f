"""Telling everybody of a role in an organisation, from a job."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from openinsure.keyspaces.ids import fixed_id
from openinsure.orgs.models import User
from openinsure.orgs.operations.notices import Notice, post_notice
from openinsure.tenancy.scope import Scope


def tell(
    scope: Scope, roles: Collection[str], notice: Callable[[str], Notice], *, now: datetime,
    about: str = "", once: bool = False,
) -> None:  # fmt: skip
    """One notice a person who is active in one of the roles; notice: by user id.

    now: the scheduled time; a run begun again tells nobody of the same thing (about) twice.
    once: nor does a later run.
    """
    people = User.objects.within(scope).filter(role__in=roles, status="active")
    for user_id in people.order_by("id").values_list("id", flat=True):
        told = notice(user_id)
        key = fixed_id(scope.org_id, told.kind, user_id, about, "" if once else now)
        post_notice(scope, told, now=now, key=key)
