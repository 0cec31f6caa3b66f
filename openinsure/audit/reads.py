"""The access log has no hashes of its own: an hourly chained row counts and digests it.

Each `crossorg.reads` row covers [from, to), where `from` is the `to` of the row before, so no
moment is left out; a stretch without reads is covered by the next row that has some.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from openinsure.audit import record
from openinsure.audit.chain import compact, instant
from openinsure.audit.models import AuditAccessLog, AuditLog
from openinsure.audit.record import AuditEvent
from openinsure.tenancy.scope import SystemScope, entered

ACTION = "crossorg.reads"
PAGE_ROWS = 2_000
SETTLED = timedelta(minutes=5)  # a read must have ended before its row count is digested
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # before every row
COLUMNS = (
    "id",
    "org_id",
    "actor_user_id",
    "actor_home_org_id",
    "actor_role",
    "route",
    "entity_table",
    "entity_id",
    "filter_json",
    "rows_returned",
    "reason",
    "ticket_ref",
    "request_id",
    "ip",
    "occurred_at",
)


@dataclass(frozen=True, slots=True)
class Digest:
    """Count and SHA-256 of the access rows of a stretch of time."""

    count: int
    sha256: str


def record_reads(scope: SystemScope, *, at: datetime) -> str | None:
    """Chain the digest of all full hours not yet covered; the row's id, None without reads.

    Raises Unavailable (audit_unavailable). Running it twice writes nothing twice.
    """
    since = _covered_to(scope)
    until = (at - SETTLED).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if until <= since:
        return None
    digest = digest_of(scope, since=since, until=until)
    if digest.count == 0:
        return None
    return record.append(
        AuditEvent(
            org_id=scope.org_id,
            action=ACTION,
            actor_user_id=None,
            actor_role="system",
            request_id=scope.request_id,
            occurred_at=at,
            entity_keyspace="oi_global",
            entity_table="audit_access_log",
            after={
                "from": instant(since),
                "to": instant(until),
                "count": digest.count,
                "sha256": digest.sha256,
            },
        )
    )


def changed_reads(scope: SystemScope) -> list[int]:
    """Seq of every `crossorg.reads` row that the access log no longer agrees with."""
    wrong: list[int] = []
    for seq, told in _covering(scope):
        stretch = (datetime.fromisoformat(told[name]) for name in ("from", "to"))
        since, until = stretch
        found = digest_of(scope, since=since, until=until)
        if (found.count, found.sha256) != (told["count"], told["sha256"]):
            wrong.append(seq)
    return wrong


def digest_of(scope: SystemScope, *, since: datetime, until: datetime) -> Digest:
    """Digest of the access rows with since <= occurred_at < until, in order of time and id."""
    sha256, count = hashlib.sha256(), 0
    for row in _rows(scope, since, until):
        row["occurred_at"] = instant(row["occurred_at"])
        sha256.update(compact(row) + b"\n")
        count += 1
    return Digest(count, sha256.hexdigest())


def _rows(scope: SystemScope, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    after: tuple[datetime, str] = (since, "")
    while True:
        with entered(scope):
            rows = AuditAccessLog.objects.within(scope).filter(
                occurred_at__gte=after[0], occurred_at__lt=until
            )
            # The same millisecond may hold several rows: skip those already read by id.
            rows = rows.exclude(occurred_at=after[0], id__lte=after[1])
            page = list(rows.order_by("occurred_at", "id").values(*COLUMNS)[:PAGE_ROWS])
        yield from (dict(row) for row in page)
        if len(page) < PAGE_ROWS:
            return
        after = (page[-1]["occurred_at"], page[-1]["id"])


def _covered_to(scope: SystemScope) -> datetime:
    with entered(scope):
        rows = AuditLog.objects.within(scope).filter(action=ACTION)
        newest = rows.order_by("-occurred_at", "-id").values_list("after_json", flat=True).first()
    return datetime.fromisoformat(newest["to"]) if newest else BEGINNING


def _covering(scope: SystemScope) -> list[tuple[int, dict[str, Any]]]:
    with entered(scope):
        rows = AuditLog.objects.within(scope).filter(action=ACTION).order_by("occurred_at", "id")
        return list(rows.values_list("seq", "after_json"))
