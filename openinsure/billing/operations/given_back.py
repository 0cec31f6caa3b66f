"""Money on its way back to a payer: which receipts it comes from, and refunds that still wait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from openinsure.billing.models import Payment, PaymentAllocation, Refund
from openinsure.billing.operations.holding import held, voided
from openinsure.billing.operations.journal import post_entry
from openinsure.billing.operations.payments import NO_LEGS, allocation_row
from openinsure.billing.postings import Line
from openinsure.billing.receipts import Part, Terms
from openinsure.console.forms import Once
from openinsure.money.legs import receipt_legs
from openinsure.problems import Conflict
from openinsure.tenancy.scope import Scope

REQUESTED, APPROVED, ISSUED, WITHDRAWN = "requested", "approved", "issued", "voided"
WAITING = (REQUESTED, APPROVED)
HELD = "refund_hold"  # the source of transfers that wait for the payout


def parts_of(refund: Any) -> dict[str, int]:
    """A refund by component, cents."""
    return dict(refund.parts or {"premium": refund.amount_cents})


def waiting(scope: Scope, account_id: str) -> dict[str, int]:
    """What is to be refunded and not paid out yet, by component. One statement."""
    sums: dict[str, int] = {}
    rows = Refund.objects.within(scope).filter(billing_account_id=account_id, status__in=WAITING)
    for refund in rows.order_by("id"):
        for name, cents in parts_of(refund).items():
            sums[name] = sums.get(name, 0) + cents
    return sums


def planned(
    scope: Scope, terms: Terms, cents: Mapping[str, int], premium_before: int
) -> list[Part]:
    """The parts that giving these cents back would have; nothing is written."""
    rows = _chosen(scope, terms, cents, premium_before)
    return [part for _, _, part in rows]


def given_back(
    scope: Scope, terms: Terms, cents: Mapping[str, int], premium_before: int, now: datetime
) -> list[tuple[Any, Part]]:
    """Negative allocations against the newest receipts of each component: payment and part.

    Raises Conflict if less was collected.
    """
    made = []
    for payment, reversed_id, part in list(_chosen(scope, terms, cents, premium_before)):
        allocation_row(scope, payment, None, None, part, terms, now, now, reversal_of=reversed_id)
        made.append((payment, part))
    return made


def withdraw(scope: Scope, account_id: str, *, words: str, actor: str | None, now: datetime) -> int:
    """Take back every refund that was not paid out: the money stays; cents.

    Raises Conflict while the ledger has not taken what is held for one of them.
    """
    rows = Refund.objects.within(scope).select_for_update()
    found = list(rows.filter(billing_account_id=account_id, status__in=WAITING).order_by("id"))
    for refund in found:
        withdraw_one(scope, refund, words=words, reason=words, actor=actor, now=now)
    return sum(refund.amount_cents for refund in found)


def withdraw_one(
    scope: Scope, refund: Any, *, words: str, reason: str, actor: str | None, now: datetime
) -> None:
    """Take one refund back: what is held for it is let go, its premium stands as collected again.

    The refund is locked and waits. Raises Conflict as `withdraw`.
    """
    refund.status, refund.reason, refund.updated_at = WITHDRAWN, reason[:255], now
    refund.save()
    post_entry(
        scope,
        once=Once(refund.id),
        entry_date=now.date(),
        source_type="refund_withdrawn",
        source_id=refund.id,
        lines=[
            Line(account="1200", cents=refund.amount_cents, policy_id=refund.policy_id),
            Line(account="2900", cents=-refund.amount_cents, policy_id=refund.policy_id),
        ],
        transfers=voided(held(scope, HELD, refund.id)),
        now=now,
        description=f"{words}: refund withdrawn",
        actor_user_id=actor,
    )


def _chosen(
    scope: Scope, terms: Terms, cents: Mapping[str, int], premium_before: int
) -> Iterator[tuple[Any, str, Part]]:
    """Payment, the allocation taken back from, and the part, the newest receipts first."""
    for component, wanted in cents.items():
        left = wanted
        for payment, row, kept in _receipts(scope, terms.policy_id, component) if wanted else ():
            taken = min(left, kept)
            legs = NO_LEGS
            if component == "premium":
                legs = receipt_legs(terms.split, before_cents=premium_before, now_cents=-taken)
                premium_before -= taken
            left -= taken
            yield payment, row.id, Part(component, -taken, legs)
            if not left:
                break
        if left:
            raise Conflict(f"Less {component.replace('_', ' ')} is collected than is given back.")


def _receipts(scope: Scope, policy_id: str, component: str) -> Iterator[tuple[Any, Any, int]]:
    """Payment, its allocation of a component and what of it stands, newest first."""
    rows = list(
        PaymentAllocation.objects.within(scope)
        .filter(policy_id=policy_id, component=component, reversed_at=None)
        .order_by("-allocated_at", "-id")
    )
    back: dict[str, int] = {}
    for row in rows:
        if row.reversal_of_id:
            back[row.reversal_of_id] = back.get(row.reversal_of_id, 0) + row.amount_cents
    payments = Payment.objects.within(scope).filter(id__in=sorted({row.payment_id for row in rows}))
    by_id = {payment.id: payment for payment in payments}
    for row in rows:
        kept = row.amount_cents + back.get(row.id, 0)
        if not row.reversal_of_id and kept > 0:
            yield by_id[row.payment_id], row, kept
