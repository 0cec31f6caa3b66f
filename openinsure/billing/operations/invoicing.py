"""Issuing invoices: a draft, or the next installment; receivable against its contra; sent.

1200 premium billed / 2900 contra (domain.md 5.4), in the transaction of the status.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openinsure.billing.life import INVOICE, status_of
from openinsure.billing.models import (
    BillingSchedule,
    Installment,
    Invoice,
    InvoiceEvent,
    InvoiceLine,
)
from openinsure.billing.operations import applying
from openinsure.billing.operations.journal import post_entry
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.postings import Line
from openinsure.console.forms import FIELD, Once
from openinsure.console.words import spoken
from openinsure.keyspaces.ids import new_id
from openinsure.money.taxes import Tax, split_tax
from openinsure.problems import BadForm, Conflict, NotFound
from openinsure.tenancy.scope import Scope

ISSUED, QUEUED = "invoice.issued", "invoice.queued"
SENT, SENT_AGAIN = "invoice.sent", "invoice.resent"
DRAFT, PENDING = "draft", "pending"


@dataclass(frozen=True, slots=True)
class Issued:
    """An invoice and what it asks for. repeated: the same form had issued or sent it before."""

    invoice_id: str
    number: str
    total_cents: int
    repeated: bool


def issue_invoice(
    scope: Scope, *, once: Once, number: str, actor_user_id: str | None, now: datetime
) -> Issued:
    """Issue a draft. Raises NotFound, IllegalTransition; Conflict if its lines miss the total."""

    def work() -> Issued:
        invoice = _locked(scope, number)
        account = applying.locked_account(scope, id=invoice.billing_account_id)
        if stands(scope, once.id):
            return Issued(invoice.id, number, invoice.total_cents, True)
        INVOICE.check(invoice.status, "issued")
        _sums(scope, invoice)
        invoice.issue_date = now.date()
        _issue(scope, once, invoice, account, actor_user_id, now)
        return Issued(invoice.id, number, invoice.total_cents, False)

    return in_transaction(work)


def bill_installment(
    scope: Scope,
    *,
    once: Once,
    account_number: str,
    installment_id: str,
    number: str,
    taxes: Sequence[Tax],
    actor_user_id: str | None,
    now: datetime,
) -> Issued:
    """Invoice a pending installment. number: of the new invoice (unused by a repeat).

    taxes: the policy's rates, by which its tax is one line for the state and one for the office.
    Raises NotFound; Conflict for an installment that is billed, paid or waived.
    """

    def work() -> Issued:
        account = applying.locked_account(scope, account_number=account_number)
        standing = Invoice.objects.within(scope).filter(id=once.id).first()
        if standing is not None:
            if standing.billing_account_id != account.id:
                raise BadForm({FIELD: "was used for another change; open the form again"})
            return Issued(standing.id, standing.invoice_number, standing.total_cents, True)
        rows = Installment.objects.within(scope).select_for_update()
        due = rows.filter(id=installment_id, billing_account_id=account.id).first()
        if due is None:
            raise NotFound("installment")
        if due.status != PENDING:
            told = f"Installment {due.seq} is {spoken(due.status)}"
            raise Conflict(f"{told}; only a pending one is billed.")
        names = ("due_date", "premium_cents", "fee_cents", "tax_cents", "total_cents", "currency")
        amounts = {name: getattr(due, name) for name in names}
        amounts["balance_cents"] = due.total_cents
        invoice = _draft(scope, once, number, account, amounts, now)
        _lines(scope, invoice, components(scope, due, taxes), due.id, now)
        due.invoice_id, due.invoiced_at, due.status = invoice.id, now, "invoiced"
        due.updated_at = now
        due.save()
        _issue(scope, once, invoice, account, actor_user_id, now)
        return Issued(invoice.id, number, invoice.total_cents, False)

    return in_transaction(work)


def record_delivery(
    scope: Scope, *, once: Once, number: str, actor_user_id: str | None, now: datetime
) -> Issued:
    """Record that an invoice goes out again. Raises NotFound; Conflict for a draft or void one."""

    def work() -> Issued:
        invoice = _locked(scope, number)
        if stands(scope, once.id):
            return Issued(invoice.id, number, invoice.total_cents, True)
        if invoice.status in (DRAFT, "void"):
            raise Conflict(f"This invoice is {spoken(invoice.status)}; it is not sent to anybody.")
        applying.record_event(
            scope, invoice, QUEUED, invoice.status, 0, actor_user_id, now, event_id=once.id
        )
        return Issued(invoice.id, number, invoice.total_cents, False)

    return in_transaction(work)


def mark_delivered(scope: Scope, invoice_id: str, *, now: datetime) -> None:
    """The letter of an invoice went."""

    def work() -> None:
        rows = Invoice.objects.within(scope).select_for_update()
        invoice = rows.filter(id=invoice_id).first()
        if invoice is None:
            return
        kind = SENT_AGAIN if invoice.sent_at else SENT
        invoice.sent_at, invoice.updated_at = now, now
        invoice.save(update_fields=["sent_at", "updated_at"])
        applying.record_event(scope, invoice, kind, invoice.status, 0, None, now)

    in_transaction(work)


def stands(scope: Scope, event_id: str) -> bool:
    """Whether the event of a form was recorded."""
    return bool(InvoiceEvent.objects.within(scope).filter(id=event_id).exists())


def _issue(
    scope: Scope, once: Once, invoice: Any, account: Any, actor: str | None, now: datetime
) -> None:
    """Status, history and the entry of an invoice whose lines stand."""
    invoice.status = status_of(
        total_cents=invoice.total_cents, paid_cents=0, due=invoice.due_date, on=now.date()
    )
    invoice.balance_cents = invoice.total_cents
    invoice.lock_version += 1
    invoice.updated_at = now
    invoice.save()
    applying.record_event(
        scope, invoice, ISSUED, DRAFT, invoice.total_cents, actor, now, event_id=once.id
    )
    applying.restand(scope, account, now)
    post_entry(
        scope,
        once=once,
        entry_date=invoice.issue_date,
        source_type="invoice",
        source_id=invoice.id,
        lines=[
            Line(account="1200", cents=invoice.total_cents, policy_id=invoice.policy_id),
            Line(account="2900", cents=-invoice.total_cents, policy_id=invoice.policy_id),
        ],
        transfers=[],
        now=now,
        description=f"Invoice {invoice.invoice_number}",
        actor_user_id=actor,
    )


def _draft(
    scope: Scope, once: Once, number: str, account: Any, amounts: Mapping[str, Any], now: datetime
) -> Invoice:
    """An invoice without its lines. amounts: its columns of money and its due date."""
    invoice = Invoice(
        org_id=scope.org_id,
        id=once.id,
        invoice_number=number,
        billing_account_id=account.id,
        policy_id=account.policy_id,
        policy_number=account.policy_number,
        producer_id=account.producer_id,
        status=DRAFT,
        issue_date=now.date(),
        delivery_method="email",
        created_at=now,
        updated_at=now,
        **amounts,
    )
    invoice.save(force_insert=True)
    return invoice


def _lines(
    scope: Scope, invoice: Invoice, parts: Sequence[tuple[str, int]], installment_id: str | None,
    now: datetime,
) -> None:  # fmt: skip
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            org_id=scope.org_id,
            id=new_id(),
            invoice_id=invoice.id,
            line_no=place,
            component=component,
            amount_cents=cents,
            currency=invoice.currency,
            installment_id=installment_id,
            created_at=now,
            updated_at=now,
        )
        for place, (component, cents) in enumerate(parts, 1)
    )


def bill_change(
    scope: Scope, *, once: Once, account: Any, number: str, parts: Sequence[tuple[str, int]],
    due_date: date, actor: str | None, now: datetime,
) -> Invoice:  # fmt: skip
    """Bill at once what a change of the policy added, by component, on the locked account.

    The invoice has the form's id. Inside the caller's transaction.
    """
    ordered = sorted(parts, key=lambda part: applying.COMPONENTS[part[0]])
    sums = {"premium_cents": 0, "tax_cents": 0, "fee_cents": 0}
    for component, cents in ordered:
        sums[applying.CREDITED.get(component, "fee_cents")] += cents
    total = sum(sums.values())
    amounts = {**sums, "total_cents": total, "balance_cents": total, "due_date": due_date,
               "currency": account.currency}  # fmt: skip
    invoice = _draft(scope, once, number, account, amounts, now)
    _lines(scope, invoice, ordered, None, now)
    _issue(scope, once, invoice, account, actor, now)
    return invoice


def installment_parts(
    scope: Scope, installment_id: str, taxes: Sequence[Tax]
) -> list[tuple[str, int]]:
    """What invoicing an installment would ask for, by component. Raises NotFound."""
    due = Installment.objects.within(scope).filter(id=installment_id).first()
    if due is None:
        raise NotFound("installment")
    return components(scope, due, taxes)


def components(scope: Scope, due: Any, taxes: Sequence[Tax]) -> list[tuple[str, int]]:
    """What an installment asks for, without parts of nothing, in the order of application.

    Its tax is the whole plan's; the service office's part of it is one line, the rest another.
    """
    fee, taxed = "policy_fee" if due.seq == 1 else "installment_fee", []
    if due.tax_cents:
        plan = BillingSchedule.objects.within(scope).filter(id=due.billing_schedule_id)
        base = plan.values_list("premium_cents", flat=True).first() or due.premium_cents
        fees = due.fee_cents if due.seq == 1 else 0
        taxed = split_tax(taxes, tax_cents=due.tax_cents, premium_cents=base, fees_cents=fees)
    parts = (*taxed, (fee, due.fee_cents), ("premium", due.premium_cents))
    return [(component, cents) for component, cents in parts if cents]


def _sums(scope: Scope, invoice: Any) -> None:
    lines = InvoiceLine.objects.within(scope).filter(invoice_id=invoice.id)
    total = sum(lines.values_list("amount_cents", flat=True))
    if total != invoice.total_cents:
        raise Conflict("The lines of this draft do not sum to its total, so it cannot be issued.")


def _locked(scope: Scope, number: str) -> Any:
    rows = Invoice.objects.within(scope).select_for_update()
    invoice = rows.filter(invoice_number=number).first()
    if invoice is None:
        raise NotFound("invoice", number)
    return invoice
