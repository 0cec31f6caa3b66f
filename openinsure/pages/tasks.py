"""Roll-ups over several keyspaces as tasks; settings/cron.py says when."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from openinsure.pages import org_rollups
from openinsure.tenancy.jobs import platform_task
from openinsure.tenancy.scope import Scope


@platform_task(name="pages.org_rollups")
def refresh_org_rollups(scope: Scope, **kwargs: Any) -> int:
    """Count what /orgs shows; how many organisations were counted in full."""
    return org_rollups.refresh(at=timezone.now(), request_id=scope.request_id)
