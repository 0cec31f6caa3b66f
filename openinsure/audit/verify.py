"""Does a stored chain hold? Reads it in pages by seq and compares it with exported anchors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openinsure.audit.chain import HASHED, Fault, KeyRing, Link, Walk
from openinsure.audit.models import AuditLog
from openinsure.tenancy.scope import Scope, entered

PAGE_ROWS = 2_000  # a page of rows with their JSON is about 2 MB
READ = (*HASHED, "row_hash")


@dataclass(frozen=True, slots=True)
class Report:
    """What one verification found. rows: rows checked. head: the last good row."""

    org_id: str
    rows: int
    head: Link
    head_at: datetime | None
    fault: Fault | None


def verify_chain(
    scope: Scope,
    *,
    ring: KeyRing,
    anchors: Mapping[int, str] | None = None,
    start: Link | None = None,
) -> Report:
    """Check the organisation's rows after `start` (all without it); stops at the first fault."""
    walk, head_at = Walk(ring, start=start, anchors=anchors), None
    for rows in pages(scope, after_seq=walk.at.seq):
        walk.feed(rows)
        if walk.fault is not None:
            break
        head_at = rows[-1]["occurred_at"]
    fault = walk.finish()
    return Report(scope.org_id, walk.rows, walk.at, head_at, fault)


def pages(scope: Scope, *, after_seq: int) -> Iterator[list[dict[str, Any]]]:
    """Rows of the chain in order of seq, at most PAGE_ROWS at a time, none held over a yield."""
    while True:
        with entered(scope):
            rows = AuditLog.objects.within(scope).filter(seq__gt=after_seq).order_by("seq", "id")
            found = list(rows.values(*READ)[:PAGE_ROWS])
        if not found:
            return
        yield found
        if len(found) < PAGE_ROWS:
            return
        after_seq = found[-1]["seq"]
