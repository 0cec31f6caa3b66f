"""Taking a payment back: returned unpaid (NSF), charged back, or recorded in error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openinsure.billing.life import PAYMENT
from openinsure.billing.models import (
    FeeCharge,
    Invoice,
    InvoiceLine,
    Payment,
    PaymentAllocation,
    PaymentReversal,
    SuspenseItem,
)
from openinsure.billing.operations import applying
from openinsure.billing.operations.journal import post_entry
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.operations.payments import NO_LEGS, allocation_row
from openinsure.billing.postings import Line
from openinsure.billing.receipts import Part, Terms, lines_of, transfers_of
from openinsure.console.forms import Once
from openinsure.keyspaces.ids import new_id
from openinsure.money.legs import receipt_legs
from openinsure.problems import BadForm, Conflict, NotFound
from openinsure.tenancy.scope import Scope

REFUND = {"invoice_id": None, "amount_cents__lt": 0}  # an allocation of no invoice: paid back
KINDS = {"nsf": "NSF", "chargeback": "Chargeback", "error": "Recorded in error"}


@dataclass(frozen=True, slots=True)
class Reversed:
    """A payment that was taken back. repeated: the same form had done it before."""

    payment_id: str
    number: str
    amount_cents: int
    repeated: bool


def reverse_payment(
    scope: Scope,
    *,
    once: Once,
    number: str,
    kind: str,
    fee_cents: int,
    terms: Terms,
    actor_user_id: str | None,
    now: datetime,
    version: int | None = None,
) -> Reversed:
    """Take a payment back in one transaction: legs by the cumulative rule, fees and tax mirrored.

    fee_cents: charged once for an NSF return, put on the invoice. version: of the account as a
    form showed it. Raises NotFound; BadForm for an unknown kind; IllegalTransition for a payment
    that cannot be reversed; Conflict if the account changed since.
    """
    if kind not in KINDS:
        raise BadForm({"kind": "must be one of " + ", ".join(KINDS)})

    def work() -> Reversed:
        payment = _locked(scope, number)
        account = applying.locked_account(scope, id=payment.billing_account_id)
        if PaymentReversal.objects.within(scope).filter(id=once.id).exists():
            return Reversed(payment.id, number, payment.amount_cents, True)
        PAYMENT.check(payment.status, "reversed")
        applying.unchanged(account, version)
        _unbook(scope, once, payment, account, kind, fee_cents, terms, actor_user_id, now)
        return Reversed(payment.id, number, payment.amount_cents, False)

    return in_transaction(work)


def _unbook(
    scope: Scope, once: Once, payment: Any, account: Any, kind: str, fee_cents: int, terms: Terms,
    actor_user_id: str | None, now: datetime,
) -> None:  # fmt: skip
    """Take the locked payment back and post it."""
    terms = applying.earned_so_far(scope, terms)
    before = applying.collected(scope, terms.policy_id)
    parts, invoices = _take_back(scope, payment, terms, before.premium_cents, now)
    left = payment.unapplied_cents
    if left:
        _release(scope, payment, now)
        account.unapplied_cents -= left
    for invoice, cents in invoices:
        applying.settle(
            scope, invoice, -cents, kind="invoice.reversal", actor=actor_user_id, now=now
        )
    fee = None
    if kind == "nsf" and fee_cents and invoices:
        fee = _charge(scope, invoices[0][0], fee_cents, once, actor_user_id, now)
    _mark(scope, payment, kind, now)
    _record(scope, once, payment, kind, fee, now)
    applying.restand(scope, account, now)
    amounts = {"unapplied_cents": -left, "collected_cents": before.carrier_cents}
    post_entry(
        scope,
        once=once,
        entry_date=now.date(),
        source_type="payment_reversal",
        source_id=payment.id,
        lines=lines_of(terms, parts, **amounts),
        transfers=transfers_of(terms, parts, **amounts),
        now=now,
        description=f"{KINDS[kind]}: payment {payment.payment_number} returned",
        actor_user_id=actor_user_id,
    )


def _locked(scope: Scope, number: str) -> Any:
    rows = Payment.objects.within(scope).select_for_update()
    payment = rows.filter(payment_number=number).first()
    if payment is None:
        raise NotFound("payment", number)
    return payment


def _take_back(
    scope: Scope, payment: Any, terms: Terms, premium_before: int, now: datetime
) -> tuple[list[Part], list[tuple[Any, int]]]:
    """The parts with the sign turned, and what each invoice loses.

    Raises Conflict once part of it was refunded: it would go back twice.
    """
    if PaymentAllocation.objects.within(scope).filter(payment_id=payment.id, **REFUND).exists():
        raise Conflict(f"Part of {payment.payment_number} was refunded; it cannot be returned.")
    rows = list(
        PaymentAllocation.objects.within(scope)
        .filter(payment_id=payment.id, reversed_at=None, reversal_of_id=None)
        .order_by("allocated_at", "id")
    )
    lines = _by_id(scope, InvoiceLine, [row.invoice_line_id for row in rows])
    invoices = _by_id(scope, Invoice, [row.invoice_id for row in rows])
    parts, losses = [], dict.fromkeys(invoices, 0)
    for row in rows:
        legs = NO_LEGS
        if row.component == "premium":
            legs = receipt_legs(
                terms.split, before_cents=premium_before, now_cents=-row.amount_cents
            )
            premium_before -= row.amount_cents
        part = Part(row.component, -row.amount_cents, legs)
        line, invoice = lines[row.invoice_line_id], invoices[row.invoice_id]
        allocation_row(scope, payment, line, invoice, part, terms, now, now, reversal_of=row.id)
        applying.move(line, -row.amount_cents, now)
        row.reversed_at = now
        row.save(update_fields=["reversed_at"])
        losses[invoice.id] += row.amount_cents
        parts.append(part)
    return parts, [(invoices[key], cents) for key, cents in losses.items()]


def _by_id(scope: Scope, model: Any, ids: Sequence[str]) -> dict[str, Any]:
    rows = model.objects.within(scope).select_for_update().filter(id__in=sorted(set(ids)))
    return {row.id: row for row in rows.order_by("id")}


def _release(scope: Scope, payment: Any, now: datetime) -> None:
    items = SuspenseItem.objects.within(scope).filter(payment_id=payment.id, status="open")
    items.update(status="reversed", resolved_at=now, updated_at=now)


def _charge(
    scope: Scope, invoice: Any, cents: int, once: Once, actor: str | None, now: datetime
) -> str:
    """The returned-payment fee: its line, its charge, its receivable. The id of the charge."""
    last = InvoiceLine.objects.within(scope).filter(invoice_id=invoice.id).order_by("-line_no")
    InvoiceLine.objects.create(
        org_id=scope.org_id,
        id=new_id(),
        invoice_id=invoice.id,
        line_no=(last.values_list("line_no", flat=True).first() or 0) + 1,
        component="nsf_fee",
        description="Returned payment fee",
        amount_cents=cents,
        currency=invoice.currency,
        created_at=now,
        updated_at=now,
    )
    applying.settle(
        scope, invoice, 0, kind="invoice.fee", actor=actor, now=now, total_change_cents=cents
    )
    charge = FeeCharge.objects.create(
        org_id=scope.org_id,
        id=new_id(),
        billing_account_id=invoice.billing_account_id,
        policy_id=invoice.policy_id,
        invoice_id=invoice.id,
        fee_code="NSF",
        amount_cents=cents,
        currency=invoice.currency,
        charged_on=now.date(),
        created_at=now,
        updated_at=now,
    )
    post_entry(
        scope,
        once=once,
        entry_date=now.date(),
        source_type="fee_charge",
        source_id=charge.id,
        lines=[
            Line(account="1200", cents=cents, policy_id=invoice.policy_id),
            Line(account="2900", cents=-cents, policy_id=invoice.policy_id),
        ],
        transfers=[],
        now=now,
        description="Returned payment fee",
        actor_user_id=actor,
    )
    return str(charge.id)


def _mark(scope: Scope, payment: Any, kind: str, now: datetime) -> None:
    """The payment as reversed; an NSF counts on the account, the second asks certified funds."""
    if kind == "nsf":
        earlier = Payment.objects.within(scope).filter(
            billing_account_id=payment.billing_account_id, nsf_count__gt=0
        )
        payment.nsf_count = earlier.count() + 1
    payment.status = "reversed"
    payment.split_status = "reversed"
    payment.reversed_at = now
    payment.reversal_reason = KINDS[kind]
    payment.lock_version += 1
    payment.updated_at = now
    payment.save()


def _record(
    scope: Scope, once: Once, payment: Any, kind: str, fee: str | None, now: datetime
) -> None:
    PaymentReversal.objects.create(
        org_id=scope.org_id,
        id=once.id,
        payment_id=payment.id,
        reversal_type=kind,
        amount_cents=payment.amount_cents,
        currency=payment.currency,
        fee_charge_id=fee,
        occurred_at=now,
        resolved_at=now,
        status="posted",
        created_at=now,
        updated_at=now,
    )
