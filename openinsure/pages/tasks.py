"""Roll-ups over several keyspaces as tasks; settings/cron.py says when."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from openinsure.pages import (
    ageing_rollup,
    exports_tasks,
    figures,
    find_keeping,
    letters_tasks,
    org_rollups,
)
from openinsure.tenancy.jobs import platform_task
from openinsure.tenancy.scope import Scope

# Celery looks into this module only.
TASK_MODULES = (exports_tasks, letters_tasks)


@platform_task(name="pages.org_rollups")
def refresh_org_rollups(scope: Scope, **kwargs: Any) -> int:
    """Count what /orgs shows; how many organisations were counted in full."""
    return org_rollups.refresh(at=timezone.now(), request_id=scope.request_id)


@platform_task(name="pages.search_tokens")
def take_up_search_tokens(scope: Scope, **kwargs: Any) -> int:
    """Take up the names that changed; how many insureds."""
    return find_keeping.take_up_all(request_id=scope.request_id)


@platform_task(name="pages.stored_searches")
def forget_stored_searches(scope: Scope, **kwargs: Any) -> int:
    """Forget the stored searches that are 30 days old; how many."""
    return find_keeping.forget_all(at=timezone.now(), request_id=scope.request_id)


@platform_task(name="pages.ageing")
def refresh_ageing(scope: Scope, **kwargs: Any) -> int:
    """Age what is past due of every organisation; how many were read."""
    return ageing_rollup.refresh(at=timezone.now(), request_id=scope.request_id)


@platform_task(name="pages.figures")
def refresh_figures(scope: Scope, **kwargs: Any) -> int:
    """Count what home pages and the policies list show; how many organisations in full."""
    return figures.refresh(at=timezone.now(), request_id=scope.request_id)
