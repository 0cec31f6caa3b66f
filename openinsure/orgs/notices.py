"""Reading a person's notifications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from openinsure.orgs.models import Notification
from openinsure.tenancy.scope import Scope

NEWEST_MAX = 50
COUNTED_MAX = 99  # the bell says "99+" beyond


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notification. link: a path of this site, "" for none."""

    id: str
    kind: str
    title: str
    body: str
    link: str
    severity: str
    created_at: datetime
    read_at: datetime | None


def newest_notices(
    scope: Scope, *, user_id: str, after: str = "", limit: int = NEWEST_MAX
) -> tuple[NoticeRow, ...]:
    """The person's newest notifications, older ones after an id. One statement on oi_global."""
    rows = Notification.objects.within(scope).filter(user_id=user_id)
    if after:
        rows = rows.filter(id__lt=after)
    return tuple(
        NoticeRow(
            id=row.id,
            kind=row.kind,
            title=row.title,
            body=row.body or "",
            link=row.link_path or "",
            severity=row.severity,
            created_at=row.created_at,
            read_at=row.read_at,
        )
        for row in rows.order_by("-id")[:limit]
    )


def count_unread(scope: Scope, *, user_id: str) -> int:
    """How many are unread, counted to 100. One statement on oi_global."""
    unread = Notification.objects.within(scope).filter(user_id=user_id, read_at=None)
    return len(unread.values_list("id", flat=True)[: COUNTED_MAX + 1])
