"""The collector as a task: beat starts it each minute (settings/cron.py)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from dbops import collect as collector
from openinsure.tenancy.jobs import platform_task
from openinsure.tenancy.scope import Scope


@platform_task(name="dbops.collect")
def collect(scope: Scope, **kwargs: Any) -> int:
    """Store one reading a database; how many answered."""
    return collector.collect(now=timezone.now())
