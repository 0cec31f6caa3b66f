"""Inbound mail: taken in once, filed to a submission or a claim by its number or by a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from openinsure.console.acting import Actor, Trail, audit_event
from openinsure.keyspaces.ids import fixed_id
from openinsure.problems import Conflict, NotFound
from openinsure.submissions.models import InboundAttachment, InboundMessage
from openinsure.tenancy.scope import Scope

KEYSPACE = "oi_submissions"
NEW, FILED, DISMISSED = "new", "filed", "dismissed"
QUARANTINED, SET_ASIDE = "quarantined", "set_aside"


@dataclass(frozen=True, slots=True)
class File:
    """One stored attachment."""

    name: str
    content_type: str
    size_bytes: int
    sha256: str
    storage_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message as it is stored. At most one of submission_id and claim_id is set."""

    mailbox: str
    message_id: str
    sender: str
    subject: str
    received_at: datetime
    status: str
    kind: str
    submission_id: str | None = None
    claim_id: str | None = None
    error: str = ""


def take_in(scope: Scope, mail: Mail, files: Sequence[File], *, now: datetime) -> bool:
    """Store the message with its attachments; False if it was taken in before."""
    key = fixed_id(scope.org_id, "mail", mail.message_id)
    with transaction.atomic(using=KEYSPACE):
        _, fresh = InboundMessage.objects.within(scope).get_or_create(
            message_id=mail.message_id,
            defaults={
                "id": key,
                "mailbox": mail.mailbox,
                "from_address": mail.sender,
                "subject": mail.subject or None,
                "received_at": mail.received_at,
                "status": mail.status,
                "classified_as": mail.kind,
                "submission_id": mail.submission_id,
                "claim_id": mail.claim_id,
                "error_text": mail.error or None,
                "created_at": now,
                "updated_at": now,
            },
        )
        if not fresh:
            return False
        InboundAttachment.objects.within(scope).bulk_create(
            InboundAttachment(
                org_id=scope.org_id,
                id=fixed_id(key, number, file.sha256),
                message_id=key,
                file_name=file.name,
                content_type=file.content_type[:128],
                size_bytes=file.size_bytes,
                sha256=file.sha256,
                storage_key=file.storage_key,
                extraction_status="pending",
                created_at=now,
                updated_at=now,
            )
            for number, file in enumerate(files)
        )
    return True


def file_message(
    scope: Scope,
    message_id: str,
    *,
    submission_id: str | None,
    claim_id: str | None,
    to: str,
    actor: Actor,
    now: datetime,
) -> None:
    """File it to an object (`to`: its number), or dismiss it with neither. Repeats do nothing.

    Raises NotFound; Conflict if it is filed elsewhere.
    """
    trail = Trail()
    wanted = FILED if submission_id or claim_id else DISMISSED
    try:
        with transaction.atomic(using=KEYSPACE):
            rows = InboundMessage.objects.within(scope).select_for_update()
            row = rows.filter(id=message_id).first()
            if row is None:
                raise NotFound("message")
            if (row.status, row.submission_id, row.claim_id) == (wanted, submission_id, claim_id):
                return
            if row.status == FILED:
                raise Conflict("This message is filed already. Look at it again.")
            event = audit_event(
                scope, actor, "mail.filed" if wanted == FILED else "mail.dismissed",
                keyspace=KEYSPACE, table="inbound_messages", entity_id=row.id, object=to, now=now,
                before={"status": row.status}, after={"status": wanted, "to": to},
            )  # fmt: skip
            trail.intend(event)
            row.status, row.updated_at = wanted, now
            row.submission_id, row.claim_id = submission_id, claim_id
            row.classified_as = _kind(submission_id, claim_id) or row.classified_as
            row.save()
    except BaseException:
        trail.fail()
        raise
    trail.finish()


def _kind(submission_id: str | None, claim_id: str | None) -> str:
    return "submission" if submission_id else "claim" if claim_id else ""
