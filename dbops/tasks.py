"""Collector and comparison as tasks: beat starts them (settings/cron.py)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from dbops import collect as collector
from dbops import watch
from openinsure.tenancy.jobs import platform_task
from openinsure.tenancy.scope import Scope


@platform_task(name="dbops.collect")
def collect(scope: Scope, **kwargs: Any) -> int:
    """Store one reading a database, tell of changes; how many answered."""
    now = timezone.now()
    answered = collector.collect(now=now)
    watch.tell(now=now)
    return answered


@platform_task(name="dbops.drift")
def drift(scope: Scope, **kwargs: Any) -> int:
    """Compare every database that can be; how many findings are open."""
    return watch.compare_all(now=timezone.now())
