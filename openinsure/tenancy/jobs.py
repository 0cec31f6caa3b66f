"""Work in other processes keeps its tenant: a signed header, checked where the task starts.

Signal receivers cannot refuse a task (Celery swallows their exceptions), so the header is read
in `__call__` of the task class. It signs organisation, subject, task name and arguments, and
ends after a day: a message changed in the broker or redelivered days later is rejected.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

from celery import Task, shared_task
from celery.exceptions import Reject
from django.core import signing

from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import Scope, SystemScope, TenantLeak, active_scope, entered

log = logging.getLogger("openinsure.tenancy.jobs")

HEADER = "oi-tenant"
HEADER_LIFE = timedelta(hours=24)  # the longest a message may wait for a worker
_SALT = "openinsure.tenancy.jobs.v1"  # the signing key is derived from SECRET_KEY and this
_ENQUEUERS = ("own", "system")  # a visitor under a grant writes nothing, so starts nothing


def signed_header(scope: Scope, task: str, kwargs: dict[str, Any]) -> str:
    """The header that lets `task` run once more with these arguments for the scope's org."""
    said = {
        "org": scope.org_id,
        "subject": scope.subject,
        "request": scope.request_id,
        "call": _digest(task, kwargs),
    }
    return signing.dumps(said, salt=_SALT)


def scope_of_header(header: object, task: str, kwargs: dict[str, Any]) -> SystemScope:
    """The scope a header stands for. Raises TenantLeak: missing, forged, expired, other call."""
    if not isinstance(header, str):
        raise TenantLeak(f"{task}: no {HEADER} header")
    try:
        said = signing.loads(header, salt=_SALT, max_age=HEADER_LIFE)
    except signing.BadSignature as error:
        raise TenantLeak(f"{task}: {type(error).__name__} in the {HEADER} header") from None
    if said["call"] != _digest(task, kwargs):
        raise TenantLeak(f"{task}: signed for another task or other arguments")
    return SystemScope(said["org"], said["subject"], said["request"])


def _digest(task: str, kwargs: dict[str, Any]) -> str:
    text = json.dumps([task, kwargs], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class TenantTask(Task):  # type: ignore[misc]  # celery ships no types
    """A task of one organisation: `run(scope, **kwargs)` inside the entered SystemScope."""

    abstract = True

    def enqueue(self, scope: Scope, **kwargs: Any) -> str:
        """Publish for the scope's organisation; the id of the message. kwargs: JSON values.

        Raises TenantLeak unless the scope is the entered one, or a job fans out under its own.
        """
        active = active_scope()
        if active is None or active.mode not in _ENQUEUERS:
            raise TenantLeak(f"{self.name}: only a person's own scope or a job starts tasks")
        if scope != active and active.mode != "system":
            raise TenantLeak(f"{self.name}: not the scope entered")
        headers = {HEADER: signed_header(scope, self.name, kwargs)}
        return str(self.apply_async(kwargs=kwargs, headers=headers).id)

    def apply_async(self, args: Any = None, kwargs: Any = None, *rest: Any, **options: Any) -> Any:
        """As Celery's, for a signed call (enqueue, or Celery's own retry of one)."""
        if args or HEADER not in (options.get("headers") or {}):
            raise TenantLeak(f"{self.name}: use enqueue(scope, **kwargs)")
        return super().apply_async(None, kwargs, *rest, **options)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run for the organisation of the header. Rejects the message without a valid one."""
        header = (self.request.headers or {}).get(HEADER)
        try:
            if args:
                raise TenantLeak(f"{self.name}: positional arguments are not signed")
            scope = scope_of_header(header, self.name, kwargs)
        except TenantLeak as leak:
            log.error("task rejected: %s", leak)
            raise Reject(str(leak), requeue=False) from leak
        with entered(scope):
            return self.run(scope, **kwargs)


class PlatformTask(TenantTask):
    """A task of no organisation: it runs as a job of the platform's own, and may fan out.

    Beat and operators start it with `enqueue_platform`; each organisation is entered by the
    tasks it enqueues, one at a time.
    """

    abstract = True
    subject: ClassVar[str] = "service:system"

    def apply_async(self, args: Any = None, kwargs: Any = None, *rest: Any, **options: Any) -> Any:
        """As Celery's; beat calls this, so it signs for the platform's organisation itself."""
        headers = dict(options.pop("headers", None) or {})
        platform = SystemScope(PLATFORM_ORG_ID, self.subject)
        headers.setdefault(HEADER, signed_header(platform, self.name, kwargs or {}))
        return super().apply_async(args, kwargs, *rest, headers=headers, **options)

    def enqueue_platform(self, **kwargs: Any) -> str:
        """Publish it; the id of the message. kwargs: JSON values."""
        return str(self.apply_async(kwargs=kwargs).id)


def org_task(*, name: str, queue: str = "default", **options: Any) -> Callable[..., TenantTask]:
    """Decorate `def work(scope, *, ..., **kwargs)` as a task of one organisation."""
    declared: Callable[..., TenantTask] = _declared(TenantTask, name, queue, options)
    return declared


def platform_task(
    *, name: str, queue: str = "default", **options: Any
) -> Callable[..., PlatformTask]:
    """Decorate `def work(scope, *, ..., **kwargs)` as a task of the platform's organisation."""
    declared: Callable[..., PlatformTask] = _declared(PlatformTask, name, queue, options)
    return declared


def _declared(base: type[Task], name: str, queue: str, options: dict[str, Any]) -> Any:
    # typing=False: Celery would compare the call with run(scope, ...) before the header is read.
    return shared_task(base=base, name=name, queue=queue, typing=False, **options)
