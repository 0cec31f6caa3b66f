"""The diary of a record: what is to be done by when. Reads of `activities` on oi_global."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from openinsure.orgs.models import Activity, User
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, reading

ROWS_MAX = 200
DIARY = "diary"


@dataclass(frozen=True, slots=True)
class DiaryRow:
    """One duty. by: id of the user who has it, replaced by the name on the page."""

    id: str
    due: datetime | None
    subject: str
    by: str | None
    done: datetime | None
    entered: datetime


def list_diary(scope: Scope, table: str, entity_id: str) -> Reading[DiaryRow]:
    """Duties of one record, the newest first. One query."""
    rows = Activity.objects.within(scope).filter(entity_table=table, entity_id=entity_id)
    found = rows.filter(activity_type=DIARY).order_by("-occurred_at", "-id")
    columns = ("id", "due_at", "subject", "user_id", "done_at", "occurred_at")
    return reading(found.values_list(*columns)[:ROWS_MAX], DiaryRow)


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """One call, diary date or caller check of a record. by: id of the user."""

    id: str
    kind: str
    at: datetime
    subject: str
    outcome: str
    due: datetime | None
    by: str | None


def list_activities(scope: Scope, table: str, entity_id: str) -> Reading[ActivityRow]:
    """What people noted on one record, the newest first. One query."""
    rows = Activity.objects.within(scope).filter(entity_table=table, entity_id=entity_id)
    columns = ("id", "activity_type", "occurred_at", "subject", "body", "due_at", "user_id")
    found = rows.order_by("-occurred_at", "-id").values_list(*columns)[:ROWS_MAX]
    return reading(
        found,
        lambda key, kind, at, subject, body, due, by: ActivityRow(
            key, kind, at, subject or "", body or "", due, by
        ),
    )


def user_names(scope: Scope, user_ids: Iterable[str]) -> dict[str, str]:
    """User id -> full name; unknown and foreign ids are absent. One statement."""
    wanted = sorted(set(user_ids))
    if not wanted:
        return {}
    rows = User.objects.within(scope).filter(id__in=wanted)
    return dict(rows.values_list("id", "full_name"))
