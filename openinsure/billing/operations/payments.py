"""Recording a payment: applied in order, split, posted; what is left waits in suspense."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openinsure.billing.models import Payment, PaymentAllocation, SuspenseItem
from openinsure.billing.operations import applying
from openinsure.billing.operations.dues import accrue
from openinsure.billing.operations.journal import post_entry
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.receipts import TAXES, Part, Terms, lines_of, transfers_of
from openinsure.console.forms import Once
from openinsure.keyspaces.ids import new_id
from openinsure.money.allocation import Due, allocate
from openinsure.money.legs import Legs, receipt_legs
from openinsure.problems import BadForm
from openinsure.tenancy.scope import Scope

METHODS = ("ach", "check", "card", "wire", "cash", "finance")
AMOUNT_MAX_CENTS = 10**11  # a billion dollars: beyond it is a typing mistake
NO_LEGS = Legs(0, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Money as it came in. reference: the processor's; both references may be empty."""

    method: str
    amount_cents: int
    received_at: datetime
    reference: str = ""
    check_number: str = ""

    def checked(self, now: datetime) -> Received:
        """Itself. Raises BadForm naming every field that cannot stand."""
        errors = {}
        if not 0 < self.amount_cents <= AMOUNT_MAX_CENTS:
            errors["amount"] = "must be more than 0.00 and at most 1,000,000,000.00"
        if self.method not in METHODS:
            errors["method"] = "must be one of " + ", ".join(METHODS)
        if self.method == "check" and not self.check_number:
            errors["check_number"] = "must be given for a check"
        if self.received_at > now:
            errors["received_on"] = "must not be after today"
        if errors:
            raise BadForm(errors)
        return self


@dataclass(frozen=True, slots=True)
class Recorded:
    """A payment in the books. repeated: the same form had recorded it before."""

    payment_id: str
    number: str
    applied_cents: int
    unapplied_cents: int
    repeated: bool


def record_payment(
    scope: Scope,
    *,
    once: Once,
    account_number: str,
    number: str,
    received: Received,
    terms: Terms,
    actor_user_id: str | None,
    now: datetime,
    version: int | None = None,
) -> Recorded:
    """Record, apply, split and post a payment in one transaction of oi_billing.

    number: its new payment number (unused when the form is repeated). version: of the account
    as a form showed it. Raises BadForm, NotFound; Conflict if the account changed since.
    """
    received.checked(now)

    def work() -> Recorded:
        account = applying.locked_account(scope, account_number=account_number)
        standing = find_recorded(scope, once)
        if standing is not None:
            return standing
        applying.unchanged(account, version)
        return _book(scope, once, account, number, received, terms, actor_user_id, now)

    return in_transaction(work)


def _book(
    scope: Scope, once: Once, account: Any, number: str, received: Received, terms: Terms,
    actor_user_id: str | None, now: datetime,
) -> Recorded:  # fmt: skip
    """Apply, split and post, on the locked account."""
    terms = applying.earned_so_far(scope, terms)
    open_lines = applying.open_lines(scope, account.id)
    dues = [
        Due(row.id, applying.COMPONENTS[row.component], row.amount_cents - row.paid_cents)
        for row, _ in open_lines
    ]
    applied, left = allocate(received.amount_cents, dues)
    payment = _payment(scope, once, number, account, received, left, now)
    before = applying.collected(scope, terms.policy_id)
    by_id = {row.id: (row, invoice) for row, invoice in open_lines}
    chosen = [(*by_id[part.key], part.cents) for part in applied]
    parts = _apply(scope, payment, chosen, terms, before.premium_cents, now)
    _settle(scope, chosen, actor_user_id, now)
    if left:
        _suspend(scope, payment, left, now)
    account.unapplied_cents += left
    account.last_payment_at = received.received_at
    account.last_payment_cents = received.amount_cents
    applying.restand(scope, account, now)
    amounts = {"unapplied_cents": left, "collected_cents": before.carrier_cents}
    post_entry(
        scope,
        once=once,
        entry_date=received.received_at.date(),
        source_type="payment",
        source_id=payment.id,
        lines=lines_of(terms, parts, **amounts),
        transfers=transfers_of(terms, parts, **amounts),
        now=now,
        event_at=received.received_at,
        description=f"Payment {number}",
        actor_user_id=actor_user_id,
    )
    return Recorded(payment.id, number, received.amount_cents - left, left, False)


def find_recorded(scope: Scope, once: Once) -> Recorded | None:
    """What a repeated form recorded."""
    # Locking: the account's lock may have been waited for, and the first one committed since.
    row = Payment.objects.within(scope).select_for_update().filter(id=once.id).first()
    if row is None:
        return None
    applied = row.amount_cents - row.unapplied_cents
    return Recorded(row.id, row.payment_number, applied, row.unapplied_cents, True)


def _payment(
    scope: Scope, once: Once, number: str, account: Any, received: Received, left: int,
    now: datetime,
) -> Payment:  # fmt: skip
    payment = Payment(
        org_id=scope.org_id,
        id=once.id,
        payment_number=number,
        billing_account_id=account.id,
        policy_id=account.policy_id,
        policy_number=account.policy_number,
        payer_name=account.payer_name,
        payer_name_norm=account.insured_name_norm,
        method=received.method,
        processor="manual",
        processor_ref=received.reference or None,
        status="allocated" if left else "split",
        amount_cents=received.amount_cents,
        unapplied_cents=left,
        currency=account.currency,
        received_at=received.received_at,
        posted_at=now,
        check_number=received.check_number or None,
        split_status="complete",
        idempotency_key=f"form:{once.id}",
        created_at=now,
        updated_at=now,
    )
    payment.save(force_insert=True)
    return payment


def _apply(
    scope: Scope, payment: Payment, chosen: Sequence[tuple[Any, Any, int]], terms: Terms,
    premium_before: int, now: datetime,
) -> list[Part]:  # fmt: skip
    parts = []
    for line, invoice, cents in chosen:
        legs = NO_LEGS
        if line.component == "premium":
            legs = receipt_legs(terms.split, before_cents=premium_before, now_cents=cents)
            premium_before += cents
        part = Part(line.component, cents, legs)
        allocation_row(scope, payment, line, invoice, part, terms, payment.received_at, now)
        applying.move(line, cents, now)
        parts.append(part)
    return parts


def allocation_row(
    scope: Scope, payment: Payment, line: Any, invoice: Any, part: Part, terms: Terms,
    at: datetime, now: datetime, reversal_of: str | None = None,
) -> None:  # fmt: skip
    """One allocation with its legs, which sum to its amount, and what it makes us owe.

    A refund's allocation is of no invoice line.
    """
    taxed = part.cents if part.component in TAXES else 0
    fee = 0 if taxed or part.component == "premium" else part.cents
    allocation = PaymentAllocation.objects.create(
        org_id=scope.org_id,
        id=new_id(),
        payment_id=payment.id,
        invoice_id=invoice and invoice.id,
        invoice_line_id=line and line.id,
        installment_id=line and line.installment_id,
        policy_id=terms.policy_id,
        component=part.component,
        amount_cents=part.cents,
        currency=payment.currency,
        producer_commission_cents=part.legs.producer_cents,
        mga_revenue_cents=part.legs.mga_cents + fee,
        tax_cents=taxed,
        reinsurer_cents=part.legs.ceded_cents,
        carrier_cents=part.legs.carrier_cents,
        producer_id=terms.producer_id,
        carrier_id=terms.carrier_id,
        allocated_at=at,
        reversal_of_id=reversal_of,
        created_at=now,
    )
    accrue(scope, allocation, part, terms, now)


def _settle(
    scope: Scope, chosen: Sequence[tuple[Any, Any, int]], actor: str | None, now: datetime
) -> None:
    sums: dict[str, int] = {}
    invoices = {}
    for _, invoice, cents in chosen:
        sums[invoice.id] = sums.get(invoice.id, 0) + cents
        invoices[invoice.id] = invoice
    for key, cents in sums.items():
        applying.settle(scope, invoices[key], cents, kind="invoice.payment", actor=actor, now=now)


def _suspend(scope: Scope, payment: Payment, cents: int, now: datetime) -> None:
    SuspenseItem.objects.create(
        org_id=scope.org_id,
        id=new_id(),
        payment_id=payment.id,
        amount_cents=cents,
        currency=payment.currency,
        reason="More than is open on the account",
        status="open",
        reference_text=payment.payment_number,
        created_at=now,
        updated_at=now,
    )
