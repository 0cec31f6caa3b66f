"""Reads for the page of one submission: applicant, referrals, requests, papers, notes, events."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from openinsure.console.row_reading import ROWS_MAX, reading_of, rows_of
from openinsure.console.words import sentence
from openinsure.problems import NotFound
from openinsure.submissions.detail_rows import (
    AnswerRow,
    DocumentRow,
    Duplicate,
    EventLine,
    InfoRequestRow,
    NoteRow,
    ReferralRow,
    SubmissionFile,
)
from openinsure.submissions.models import (
    Submission,
    SubmissionDocument,
    SubmissionEvent,
    SubmissionInfoRequest,
    SubmissionNote,
    SubmissionReferral,
    SubmissionRiskAnswer,
)
from openinsure.submissions.states import OPEN
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, nothing, reading

MASK = "••••"
# Contact and protected data (domain.md 1, rule 4), by the name of the question.
PERSONAL = re.compile(
    r"(^|_)(email|phone|mobile|fax|address|street|ssn|tin|fein|dob|birth|license)"
)
FILE_COLUMNS = {
    "number": "submission_number",
    "insured": "insured_name",
    "insured_norm": "insured_name_norm",
    "underwriter_id": "assigned_underwriter_id",
    "requested_effective": "requested_effective_date",
    "vehicles": "vehicle_count",
    "drivers": "driver_count",
    "updated": "updated_at",
}
EVENT_WORDS = {
    "submission.received": "Received",
    "submission.assigned": "Assigned",
    "submission.info_requested": "Information requested",
    "submission.info_received": "Information received",
    "submission.referred": "Referred",
    "quote.released": "Quote released",
    "quote.accepted": "Quote accepted",
    "quote.condition_cleared": "Condition cleared",
    "submission.referral_decided": "Referral decided",
    "submission.quoted": "Quote released",
    "submission.bound": "Bound",
    "submission.declined": "Declined",
    "submission.withdrawn": "Withdrawn",
    "submission.expired": "Quote expired",
    "submission.lost": "Lost to another carrier",
    "submission.fmcsa_refreshed": "FMCSA snapshot fetched",
    "submission.noted": "Note added",
}


def get_submission(scope: Scope, number: str) -> SubmissionFile:
    """One submission. Raises NotFound, for another organisation's number too. One statement."""
    query = Submission.objects.within(scope).filter(submission_number=number)
    found = rows_of(query.order_by("id"), SubmissionFile, FILE_COLUMNS)
    if not found:
        raise NotFound("submission", number)
    return found[0]


def list_duplicates(
    scope: Scope, of: SubmissionFile, *, same_fein: Iterable[tuple[str, str]] = ()
) -> Reading[Duplicate]:
    """Other open submissions of the same DOT number or FEIN, newest first. One query.

    same_fein: id and normalised name of the insureds that share the applicant's FEIN.
    """
    known, dot_number = dict(same_fein), of.usdot_number
    like = Q(pk__in=[])
    if dot_number:
        like |= Q(usdot_number=dot_number)
    if known:
        like |= Q(insured_name_norm__in=sorted(set(known.values())), insured_id__in=sorted(known))
    if not dot_number and not known:
        return nothing()
    rows = (
        Submission.objects.within(scope)
        .filter(like, status__in=OPEN)
        .exclude(id=of.id)
        .order_by("-received_at", "-id")
        .values_list(
            "id", "submission_number", "status", "insured_name", "received_at", "producer_id",
            "usdot_number",
        )[:ROWS_MAX]
    )  # fmt: skip
    return reading(
        rows,
        lambda key, told, status, name, at, by, dot: Duplicate(
            key, told, status, name, at, by, "DOT number" if dot == dot_number else "FEIN"
        ),
    )


def list_answers(scope: Scope, submission_id: str) -> Reading[AnswerRow]:
    """Application answers by question. One query."""
    rows = (
        SubmissionRiskAnswer.objects.within(scope)
        .filter(submission_id=submission_id)
        .order_by("question_key", "id")
        .values_list("id", "question_key", "answer", "source", "confidence")[:ROWS_MAX]
    )
    return reading(
        rows,
        lambda key, question, answer, source, confidence: AnswerRow(
            key, question, _answer(question, answer), source, confidence
        ),
    )


def _answer(question: str, answer: Any) -> str:
    if answer in (None, ""):
        return ""
    if PERSONAL.search(question.lower()):
        return MASK
    if isinstance(answer, bool):
        return "Yes" if answer else "No"
    return str(answer) if isinstance(answer, str | int) else json.dumps(answer, sort_keys=True)


def list_referrals(scope: Scope, submission_id: str) -> Reading[ReferralRow]:
    """Referrals, the newest first. One query."""
    query = SubmissionReferral.objects.within(scope).filter(submission_id=submission_id)
    names = {"type": "referral_type", "note": "decision_note"}
    return reading_of(query.order_by("-referred_at", "-id"), ReferralRow, names)


def list_info_requests(scope: Scope, submission_id: str) -> Reading[InfoRequestRow]:
    """What was asked of the producer, the newest first. One query."""
    query = SubmissionInfoRequest.objects.within(scope).filter(submission_id=submission_id)
    names = {"due": "due_date", "requested_by_id": "requested_by_user_id", "asked_at": "created_at"}
    return reading_of(query.order_by("-created_at", "-id"), InfoRequestRow, names)


def list_documents(scope: Scope, submission_id: str) -> Reading[DocumentRow]:
    """Papers by kind. One query."""
    query = SubmissionDocument.objects.within(scope).filter(submission_id=submission_id)
    names = {
        "type": "document_type",
        "extraction": "extraction_status",
        "received_at": "created_at",
    }
    return reading_of(query.order_by("document_type", "id"), DocumentRow, names)


def list_notes(scope: Scope, submission_id: str) -> Reading[NoteRow]:
    """Notes, the newest first. One query."""
    query = SubmissionNote.objects.within(scope).filter(submission_id=submission_id)
    names = {"author_id": "author_user_id", "at": "created_at"}
    return reading_of(query.order_by("-created_at", "-id"), NoteRow, names, without=("author",))


def signed(note: NoteRow, author: str) -> NoteRow:
    """The note with its author's name."""
    return replace(note, author=author)


def list_events(scope: Scope, submission_id: str) -> Reading[tuple[EventLine, str | None]]:
    """Events in words with the acting user's id, the newest first. One query."""
    rows = (
        SubmissionEvent.objects.within(scope)
        .filter(submission_id=submission_id)
        .order_by("-seq", "-id")
        .values_list(
            "id", "seq", "occurred_at", "event_type", "from_status", "to_status", "payload",
            "actor_user_id",
        )[:ROWS_MAX]
    )  # fmt: skip
    return reading(rows, _event)


def _event(
    key: str, seq: int, at: datetime, kind: str, before: str | None, after: str | None,
    payload: Any, actor: str | None,
) -> tuple[EventLine, str | None]:  # fmt: skip
    line = EventLine(
        id=key,
        seq=seq,
        at=at,
        event=kind,
        title=EVENT_WORDS.get(kind, sentence(kind.rpartition(".")[2])),
        detail=_detail(before, after, payload),
        actor="",
    )
    return line, actor


def _detail(before: str | None, after: str | None, payload: Any) -> str:
    told = []
    if before and after and before != after:
        told.append(f"{sentence(before)} to {sentence(after).lower()}")
    if isinstance(payload, dict):
        told += [str(payload[key]) for key in ("item", "decision", "reason") if payload.get(key)]
    return ", ".join(told)
