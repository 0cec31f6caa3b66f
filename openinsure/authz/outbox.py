"""The outbox of relationships (`authz_outbox`): written with the change, delivered, marked done.

held -> pending -> done, or void. A change in oi_global writes its rows pending in the same
transaction. A change in another keyspace writes them held, commits there, then releases them; what
stays held for a minute a sweeper settles by the business row. Delivery is TOUCH and DELETE, so a
worker that dies between sending and marking sends again and nothing differs. All rows of one object
that stand together go out in one call: `ready` never without the requester it excludes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction

from openinsure.authz import freshness
from openinsure.authz.asks import RECUSED
from openinsure.authz.client import WRITE_DEADLINE_S, Client
from openinsure.authz.models import AuthzOutbox
from openinsure.authz.port import AuthorizationAway
from openinsure.authz.relationships import DELETE, TOUCH, Change, Tuple, write
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope

HELD, PENDING, DONE, VOID = "held", "pending", "done", "void"
SETTLED_AFTER = timedelta(seconds=60)
KEPT = timedelta(days=30)  # of delivered rows: lists read recusals from this table
PURGED = 5_000  # rows of an organisation and night
AT_ONCE = 500  # rows of a delivery; the objects among them are sent one call each
TOKEN_LENGTH_MAX = 255  # the column's; a longer one is dropped, never cut

Ends = Callable[[Scope, Tuple], datetime | None]  # until when a relationship lasts, now


def put(
    scope: Scope, changes: Sequence[Change], *, now: datetime, held: bool = False
) -> tuple[str, ...]:
    """Insert the rows in the caller's transaction on oi_global; their ids. One statement."""
    rows = [
        AuthzOutbox(
            org_id=scope.org_id,
            id=new_id(),
            resource_type=change.tuple.resource_type,
            resource_id=change.tuple.resource_id,
            relation=change.tuple.relation,
            subject_type=change.tuple.subject_type,
            subject_id=change.tuple.subject_id,
            operation=change.operation,
            status=HELD if held else PENDING,
            created_at=now,
            updated_at=now,
        )
        for change in changes
    ]
    AuthzOutbox.objects.within(scope).bulk_create(rows)
    return tuple(row.id for row in rows)


def release(scope: Scope, ids: Collection[str], *, now: datetime) -> int:
    """After the business transaction: held rows may go out; how many."""
    rows = AuthzOutbox.objects.within(scope).filter(id__in=sorted(ids), status=HELD)
    return int(rows.update(status=PENDING, updated_at=now))


def abandon(scope: Scope, ids: Collection[str], *, now: datetime) -> int:
    """After a business transaction that failed: held rows never go out; how many."""
    rows = AuthzOutbox.objects.within(scope).filter(id__in=sorted(ids), status=HELD)
    return int(rows.update(status=VOID, updated_at=now))


def supersede(scope: Scope, tuples: Collection[Tuple], *, now: datetime) -> int:
    """Void what still waits for these relationships, before they are revoked; how many rows.

    In the caller's transaction: it waits for a delivery under way, so none can come after.
    """
    waiting = AuthzOutbox.objects.within(scope).filter(status=PENDING)
    wanted = {one.key for one in tuples}
    ids = [row.id for row in waiting.select_for_update() if _tuple(row) in wanted]
    return int(
        AuthzOutbox.objects.within(scope).filter(id__in=ids).update(status=VOID, updated_at=now)
    )


def deliver(scope: Scope, client: Client, *, ends: Ends, now: datetime) -> int:
    """Send what is pending of the organisation, oldest first; how many rows. Safe to repeat.

    Two workers of one organisation take turns: the rows stay locked until they are marked.
    Raises AuthorizationAway; the attempt is then counted on the rows.
    """
    try:
        with transaction.atomic(using="oi_global"):
            rows = list(
                AuthzOutbox.objects.within(scope)
                .filter(status=PENDING)
                .select_for_update()
                .order_by("created_at", "id")[:AT_ONCE]
            )
            rows = _whole(rows)
            for _, together in groupby(_by_object(rows), key=_object):
                _send(scope, client, list(together), ends=ends, now=now)
    except AuthorizationAway as away:
        _count_attempt(scope, str(away), now)
        raise
    return len(rows)


def deliver_of(
    scope: Scope, client: Client, objects: Collection[tuple[str, str]], *, now: datetime
) -> None:
    """Send at once what is pending of these objects (type, id) of relations without an end.

    Older rows of the same object go first, so nothing overtakes. Raises AuthorizationAway.
    """
    with transaction.atomic(using="oi_global"):
        for kind, key in sorted(objects):
            waiting = AuthzOutbox.objects.within(scope).filter(
                resource_type=kind, resource_id=key, status=PENDING
            )
            rows = list(waiting.select_for_update().order_by("created_at", "id")[:AT_ONCE])
            if rows:
                _send(scope, client, rows, ends=_no_end, now=now, deadline_s=client.in_all_s)


def settle(
    scope: Scope, stands: Callable[[Scope, Collection[Tuple]], set[Tuple]], *, now: datetime
) -> int:
    """Decide about rows held for a minute by what the business rows say; how many.

    stands: those of the relationships that the tables hold.
    """
    old = AuthzOutbox.objects.within(scope).filter(status=HELD, created_at__lt=now - SETTLED_AFTER)
    rows = list(old.order_by("created_at", "id")[:AT_ONCE])
    if not rows:
        return 0
    true = stands(scope, [_tuple(row) for row in rows])
    for row in rows:
        happened = (_tuple(row) in true) is (row.operation == TOUCH)
        AuthzOutbox.objects.within(scope).filter(id=row.id, status=HELD).update(
            status=PENDING if happened else VOID, updated_at=now
        )
    return len(rows)


def _whole(rows: list[AuthzOutbox]) -> list[AuthzOutbox]:
    """Without the last object when the limit may have cut it: it goes out whole next time."""
    if len(rows) < AT_ONCE:
        return rows
    whole = [row for row in rows if _object(row) != _object(rows[-1])]
    return whole or rows


def _no_end(scope: Scope, one: Tuple) -> datetime | None:
    return None


def deleted_since(scope: Scope, at: datetime) -> dict[Tuple, datetime]:
    """When each relationship was last put to be taken away, since then. One statement."""
    rows = AuthzOutbox.objects.within(scope).filter(
        operation=DELETE, created_at__gte=at, status__in=(PENDING, DONE)
    )
    return {_tuple(row): row.created_at for row in rows.order_by("created_at", "id")}


def purge(scope: Scope, *, now: datetime) -> int:
    """Delete what was delivered or void for KEPT; how many rows. Recusals stay: they are the
    record of themselves.
    """
    old = AuthzOutbox.objects.within(scope).filter(
        status__in=(DONE, VOID), updated_at__lt=now - KEPT
    )
    ids = list(old.exclude(relation=RECUSED).order_by("id").values_list("id", flat=True)[:PURGED])
    AuthzOutbox.objects.within(scope).filter(id__in=ids).delete()
    return len(ids)


def _send(
    scope: Scope,
    client: Client,
    rows: list[AuthzOutbox],
    *,
    ends: Ends,
    now: datetime,
    deadline_s: float = WRITE_DEADLINE_S,
) -> None:
    changes = [change for row in rows if (change := _change(scope, row, ends))]
    token = write(client, changes, deadline_s=deadline_s)
    if token:
        freshness.keep_token(scope.org_id, token)
    AuthzOutbox.objects.within(scope).filter(id__in=[row.id for row in rows]).update(
        status=DONE,
        zed_token=token if len(token) <= TOKEN_LENGTH_MAX else None,
        sent_at=now,
        last_error=None,
        updated_at=now,
    )


def _change(scope: Scope, row: AuthzOutbox, ends: Ends) -> Change | None:
    """None for a role that expires and has no end any more: it was revoked meanwhile."""
    one = _tuple(row)
    if row.operation != TOUCH:
        return Change(row.operation, one)
    until = ends(scope, one)
    if one.expires and until is None:
        return None
    ended = Tuple(*_fields(one), until if one.expires else None)
    return Change(TOUCH, ended)


def _count_attempt(scope: Scope, error: str, now: datetime) -> None:
    from django.db.models import F

    waiting = AuthzOutbox.objects.within(scope).filter(status=PENDING)
    waiting.update(attempts=F("attempts") + 1, last_error=error[:255], updated_at=now)


def _by_object(rows: list[AuthzOutbox]) -> list[AuthzOutbox]:
    return sorted(rows, key=lambda row: (_object(row), row.created_at, row.id))


def _object(row: AuthzOutbox) -> tuple[str, str]:
    return row.resource_type, row.resource_id


def _tuple(row: AuthzOutbox) -> Tuple:
    return Tuple(row.resource_type, row.resource_id, row.relation, row.subject_type, row.subject_id)


def _fields(one: Tuple) -> tuple[str, str, str, str, str]:
    return one.resource_type, one.resource_id, one.relation, one.subject_type, one.subject_id
