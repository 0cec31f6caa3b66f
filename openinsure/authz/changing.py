"""Relationships changed together with a row: grants after it, revocations before it.

A row of oi_global shares its transaction with the outbox. A grant waits there until the tuple is
written; a revocation reaches SpiceDB before the row says so, and is refused while SpiceDB is away,
because then nobody gets in anyway and the row would claim what is not true.

A row of another keyspace cannot share it: its relationships are held, released once the row is
committed, and sent at once where SpiceDB answers. Whoever acts on such an object is checked against
the row as well, so what is sent late grants nothing meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import timezone

from openinsure.authz import freshness, outbox
from openinsure.authz.client import client
from openinsure.authz.decorators import no_answer_is_503
from openinsure.authz.port import AuthorizationAway
from openinsure.authz.relationships import Change, Tuple, delete, touch, write
from openinsure.tenancy.scope import Scope

log = logging.getLogger(__name__)
Relate = Callable[[Sequence[Change]], None]


def grant(scope: Scope, tuples: Collection[Tuple], *, now: datetime) -> None:
    """Put the relationships into the outbox."""
    outbox.put(scope, touch(*tuples), now=now)


def revoke(scope: Scope, tuples: Collection[Tuple], *, now: datetime) -> None:
    """Take them away at once, and leave the outbox rows that say so.

    Raises Unavailable while SpiceDB does not answer.
    """
    outbox.supersede(scope, tuples, now=now)
    changes = delete(*tuples)
    tell_first(scope, changes)
    outbox.put(scope, changes, now=now)  # delivered again: a DELETE of nothing changes nothing


def tell_first(scope: Scope, changes: Sequence[Change]) -> None:
    """Send what takes something away before any row says so. Nothing to do without SpiceDB.

    Raises Unavailable while it does not answer.
    """
    if settings.AUTHZ_BACKEND == "spicedb" and changes:
        with no_answer_is_503():
            freshness.keep_token(scope.org_id, _write(changes))


def _write(changes: Sequence[Change]) -> str:
    to = client()
    return write(to, changes, deadline_s=to.in_all_s)


@contextmanager
def alongside(scope: Scope) -> Iterator[Relate]:
    """Round the transaction of another keyspace: call what is yielded inside it, with the row
    locked, with the changes that the row means.

    They are held until the block ends: then released and sent, or void if it raised. A process
    that dies in between leaves them held; the sweeper decides by the row.
    """
    held: list[str] = []
    objects: set[tuple[str, str]] = set()

    def relate(changes: Sequence[Change]) -> None:
        if not changes:
            return
        # The time under the lock: rows of one object go out in the order of its changes.
        held.extend(outbox.put(scope, changes, now=timezone.now(), held=True))
        objects.update((one.tuple.resource_type, one.tuple.resource_id) for one in changes)

    try:
        yield relate
    except BaseException:
        if held:
            _quietly(lambda: outbox.abandon(scope, held, now=timezone.now()))
        raise
    if held:
        _quietly(lambda: outbox.release(scope, held, now=timezone.now()))
        send_now(scope, objects)


def send_now(scope: Scope, objects: Collection[tuple[str, str]]) -> None:
    """After a commit: send what is pending of these objects (type, id); else the worker does."""
    if settings.AUTHZ_BACKEND == "spicedb":
        _quietly(lambda: outbox.deliver_of(scope, client(), objects, now=timezone.now()))


def _quietly(work: Callable[[], object]) -> None:
    """The row stands whatever happens here; worker and sweeper do what is left."""
    try:
        work()
    except (AuthorizationAway, DatabaseError) as error:
        log.warning("relationships wait for the worker", extra={"error": type(error).__name__})
