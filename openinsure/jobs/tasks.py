"""Tasks of the relationships; settings/cron.py says when."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone

from openinsure.authz.client import client
from openinsure.jobs import relating, relations
from openinsure.tenancy.jobs import platform_task
from openinsure.tenancy.scope import Scope


@platform_task(name="authz.outbox")
def deliver_relationships(scope: Scope, **kwargs: Any) -> int:
    """Send what waits in the outbox of every organisation; how many rows."""
    if settings.AUTHZ_BACKEND != "spicedb":
        return 0
    return relating.deliver_all(client(), now=timezone.now(), request_id=scope.request_id)


@platform_task(name="authz.compare")
def compare_relationships(scope: Scope, **kwargs: Any) -> int:
    """Nightly: make SpiceDB equal to the tables; how many relationships differed."""
    if settings.AUTHZ_BACKEND != "spicedb":
        return 0
    found = relating.compare_all(
        client(), relations.sync, now=timezone.now(), request_id=scope.request_id
    )
    return sum(len(one.missing) + len(one.surplus) for one in found.values())
