"""Telling one person something in the console: rows of notifications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from openinsure.keyspaces.ids import new_id
from openinsure.orgs.models import Notification
from openinsure.tenancy.scope import Scope

TITLE_LENGTH_MAX, LINK_LENGTH_MAX = 255, 255  # characters, the columns'


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a person is told. kind: dotted words. link: a path of this site."""

    user_id: str
    kind: str
    title: str
    body: str = ""
    link: str = ""
    severity: str = "info"


def post_notice(scope: Scope, notice: Notice, *, now: datetime, key: str = "") -> str:
    """Store it, unread; its id. One statement on oi_global, two with a key.

    key: an id; told under it before, the person is not told again.
    """
    rows = Notification.objects.within(scope)
    if key and rows.filter(id=key).exists():
        return key
    row = rows.create(
        id=key or new_id(),
        user_id=notice.user_id,
        kind=notice.kind,
        title=notice.title[:TITLE_LENGTH_MAX],
        body=notice.body or None,
        link_path=notice.link[:LINK_LENGTH_MAX] or None,
        severity=notice.severity,
        created_at=now,
        updated_at=now,
    )
    return str(row.id)


def read_notices(scope: Scope, *, user_id: str, now: datetime) -> int:
    """Mark all of the person's notices as read; how many were not. One statement."""
    unread = Notification.objects.within(scope).filter(user_id=user_id, read_at=None)
    return unread.update(read_at=now, updated_at=now)
