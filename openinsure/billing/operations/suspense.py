"""Money in suspense put on an invoice: applied in order, split and posted like a receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openinsure.billing.life import PAYABLE
from openinsure.billing.models import Invoice, InvoiceLine, Payment, SuspenseItem
from openinsure.billing.operations import applying
from openinsure.billing.operations.journal import find_entry, post_entry
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.operations.payments import NO_LEGS, allocation_row
from openinsure.billing.receipts import Part, Terms, lines_of, transfers_of
from openinsure.console.forms import Once
from openinsure.console.words import spoken
from openinsure.keyspaces.ids import new_id
from openinsure.money.allocation import Due, allocate
from openinsure.money.legs import receipt_legs
from openinsure.problems import BadForm, Conflict, NotFound
from openinsure.tenancy.scope import Scope

SOURCE = "suspense_applied"


@dataclass(frozen=True, slots=True)
class Matched:
    """Suspense after it was put on an invoice. left: what still waits, cents."""

    number: str
    status: str
    applied_cents: int
    left_cents: int
    repeated: bool


def match_suspense(
    scope: Scope,
    *,
    once: Once,
    item_id: str,
    invoice_number: str,
    terms: Terms,
    actor_user_id: str | None,
    now: datetime,
) -> Matched:
    """Apply an open item to an invoice, as far as it goes; the rest waits on as a new item.

    terms: of the account's policy. Raises NotFound; BadForm for an invoice with nothing open, of
    another account or currency; Conflict for an item that waits no more.
    """

    def work() -> Matched:
        item = _locked(scope, item_id)
        if find_entry(scope, f"{SOURCE}:{once.id}") is not None:
            return Matched(invoice_number, item.status, 0, 0, True)
        if item.status != "open":
            raise Conflict(f"This suspense item is {spoken(item.status)} and waits no more.")
        payment = Payment.objects.within(scope).select_for_update().get(id=item.payment_id)
        account = applying.locked_account(scope, id=payment.billing_account_id)
        invoice = _payable(scope, invoice_number, item, account, terms)
        due = applying.earned_so_far(scope, terms)
        before = applying.collected(scope, terms.policy_id)
        parts, left = _apply(scope, payment, invoice, item.amount_cents, due, now)
        applied = item.amount_cents - left
        _resolve(scope, item, applied, left, now)
        _on_account(scope, payment, invoice, account, applied, actor_user_id, now)
        amounts = {"unapplied_cents": -applied, "collected_cents": before.carrier_cents}
        post_entry(
            scope,
            once=once,
            entry_date=now.date(),
            source_type=SOURCE,
            source_id=item.id,
            lines=lines_of(due, parts, **amounts),
            transfers=transfers_of(due, parts, **amounts),
            now=now,
            description="Suspense applied to an invoice",
            actor_user_id=actor_user_id,
        )
        return Matched(invoice_number, item.status, applied, left, False)

    return in_transaction(work)


def _locked(scope: Scope, item_id: str) -> Any:
    row = SuspenseItem.objects.within(scope).select_for_update().filter(id=item_id).first()
    if row is None:
        raise NotFound("suspense item", item_id[:40])
    return row


def _payable(scope: Scope, number: str, item: Any, account: Any, terms: Terms) -> Any:
    rows = Invoice.objects.within(scope).select_for_update()
    invoice = rows.filter(invoice_number=number).first()
    if invoice is None:
        raise BadForm({"invoice": "must be the number of an invoice of this organization"})
    if invoice.status not in PAYABLE or invoice.balance_cents <= 0:
        raise BadForm({"invoice": f"has nothing open: it is {spoken(invoice.status)}"})
    if invoice.billing_account_id != account.id or invoice.policy_id != terms.policy_id:
        raise BadForm({"invoice": "is of another account: reverse the payment, record it there"})
    if invoice.currency != item.currency:
        raise BadForm({"invoice": f"is in {invoice.currency}, the money in {item.currency}"})
    return invoice


def _apply(
    scope: Scope, payment: Any, invoice: Any, cents: int, terms: Terms, now: datetime
) -> tuple[list[Part], int]:
    """The parts applied, and what is left."""
    rows = InvoiceLine.objects.within(scope).filter(invoice_id=invoice.id).order_by("line_no", "id")
    lines = {row.id: row for row in rows if row.amount_cents > row.paid_cents}
    dues = [
        Due(key, applying.COMPONENTS[row.component], row.amount_cents - row.paid_cents)
        for key, row in lines.items()
    ]
    applied, left = allocate(cents, dues)
    before = applying.collected(scope, terms.policy_id).premium_cents
    parts = []
    for one in applied:
        line, legs = lines[one.key], NO_LEGS
        if line.component == "premium":
            legs = receipt_legs(terms.split, before_cents=before, now_cents=one.cents)
            before += one.cents
        part = Part(line.component, one.cents, legs)
        allocation_row(scope, payment, line, invoice, part, terms, now, now)
        applying.move(line, one.cents, now)
        parts.append(part)
    return parts, left


def _resolve(scope: Scope, item: Any, applied: int, left: int, now: datetime) -> None:
    item.amount_cents, item.status, item.resolved_at, item.updated_at = applied, "applied", now, now
    item.save(force_update=True)
    if left:
        SuspenseItem.objects.create(
            org_id=scope.org_id,
            id=new_id(),
            payment_id=item.payment_id,
            amount_cents=left,
            currency=item.currency,
            reason=item.reason,
            status="open",
            reference_text=item.reference_text,
            created_at=item.created_at,
            updated_at=now,
        )


def _on_account(
    scope: Scope, payment: Any, invoice: Any, account: Any, applied: int, actor: str | None,
    now: datetime,
) -> None:  # fmt: skip
    """The payment, the invoice and the account after it."""
    payment.unapplied_cents -= applied
    payment.status = "allocated" if payment.unapplied_cents else "split"
    payment.lock_version += 1
    payment.updated_at = now
    payment.save(force_update=True)
    applying.settle(scope, invoice, applied, kind="invoice.payment", actor=actor, now=now)
    account.unapplied_cents -= applied
    applying.restand(scope, account, now)
