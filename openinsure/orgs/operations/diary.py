"""A duty in the diary of a record: its row and its audit row in one transaction on oi_global."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from openinsure.audit.record import append
from openinsure.console.acting import Actor, audit_event
from openinsure.console.forms import Once
from openinsure.orgs.diary import DIARY
from openinsure.orgs.models import Activity
from openinsure.problems import BadForm
from openinsure.tenancy.scope import Scope

SUBJECT_LENGTH_MAX = 255
LAST_DUE = datetime(2038, 1, 1, tzinfo=UTC)  # the column is a timestamp, which ends that month


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What is to be done for which record, and by when."""

    table: str
    entity_id: str
    object: str
    subject: str
    due_at: datetime


def add_duty(scope: Scope, duty: Duty, *, once: Once, actor: Actor, now: datetime) -> bool:
    """Add the duty to the person's diary; False if this form did it before.

    Raises BadForm for an empty or too long subject, or a time that is past.
    """
    subject, errors = duty.subject.strip(), {}
    if not subject or len(subject) > SUBJECT_LENGTH_MAX:
        errors["subject"] = f"must have 1 to {SUBJECT_LENGTH_MAX} characters"
    if duty.due_at <= now:
        errors["due"] = "must not be past"
    if duty.due_at >= LAST_DUE:
        errors["due"] = "must be before 2038"
    if errors:
        raise BadForm(errors)
    with transaction.atomic(using="oi_global"):
        rows = Activity.objects.within(scope)
        _, fresh = rows.get_or_create(
            id=once.id,
            defaults={
                "entity_table": duty.table,
                "entity_id": duty.entity_id,
                "activity_type": DIARY,
                "subject": subject,
                "user_id": actor.user_id,
                "due_at": duty.due_at,
                "occurred_at": now,
                "created_at": now,
                "updated_at": now,
            },
        )
        if fresh:
            append(
                audit_event(
                    scope,
                    actor,
                    "diary.added",
                    keyspace="oi_global",
                    table="activities",
                    entity_id=once.id,
                    object=duty.object,
                    now=now,
                    after={"due_at": duty.due_at, "for": duty.entity_id},
                )
            )
    return bool(fresh)
