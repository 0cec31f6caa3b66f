"""Tasks keep their tenant: signed, checked where they start, refused otherwise."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from celery.exceptions import Reject
from redis import Redis
from redis.exceptions import RedisError

from openinsure.settings import celery as settings
from openinsure.tenancy import jobs
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import (
    GrantScope,
    OrgScope,
    Scope,
    SystemScope,
    TenantLeak,
    active_scope,
    entered,
)
from tests.tenancy.world import OURS, THEIRS

ran: list[tuple[Scope, Scope | None, dict[str, Any]]] = []
arrived = threading.Event()


def work(scope: Scope, **kwargs: Any) -> None:
    ran.append((scope, active_scope(), kwargs))
    arrived.set()


@pytest.fixture
def app() -> Iterator[Celery]:
    """A Celery application of its own on the real broker's settings, queue names apart."""
    made = Celery("tenancy-tests", set_as_current=False, task_cls=jobs.TenantTask)
    made.config_from_object(settings)
    made.conf.task_default_queue = "tenancy-tests"
    ran.clear()
    arrived.clear()
    yield made
    made.close()


@pytest.fixture
def task(app: Celery) -> Any:
    return app.task(base=jobs.TenantTask, name="tests.work", typing=False)(work)


def call(task: Any, header: Any, kwargs: dict[str, Any], args: tuple[Any, ...] = ()) -> Any:
    """Run it as a worker would, with this header on the message."""
    headers = {} if header is None else {jobs.HEADER: header}
    task.push_request(args=args, kwargs=kwargs, headers=headers, called_directly=False)
    try:
        return task(*args, **kwargs)
    finally:
        task.pop_request()


def test_it_runs_inside_the_signed_organisation(task: Any) -> None:
    scope = OrgScope(OURS, "user-7", "request-1")
    call(task, jobs.signed_header(scope, "tests.work", {"n": 1}), {"n": 1})
    expected = SystemScope(OURS, "user-7", "request-1")
    assert ran == [(expected, expected, {"n": 1})]
    assert active_scope() is None


def forged() -> dict[str, Any]:
    ours = OrgScope(OURS, "user-7")
    good = jobs.signed_header(ours, "tests.work", {"n": 1})
    return {
        "missing": None,
        "empty": "",
        "no text": {"org": OURS},
        "bare organisation": OURS,
        "cut": good[:-1],
        "other payload": jobs.signed_header(OrgScope(THEIRS, "u"), "x", {}).split(":")[0]
        + good[good.index(":") :],
        "other task": jobs.signed_header(ours, "tests.other", {"n": 1}),
        "other arguments": jobs.signed_header(ours, "tests.work", {"n": 2}),
    }


@pytest.mark.parametrize("name", forged())
def test_it_rejects_a_task_without_a_valid_header(name: str, task: Any) -> None:
    with pytest.raises(Reject) as refused:
        call(task, forged()[name], {"n": 1})
    assert refused.value.requeue is False
    assert ran == []


def test_it_rejects_a_header_that_waited_too_long(
    task: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = jobs.signed_header(OrgScope(OURS, "u"), "tests.work", {})
    monkeypatch.setattr(jobs, "HEADER_LIFE", timedelta(seconds=-1))
    with pytest.raises(Reject):
        call(task, header, {})


def test_it_rejects_positional_arguments(task: Any) -> None:
    header = jobs.signed_header(OrgScope(OURS, "u"), "tests.work", {})
    with pytest.raises(Reject):
        call(task, header, {}, args=(THEIRS,))


def test_it_rejects_a_direct_call(task: Any) -> None:
    with pytest.raises(Reject):
        task(n=1)


def test_it_enqueues_only_for_the_scope_entered(task: Any) -> None:
    ours, theirs = OrgScope(OURS, "u"), OrgScope(THEIRS, "u")
    with pytest.raises(TenantLeak):
        task.enqueue(ours)
    with entered(ours), pytest.raises(TenantLeak):
        task.enqueue(theirs)
    with entered(GrantScope(OURS, "u")) as visitor, pytest.raises(TenantLeak):
        task.enqueue(visitor)
    for publish in (task.delay, task.apply_async):
        with entered(ours), pytest.raises(TenantLeak):
            publish()


def broker_or_skip() -> None:
    try:
        Redis.from_url(settings.broker_url, socket_connect_timeout=1).ping()
    except RedisError:
        pytest.skip("no Redis: start it with `python3 -m engines up`")


@pytest.fixture
def sweep(app: Celery) -> Any:
    return app.task(base=jobs.PlatformTask, name="tests.sweep", typing=False)(work)


@pytest.fixture
def worker(app: Celery, task: Any, sweep: Any) -> Iterator[None]:
    broker_or_skip()
    with start_worker(app, perform_ping_check=False, loglevel="ERROR", shutdown_timeout=20):
        yield


def test_it_carries_the_tenant_through_the_broker(worker: None, app: Celery, task: Any) -> None:
    with entered(OrgScope(OURS, "user-7", "request-1")) as scope:
        app.send_task("tests.work", kwargs={"n": 2})  # unsigned: by name, past the task class
        task.enqueue(scope, n=1)
    assert arrived.wait(20)
    assert [(inside.org_id, kwargs) for _, inside, kwargs in ran if inside] == [(OURS, {"n": 1})]


def test_it_runs_platform_work_as_the_platform(worker: None, sweep: Any) -> None:
    sweep.enqueue_platform(day="2026-11-21")
    assert arrived.wait(20)
    assert ran[0][1] == SystemScope(PLATFORM_ORG_ID, "service:system")
    assert ran[0][2] == {"day": "2026-11-21"}
