"""What happened to a policy term, in words: its events, with links to the terms beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from openinsure.console.dates import format_day
from openinsure.console.links import url
from openinsure.console.words import role_word, sentence
from openinsure.policies.models import PolicyEvent
from openinsure.policies.rows import EventRow
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, reading

ROWS_MAX = 500
EVENT_WORDS = {
    "policy.bound": "Bound",
    "policy.issued": "Issued: declarations sent",
    "policy.activated": "Coverage began",
    "policy.expired": "Expired",
    "policy.renewed": "Renewed",
    "policy.renewal_bound": "Next term bound",
    "policy.cancelled": "Cancelled",
    "policy.reinstated": "Reinstated",
    "cancellation.notice_mailed": "Notice of cancellation mailed",
    "cancellation.rescinded": "Cancellation rescinded",
    "nonrenewal.notice_mailed": "Notice of nonrenewal mailed",
    "cancellation.requested": "Cancellation requested",
    "endorsement.bound": "Endorsement bound",
    "endorsement.requested": "Endorsement requested",
    "endorsement.withdrawn": "Endorsement request withdrawn",
    "policy.note_added": "Note added",
    "policy.assigned": "Underwriter assigned",
    "certificate.issued": "Certificate issued",
    "document.sent": "Document sent",
}

# Fields of an event that name another term of the policy, and how the title says it.
NEIGHBOURS = {"renewed_term": "term", "prior_term": "as the renewal of term"}


def list_events(scope: Scope, policy_id: str) -> Reading[EventRow]:
    """The term's events in words, newest first. One query."""
    rows = (
        PolicyEvent.objects.within(scope)
        .filter(policy_id=policy_id)
        .order_by("-seq", "-id")
        .values_list(
            "id", "seq", "occurred_at", "event_type", "from_status", "to_status", "actor_role",
            "effective_date", "payload",
        )[:ROWS_MAX]
    )  # fmt: skip
    return reading(rows, _event)


def _event(
    key: str, seq: int, at: datetime, kind: str, before: str | None, after: str | None,
    role: str | None, effective: date | None, payload: Mapping[str, Any] | None,
) -> EventRow:  # fmt: skip
    title, href = EVENT_WORDS.get(kind) or sentence(kind.replace(".", " ")), ""
    told = payload or {}
    for field, words in NEIGHBOURS.items():
        if told.get(field):
            title = f"{title}, {words} {told[field]}"
            href = url("policies.detail", told["policy_number"], term=told[field], tab="timeline")
    return EventRow(
        id=key,
        seq=seq,
        at=at,
        event=kind,
        title=title,
        detail=_detail(before, after, effective),
        actor=role_word(role or ""),
        effective=effective,
        href=href,
    )


def _detail(before: str | None, after: str | None, effective: date | None) -> str:
    told = []
    if after and before and before != after:
        told.append(f"{sentence(before)} to {sentence(after).lower()}")
    if effective:
        told.append(f"effective {format_day(effective)}")
    return ", ".join(told)
