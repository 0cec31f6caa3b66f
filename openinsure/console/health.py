"""/healthz, /readyz, /version: the process, what it cannot do without, and which build it is.

/readyz asks only the console's own schema and its cache. The six databases are never asked here:
one of them being away must not take the console out of rotation.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as DeadlinePassed
from dataclasses import asdict
from time import monotonic

import redis
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from openinsure.authz.decorators import allow_anyone
from openinsure.console.build import build

log = logging.getLogger(__name__)

DEADLINE_S = 1.0  # all checks together; a load balancer asks every few seconds
RETRY_AFTER_S = 5


@require_safe
@allow_anyone
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers. No I/O."""
    return JsonResponse({"status": "ok"})


@require_safe
@allow_anyone
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when database and cache answer within DEADLINE_S together, else 503 naming which."""
    checks = ready()
    away = [name for name, state in checks.items() if state != "ok"]
    response = JsonResponse(
        {"status": "unavailable" if away else "ok", "checks": checks}, status=503 if away else 200
    )
    if away:
        response["Retry-After"] = str(RETRY_AFTER_S)
    return response


@require_safe
@allow_anyone
def version_view(request: HttpRequest) -> HttpResponse:
    """The build as JSON."""
    return JsonResponse(asdict(build()))


# One thread a dependency: it keeps its own connection, and a hung one holds up no request.
_threads = {
    name: ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"ready-{name}")
    for name in ("database", "cache")
}
_running: dict[str, Future[bool]] = {}


def ready() -> dict[str, str]:
    """`ok`, `away` (refused) or `silent` (no answer in time) for database and cache."""
    ends_at = monotonic() + DEADLINE_S
    checks = {"database": _database_answers, "cache": _cache_answers}
    started = {name: _start(name, check) for name, check in checks.items()}
    return {name: _outcome(name, future, ends_at) for name, future in started.items()}


def _start(name: str, check: Callable[[], bool]) -> Future[bool]:
    """A check still hanging is waited for again instead of queueing another behind it."""
    running = _running.get(name)
    if running is None or running.done():
        running = _running[name] = _threads[name].submit(check)
    return running


def _outcome(name: str, future: Future[bool], ends_at: float) -> str:
    try:
        return "ok" if future.result(timeout=max(0.0, ends_at - monotonic())) else "away"
    except DeadlinePassed:
        return "silent"
    except Exception as error:  # whatever a driver raises, the answer is the same
        log.warning("not ready", extra={"dependency": name, "error": type(error).__name__})
        return "away"


def _database_answers() -> bool:
    connection.ensure_connection()
    if not connection.is_usable():  # the server was restarted: a dead one never revives
        connection.close()
        connection.ensure_connection()
    return connection.is_usable()


def _cache_answers() -> bool:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=DEADLINE_S, socket_connect_timeout=DEADLINE_S
    )
    try:
        return bool(client.ping())
    finally:
        client.close()
