"""The inbox: messages taken in, what of them is filed to what, their attachments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from openinsure.console.filters import Days, Filter, OneOf, Option
from openinsure.console.lists import Ask, View
from openinsure.problems import NotFound
from openinsure.submissions.models import InboundAttachment, InboundMessage, Submission
from openinsure.tenancy.listing import (
    Condition,
    Count,
    ListSpec,
    Page,
    Sort,
    Span,
    count_rows,
    list_page,
    rows_by_key,
)
from openinsure.tenancy.scope import Scope

Where = Mapping[str, Condition]
STATUSES = (
    Option("new", "New"),
    Option("filed", "Filed"),
    Option("dismissed", "Dismissed"),
    Option("quarantined", "Quarantined"),
    Option("set_aside", "Set aside"),
)
FILTERS: tuple[Filter, ...] = (
    OneOf("status", "Status", STATUSES, many=True),
    Days("received", "Received"),
)
VIEWS = (View("all", "All"), View("to_file", "To file", sort="-received_at"))


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message. sender is not masked here; pages mask it."""

    id: str
    status: str
    subject: str | None
    sender: str
    received_at: datetime
    kind: str | None
    submission_id: str | None
    claim_id: str | None
    error: str | None
    mailbox: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """One stored file of a message."""

    id: str
    name: str
    content_type: str
    size_bytes: int
    sha256: str


MESSAGES = ListSpec(
    model=InboundMessage,
    row=MessageRow,
    columns={
        "sender": "from_address",
        "kind": "classified_as",
        "error": "error_text",
        "updated": "updated_at",
    },
    sorts={
        "received_at": Sort(
            "received_at",
            "inbound_messages_org_received_id",
            within={"status": "inbound_messages_org_status_received_id"},
        ),
    },
)


def where_of(asked: Ask) -> Where:
    """Column -> condition; own filters override the view's."""
    where: dict[str, Condition] = {"status": ("new",)} if asked.view == "to_file" else {}
    if asked.many("status"):
        where["status"] = asked.many("status")
    span = Span(asked.day("received_from"), asked.day("received_to"))
    return where | ({"received_at": span} if span != Span() else {})


def list_messages(scope: Scope, where: Where, asked: Ask) -> Page[MessageRow]:
    """At most `asked.size` messages. One statement."""
    return list_page(
        scope, MESSAGES, where=where, sort=asked.sort, descending=asked.descending, at=asked.at,
        size=asked.size,
    )  # fmt: skip


def count_messages(scope: Scope, where: Where, asked: Ask) -> Count:
    """How many match, counted to 1,000. One statement."""
    return count_rows(scope, MESSAGES, where=where, sort=asked.sort)


def get_message(scope: Scope, message_id: str) -> MessageRow:
    """One message. Raises NotFound, for another organisation's id too."""
    found = rows_by_key(scope, MESSAGES, [message_id]).get(message_id)
    if found is None:
        raise NotFound("message")
    return found


def list_attachments(scope: Scope, message_id: str) -> list[AttachmentRow]:
    """The files of a message by name. One statement."""
    rows = InboundAttachment.objects.within(scope).filter(message_id=message_id)
    columns = ("id", "file_name", "content_type", "size_bytes", "sha256")
    return [AttachmentRow(*row) for row in rows.order_by("file_name", "id").values_list(*columns)]


def numbers_of(scope: Scope, ids: Iterable[str | None]) -> dict[str, str]:
    """Submission id -> number; at most one statement."""
    wanted = sorted({key for key in ids if key})
    if not wanted:
        return {}
    rows = Submission.objects.within(scope).filter(id__in=wanted)
    return dict(rows.values_list("id", "submission_number"))


def id_of(scope: Scope, number: str) -> str | None:
    """The id of a submission, None for an unknown number. One statement."""
    rows = Submission.objects.within(scope).filter(submission_number=number)
    found: str | None = rows.values_list("id", flat=True).first()
    return found
