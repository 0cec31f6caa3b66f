"""Sweeping sign-ins and writing their waiting audit rows; settings/cron.py says when."""

from __future__ import annotations

import logging
from typing import Any

from django.utils import timezone

from openinsure.accounts import sessions, trail
from openinsure.problems import Unavailable
from openinsure.tenancy.jobs import platform_task
from openinsure.tenancy.scope import Scope

log = logging.getLogger(__name__)


@platform_task(name="accounts.sessions")
def sweep_sessions(scope: Scope, **kwargs: Any) -> int:
    """Delete sessions that are over and spent tokens; how many rows."""
    return sessions.sweep(now=timezone.now())


@platform_task(name="accounts.trail")
def flush_trail(scope: Scope, **kwargs: Any) -> int:
    """Write the audit rows that waited for oi_global; how many. While it is away they wait on."""
    try:
        return trail.flush()
    except Unavailable:
        log.warning("audit rows of sign-ins still wait for oi_global")
        return 0
