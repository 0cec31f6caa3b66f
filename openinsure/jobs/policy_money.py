"""What happened to a policy, told to billing: the outbox `policy_events`, in the order of events.

The policy's own transaction wrote the event with figures that suffice; here they are booked once
under the event's id and the event is marked delivered. Killed between the two, the next round
books nothing again and only marks (decisions: outboxes).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from openinsure.billing.operations.invoicing import bill_installment
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.operations.opening import NewBusiness, open_account
from openinsure.billing.operations.restating import Cause, restate
from openinsure.billing.operations.streams import (
    Ended,
    Movement,
    open_streams,
    resume_streams,
    stop_streams,
)
from openinsure.billing.receipts import Terms
from openinsure.console.forms import Once
from openinsure.console.numbers import next_number
from openinsure.jobs import outbox_round
from openinsure.jobs.billing_terms import taxes_for, terms_for
from openinsure.keyspaces.ids import fixed_id
from openinsure.money.taxes import PREMIUM
from openinsure.policies.operations.bound_event import EVENT as BOUND
from openinsure.policies.operations.new_business import name_account
from openinsure.policies.outbox import Told, mark_delivered, waiting
from openinsure.policies.premium_terms import MovementRow, movements_of, term_of
from openinsure.policies.streams import CANCELLATION, REINSTATEMENT
from openinsure.tenancy.scope import Scope

EVENTS_MAX = 200  # of one read


def deliver(scope: Scope, *, now: datetime) -> int:
    """Book what waits of the organisation entered; how many events.

    One that cannot be booked stays and is logged; it stops later ones of its policy, no other.
    """
    return outbox_round.deliver(
        lambda but: waiting(scope, tuple(BOOKED), most=EVENTS_MAX, but=but),
        key=lambda event: event.policy_id,
        book=lambda event: BOOKED[event.kind](scope, event, now),
        mark=lambda event: mark_delivered(scope, event.id, now=now),
    )


def _bound(scope: Scope, event: Told, now: datetime) -> None:
    """The account with its plan and the premium's stream; then its first installment is billed."""
    facts, terms = event.payload, terms_for(scope, event.policy_id)
    opened = open_account(
        scope,
        NewBusiness(
            transaction_id=facts["transaction_id"],
            transaction_no=facts["transaction_no"],
            policy_number=facts["policy_number"],
            insured_id=facts["insured_id"],
            payer_name=facts["insured_name"],
            name_norm=facts["name_norm"],
            plan=facts["plan"],
            effective=event.effective,
            expires=date.fromisoformat(facts["expires"]),
            premium_cents=facts["premium_cents"],
            fees_cents=facts["fees_cents"],
            taxes_cents=facts["taxes_cents"],
            currency=facts["currency"],
        ),
        terms,
        number=lambda: next_number(scope, "account"),
        now=now,
    )
    bill_installment(
        scope,
        once=Once(fixed_id(event.id, "down_payment")),
        account_number=opened.number,
        installment_id=opened.first_installment_id,
        number=next_number(scope, "invoice"),
        taxes=taxes_for(scope, event.policy_id),
        actor_user_id=event.actor_user_id,
        now=now,
    )
    name_account(scope, event.policy_id, opened.account_id, now=now)


def _endorsed(scope: Scope, event: Told, now: datetime) -> None:
    """The change earns as a stream of its own; more is billed, less goes back."""
    told = _read(scope, event)
    words = f"Endorsement {event.payload['endorsement_no']}"
    cause = Cause(
        kind="endorsement", id=event.payload["endorsement_id"], on=event.effective, words=words
    )

    def work() -> None:
        _restate(scope, event, cause, told.terms, now)
        _open(scope, told, now)

    in_transaction(work)


def _cancelled(scope: Scope, event: Told, now: datetime) -> None:
    """Streams stop; what was billed beyond what is retained goes back."""
    facts, told = event.payload, _read(scope, event)
    key = facts["cancellation_id"]
    cause = Cause(kind="cancellation", id=key, on=event.effective, words="Cancellation")
    ended = Ended(
        movement_id=told.ended.get(key, key), number=len(told.movements) + 1, on=event.effective,
        retained_cents=facts["retained_cents"],
    )  # fmt: skip

    def work() -> None:
        _restate(scope, event, cause, told.terms, now)
        _open(scope, told, now)
        stop_streams(scope, told.terms, ended, now=now)

    in_transaction(work)


def _reinstated(scope: Scope, event: Told, now: datetime) -> None:
    """Refunds not paid out stay, the rest is billed again.

    Without lapse the same streams run; after one, what is charged is a stream of its own.
    """
    facts, told = event.payload, _read(scope, event)
    on = date.fromisoformat(facts["effective"])
    cause = Cause(kind="reinstatement", id=facts["reinstatement_id"], on=on, words="Reinstatement")
    key = facts["cancellation_id"]

    def work() -> None:
        _restate(scope, event, cause, told.terms, now)
        if facts.get("lapse_days"):
            _open(scope, told, now)
            return
        resume_streams(
            scope, event.policy_id, ended=told.ended.get(key, key),
            earning=[one.id for one in told.movements], on=on, now=now,
        )  # fmt: skip

    in_transaction(work)


RETAINED = "RETAINED"  # what the movements before a lapse come to


@dataclass(frozen=True, slots=True)
class Story:
    """A term as its money needs it. movements: what earns; ended: cancellation -> its movement."""

    number: str
    currency: str
    terms: Terms
    movements: tuple[Movement, ...]
    ended: Mapping[str, str]


def _read(scope: Scope, event: Told) -> Story:
    term, rows = term_of(scope, event.policy_id), movements_of(scope, event.policy_id)
    return Story(
        number=term.number,
        currency=term.currency,
        terms=terms_for(scope, event.policy_id),
        movements=tuple(
            Movement(
                id=row.id, number=row.number, cents=row.cents, earn_from=row.effective,
                earn_to=row.effective if row.kind == RETAINED else term.expires,
            )
            for row in _earning(rows)
            if row.kind != CANCELLATION
        ),
        ended={row.source_id: row.id for row in rows if row.kind == CANCELLATION},
    )  # fmt: skip


def _earning(rows: Iterable[MovementRow]) -> list[MovementRow]:
    """The movements, reinstatements answered: one without lapse undoes its cancellation; before a
    lapse all is one movement of what was retained, which opens no stream.
    """
    kept: list[MovementRow] = []
    for row in rows:
        ended = next((one for one in reversed(kept) if one.kind == CANCELLATION), None)
        if row.kind != REINSTATEMENT:
            kept.append(row)
        elif ended and ended.effective == row.effective:
            kept.remove(ended)
        elif ended:
            retained = sum(one.cents for one in kept)
            kept = [replace(ended, cents=retained, kind=RETAINED), row]
    return kept


def _restate(scope: Scope, event: Told, cause: Cause, terms: Terms, now: datetime) -> None:
    """Billing in line with what the event says is due; older events name premium only."""
    facts = event.payload
    restate(
        scope,
        once=Once(event.id),
        cause=cause,
        due=facts.get("due_cents") or {PREMIUM: facts["retained_cents"]},
        terms=terms,
        number=lambda: next_number(scope, "invoice"),
        actor_user_id=event.actor_user_id,
        now=now,
    )


def _open(scope: Scope, told: Story, now: datetime) -> None:
    open_streams(scope, told.terms, told.number, told.movements, currency=told.currency, now=now)


BOOKED: Mapping[str, Callable[[Scope, Told, datetime], Any]] = {
    BOUND: _bound,
    "endorsement.bound": _endorsed,
    "policy.cancelled": _cancelled,
    "policy.reinstated": _reinstated,
}
