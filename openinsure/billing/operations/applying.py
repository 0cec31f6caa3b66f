"""Moving cents on and off invoice lines: lines, invoices, history, installments, account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Sum

from openinsure.billing.life import PAYABLE, status_of
from openinsure.billing.models import (
    BillingAccount,
    Installment,
    Invoice,
    InvoiceEvent,
    InvoiceLine,
    PaymentAllocation,
)
from openinsure.billing.queries.earning import carrier_earned
from openinsure.billing.receipts import Terms
from openinsure.keyspaces.ids import new_id
from openinsure.money.allocation import Component
from openinsure.problems import Conflict, NotFound
from openinsure.tenancy.scope import Scope

COMPONENTS = {
    "prior_balance": Component.PRIOR_BALANCE,
    "tax": Component.TAX,
    "stamping_fee": Component.TAX,
    "late_fee": Component.NSF_OR_LATE_FEE,
    "nsf_fee": Component.NSF_OR_LATE_FEE,
    "installment_fee": Component.INSTALLMENT_FEE,
    "policy_fee": Component.POLICY_FEE,
    "premium": Component.PREMIUM,
}
# The columns of an invoice that hold a component; every other one is a fee.
CREDITED = {"premium": "premium_cents", "tax": "tax_cents", "stamping_fee": "tax_cents"}


@dataclass(frozen=True, slots=True)
class Collected:
    """Net of returns, cents: premium and its carrier leg."""

    premium_cents: int
    carrier_cents: int


def locked_account(scope: Scope, **where: str) -> Any:
    """An account, locked until the transaction ends. Raises NotFound."""
    row = BillingAccount.objects.within(scope).select_for_update().filter(**where).first()
    if row is None:
        raise NotFound("billing account", where.get("account_number", ""))
    return row


def open_lines(scope: Scope, account_id: str, *, lock: bool = True) -> list[tuple[Any, Any]]:
    """(line, invoice) with something open, oldest invoice first; invoices locked unless told."""
    rows = Invoice.objects.within(scope)
    if lock:
        rows = rows.select_for_update()
    payable = rows.filter(billing_account_id=account_id, status__in=PAYABLE)
    invoices = {row.id: row for row in payable.order_by("due_date", "id")}
    lines = InvoiceLine.objects.within(scope).filter(invoice_id__in=list(invoices))
    places = {key: place for place, key in enumerate(invoices)}
    found = [row for row in lines if row.amount_cents > row.paid_cents]
    found.sort(key=lambda row: (places[row.invoice_id], row.line_no))
    return [(row, invoices[row.invoice_id]) for row in found]


def collected(scope: Scope, policy_id: str) -> Collected:
    """What was collected of a policy's premium so far."""
    sums = (
        PaymentAllocation.objects.within(scope)
        .filter(policy_id=policy_id, component="premium")
        .aggregate(premium=Sum("amount_cents"), carrier=Sum("carrier_cents"))
    )
    return Collected(int(sums["premium"] or 0), int(sums["carrier"] or 0))


def earned_so_far(scope: Scope, terms: Terms) -> Terms:
    """The terms with what the nightly runs earned, read under the account's lock.

    A run locks the accounts of the policies it earns, so both see each other whole.
    """
    if terms.carrier_earned_cents is not None:
        return terms
    return replace(terms, carrier_earned_cents=carrier_earned(scope, terms.policy_id))


def unchanged(account: Any, version: int | None) -> None:
    """Raises Conflict if a locked account moved on since a form showed it."""
    if version is not None and account.lock_version != version:
        raise Conflict("This account changed since the form was opened. Check the figures again.")


def move(line: Any, cents: int, now: datetime) -> None:
    """Pay a line, or take back from it."""
    line.paid_cents += cents
    line.updated_at = now
    line.save(update_fields=["paid_cents", "updated_at"])


def settle(
    scope: Scope, invoice: Any, cents: int, *, kind: str, actor: str | None, now: datetime,
    total_change_cents: int = 0,
) -> None:  # fmt: skip
    """Move an invoice's paid amount (and total), its status, history and installment."""
    before = invoice.status
    invoice.paid_cents += cents
    invoice.fee_cents += total_change_cents
    invoice.total_cents += total_change_cents
    owed = invoice.total_cents - invoice.written_off_cents
    invoice.balance_cents = owed - invoice.paid_cents
    invoice.status = status_of(
        total_cents=owed, paid_cents=invoice.paid_cents, due=invoice.due_date, on=now.date()
    )
    invoice.lock_version += 1
    invoice.updated_at = now
    invoice.save()
    record_event(scope, invoice, kind, before, cents or total_change_cents, actor, now)
    installments = Installment.objects.within(scope).filter(invoice_id=invoice.id)
    state = invoice.status if invoice.status in ("paid", "overdue") else "invoiced"
    installments.update(
        status=state,
        paid_cents=min(invoice.paid_cents, invoice.total_cents),
        paid_at=now if state == "paid" else None,
        updated_at=now,
    )


def credit_line(
    scope: Scope, invoice: Any, component: str, cents: int, *, kind: str, actor: str | None,
    now: datetime,
) -> None:  # fmt: skip
    """Take cents off an invoice that is open for at least as much; its line is the caller's."""
    before = invoice.status
    column = CREDITED.get(component, "fee_cents")
    setattr(invoice, column, getattr(invoice, column) - cents)
    invoice.total_cents -= cents
    owed = invoice.total_cents - invoice.written_off_cents
    invoice.balance_cents = owed - invoice.paid_cents
    invoice.status = status_of(
        total_cents=owed, paid_cents=invoice.paid_cents, due=invoice.due_date, on=now.date()
    )
    invoice.lock_version += 1
    invoice.updated_at = now
    invoice.save()
    record_event(scope, invoice, kind, before, -cents, actor, now)


def record_event(
    scope: Scope, invoice: Any, kind: str, before: str, cents: int, actor: str | None,
    now: datetime, *, event_id: str = "",
) -> None:  # fmt: skip
    """Append to an invoice's history; the invoice is locked, so its numbers have no gap.

    event_id: of the form that caused it, by which a repeat is known.
    """
    rows = InvoiceEvent.objects.within(scope).filter(invoice_id=invoice.id)
    last = rows.order_by("-seq", "-id").values_list("seq", flat=True).first()
    InvoiceEvent.objects.create(
        org_id=scope.org_id,
        id=event_id or new_id(),
        invoice_id=invoice.id,
        seq=(last or 0) + 1,
        event_type=kind,
        from_status=before,
        to_status=invoice.status,
        amount_cents=cents,
        currency=invoice.currency,
        actor_user_id=actor,
        occurred_at=now,
        created_at=now,
    )


def restand(scope: Scope, account: Any, now: datetime) -> None:
    """The account's standing, from its open invoices; saves the account."""
    rows: Iterable[Any] = (
        Invoice.objects.within(scope)
        .filter(billing_account_id=account.id, status__in=PAYABLE)
        .order_by("due_date", "id")
    )
    found = list(rows)
    late = [row for row in found if row.due_date < now.date()]
    coming = next((row for row in found if row.due_date >= now.date()), None)
    account.balance_cents = sum(row.balance_cents for row in found)
    account.past_due_cents = sum(row.balance_cents for row in late)
    account.delinquency_stage = "overdue" if late else "none"
    account.next_due_date = coming.due_date if coming else None
    account.next_due_cents = coming.balance_cents if coming else 0
    account.lock_version += 1
    account.updated_at = now
    account.save()
