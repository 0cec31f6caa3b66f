"""What the benchmarks of pages share: the demo's people, its objects, and what a request cost."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import django
from django.conf import settings
from django.db import connections
from django.test.utils import CaptureQueriesContext, setup_test_environment

OWN = "default"  # the console's own tables: roll-ups, sessions, tokens


def ready() -> None:
    """Before any model is imported: the settings of the stack that runs (`make run`)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openinsure.settings")
    django.setup()
    logging.getLogger("openinsure.access").setLevel(logging.WARNING)
    setup_test_environment()
    settings.ALLOWED_HOSTS, settings.RATE_SCALE = ["*"], 1_000


@dataclass(slots=True)
class Cost:
    """What one request cost. reads: rows that storage read; by: statements by database."""

    wall_ms: float = 0.0
    cpu_ms: float = 0.0
    reads: int = 0
    by: dict[str, int] = field(default_factory=dict)
    slowest: str = ""

    @property
    def statements(self) -> int:
        """Of the tenants' databases."""
        return sum(n for alias, n in self.by.items() if not alias.startswith(OWN))


@contextmanager
def costing() -> Iterator[Cost]:
    """Measure what happens inside on this thread's connections."""
    cost = Cost()
    held = [one for one in connections.all(initialized_only=True) if one.connection]
    before = {one.alias: _reads(one) for one in held}
    for one in connections.all():
        one.queries_log.clear()  # a full log keeps its length, and nothing would count
    with ExitStack() as stack:
        caught = {
            one.alias: stack.enter_context(CaptureQueriesContext(one)) for one in connections.all()
        }
        wall, cpu = time.perf_counter(), time.thread_time()
        yield cost
        cost.cpu_ms = (time.thread_time() - cpu) * 1000
        cost.wall_ms = (time.perf_counter() - wall) * 1000
    cost.by = {alias: len(queries) for alias, queries in caught.items() if len(queries)}
    cost.reads = sum(_reads(one) - before[one.alias] for one in held if cost.by.get(one.alias))
    said = [query for queries in caught.values() for query in queries.captured_queries]
    worst: Any = max(said, key=lambda query: float(query["time"]), default=None)
    cost.slowest = f"{worst['time']} s {worst['sql']}" if worst else ""


def _reads(connection: Any) -> int:
    """Handler_read_* of the session, without guard or log: SHOW STATUS is not for pages."""
    cursor = connection.connection.cursor()
    # A page's own limit on statements is not for this count: a busy machine would end it.
    cursor.execute(
        "SET STATEMENT max_statement_time=0 FOR SHOW SESSION STATUS LIKE 'Handler_read%'"
    )
    total = sum(int(value) for _, value in cursor.fetchall())
    cursor.close()
    return total


def busy() -> bool:
    """True while others use the machine: wall times say nothing then, CPU times do."""
    return os.getloadavg()[0] > (os.cpu_count() or 1) + 1  # one of it is this benchmark


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
