"""What happened to a claim, told to billing: the outbox `claim_events`, in the order of events.

A reserve step is booked, an approved check is pending in the ledger, an issued one is posted, money
that came back is booked on the day it came (domain.md 5.4). Everything is booked once under the id
of its step, payment or recovery, so a round that was killed before the mark books nothing again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from openinsure.billing.claim_money import ClaimTerms
from openinsure.billing.operations.bank_out import match_cleared
from openinsure.billing.operations.claim_bookings import (
    Occurred,
    book_check,
    book_recovery,
    book_reserve,
    hold_check,
    unbook_recovery,
)
from openinsure.claims.outbox import Told, mark_delivered, waiting
from openinsure.jobs import outbox_round
from openinsure.problems import Conflict
from openinsure.tenancy.scope import Scope

log = logging.getLogger(__name__)
EVENTS_MAX = 200  # of one read


def deliver(scope: Scope, *, now: datetime) -> int:
    """Book what waits of the organisation entered; how many events.

    One that cannot be booked stays and is logged; it stops later ones of its claim, no other.
    """
    return outbox_round.deliver(
        lambda but: waiting(scope, tuple(BOOKED), most=EVENTS_MAX, but=but),
        key=lambda event: event.claim_id,
        book=lambda event: BOOKED[event.kind](scope, event, now),
        mark=lambda event: mark_delivered(scope, event.id, now=now),
    )


def _reserved(scope: Scope, event: Told, now: datetime) -> None:
    facts = event.payload
    book_reserve(
        scope,
        _terms(event),
        _occurred(event, "Reserve of claim"),
        step_id=facts["history_id"],
        cents=facts["delta_cents"],
        now=now,
    )


def _approved(scope: Scope, event: Told, now: datetime) -> None:
    facts = event.payload
    hold_check(
        scope,
        _terms(event),
        _occurred(event, f"Disbursement {facts['number']}"),
        payment_id=facts["payment_id"],
        cents=facts["amount_cents"],
        now=now,
    )


def _issued(scope: Scope, event: Told, now: datetime) -> None:
    for paid in event.payload["takedowns"]:
        book_check(
            scope,
            _terms(event),
            _occurred(event, f"Disbursement {event.payload['number']}"),
            payment_id=paid["payment_id"],
            cents=paid["amount_cents"],
            takedown_cents=paid["takedown_cents"],
            now=now,
        )


def _recovered(scope: Scope, event: Told, now: datetime) -> None:
    facts = event.payload
    told = _occurred(event, f"Recovery: {facts['kind']}")
    book_recovery(
        scope,
        _terms(event),
        replace(told, at=datetime.fromisoformat(facts["received_at"])),
        recovery_id=facts["recovery_id"],
        cents=facts["amount_cents"],
        recoverable_id=facts["recoverable_id"],
        now=now,
    )


def _taken_back(scope: Scope, event: Told, now: datetime) -> None:
    facts = event.payload
    unbook_recovery(
        scope,
        _occurred(event, "Recovery taken back"),
        recovery_id=facts["recovery_id"],
        reversal_id=facts["reversal_id"],
        claim_id=event.claim_id,
        cents=facts["amount_cents"],
        recoverable_id=facts["recoverable_id"],
        now=now,
    )


def _cleared(scope: Scope, event: Told, now: datetime) -> None:
    """The line is the disbursement's, unless a person matched it to something else meanwhile."""
    line, key = event.payload["bank_line_id"], event.payload["disbursement_id"]
    try:
        match_cleared(scope, line_id=line, disbursement_id=key, now=now)
    except Conflict:
        log.warning("bank line %s is matched to something else than %s", line, key)


def _terms(event: Told) -> ClaimTerms:
    return ClaimTerms(
        claim_id=event.claim_id,
        policy_id=event.payload["policy_id"],
        program_id=event.payload["program_id"],
    )


def _occurred(event: Told, words: str) -> Occurred:
    return Occurred(
        at=event.at,
        actor_user_id=event.actor_user_id,
        words=words,
        currency=event.payload["currency"],
    )


BOOKED: Mapping[str, Callable[[Scope, Told, datetime], Any]] = {
    "reserve.set": _reserved,
    "disbursement.approved": _approved,
    "disbursement.issued": _issued,
    "recovery.received": _recovered,
    "recovery.reversed": _taken_back,
    "disbursement.cleared": _cleared,
}
