"""What happened to a policy, told to billing: the outbox `policy_events`, in the order of events.

The policy's own transaction wrote the event with figures that suffice; here they are booked once
under the event's id and the event is marked delivered. Killed between the two, the next round
books nothing again and only marks (decisions: outboxes).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from openinsure.billing.operations.invoicing import bill_installment
from openinsure.billing.operations.opening import NewBusiness, open_account
from openinsure.billing.operations.returns import return_premium
from openinsure.console.forms import Once
from openinsure.console.numbers import next_number
from openinsure.jobs.billing_terms import terms_for
from openinsure.keyspaces.ids import fixed_id
from openinsure.policies.operations.new_business import EVENT as BOUND
from openinsure.policies.operations.new_business import name_account
from openinsure.policies.outbox import Told, mark_delivered, waiting
from openinsure.problems import Problem
from openinsure.tenancy.scope import Scope

EVENTS_MAX = 200  # of one round
log = logging.getLogger(__name__)


def deliver(scope: Scope, *, now: datetime) -> int:
    """Book what waits of the organisation entered; how many events.

    One that cannot be booked stays, is logged and stops no other.
    """
    done = 0
    for event in waiting(scope, tuple(BOOKED), most=EVENTS_MAX):
        try:
            BOOKED[event.kind](scope, event, now)
        except (Problem, KeyError) as refusal:  # refused, or a figure is missing
            log.error("event %s of policy %s waits: %r", event.id, event.policy_id, refusal)
            continue
        mark_delivered(scope, event.id, now=now)
        done += 1
    return done


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
        actor_user_id=event.actor_user_id,
        now=now,
    )
    name_account(scope, event.policy_id, opened.account_id, now=now)


def _cancelled(scope: Scope, event: Told, now: datetime) -> None:
    """Streams stop; what was billed beyond the premium retained goes back."""
    facts = event.payload
    return_premium(
        scope,
        once=Once(event.id),
        cancellation_id=facts["cancellation_id"],
        retained_cents=facts["retained_cents"],
        terms=terms_for(scope, event.policy_id),
        on=event.effective,
        actor_user_id=event.actor_user_id,
        now=now,
    )


BOOKED: Mapping[str, Callable[[Scope, Told, datetime], Any]] = {
    BOUND: _bound,
    "policy.cancelled": _cancelled,
}
