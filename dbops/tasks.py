"""Collector and comparison as tasks: beat starts them (settings/cron.py), a worker the first.

Beat's first tick comes a minute after its start and the comparison's half an hour after: a worker
that is ready looks at once, and a look compares what no comparison covers yet.
"""

from __future__ import annotations

import logging
from typing import Any

from celery.signals import worker_ready
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerAway

from dbops import collect as collector
from dbops import orphans as counting
from dbops import watch
from openinsure.tenancy.jobs import platform_task
from openinsure.tenancy.scope import Scope

log = logging.getLogger(__name__)


@platform_task(name="dbops.collect")
def collect(scope: Scope, **kwargs: Any) -> int:
    """Store one reading a database, tell of changes; how many answered.

    What is applied and was never compared is compared now, and read again.
    """
    now = timezone.now()
    answered = collector.collect(now=now)
    if watch.compare_due(now=now):
        now = timezone.now()
        collector.collect(now=now)
    watch.tell(now=now)
    return answered


@platform_task(name="dbops.drift")
def drift(scope: Scope, **kwargs: Any) -> int:
    """Compare every database that can be, and read it again; how many findings are open."""
    found = watch.compare_all(now=timezone.now())
    collector.collect(now=timezone.now())
    return found


def look_soon() -> bool:
    """Ask a worker to look now; False while the broker is away: beat looks each minute."""
    try:
        collect.enqueue_platform()
    except BrokerAway:
        log.warning("the broker is away; the next look comes with beat")
        return False
    return True


@platform_task(name="dbops.orphans")
def orphans(scope: Scope, **kwargs: Any) -> int:
    """Count rows that lead nowhere where the last count is a day old; how many there are."""
    return counting.count_due(now=timezone.now())


def look_at_start(**kwargs: Any) -> None:
    """A worker is there: the first look and the first count need not wait for beat."""
    collect.enqueue_platform()
    orphans.enqueue_platform()


worker_ready.connect(look_at_start)
