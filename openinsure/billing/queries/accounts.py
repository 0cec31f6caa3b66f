"""Reads of one receivable account: its standing, statement, schedule, holds and fees."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from openinsure.billing.account_rows import Account, FeeRow, HoldRow, InstallmentRow, RefundRow
from openinsure.billing.models import (
    BillingAccount,
    BillingHold,
    FeeCharge,
    Installment,
    Invoice,
    InvoiceEvent,
    Payment,
    Refund,
)
from openinsure.billing.operations.restating import RETURNED
from openinsure.billing.queries.invoices import masked
from openinsure.billing.statement import Entry, StatementLine, statement
from openinsure.console.dates import format_day
from openinsure.problems import NotFound
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, reading

ROWS_MAX = 1_000
Rows = Any  # tuples of one query, or the query
Lines = list[StatementLine]
HEAD = {
    "number": "account_number",
    "payer": "payer_name",
    "plan": "plan_code",
    "opened_at": "created_at",
}
FEE_WORDS = {
    "LATE": "Late fee",
    "NSF": "Returned payment fee",
    "REINSTATEMENT": "Reinstatement fee",
}
NOT_OWED = ("draft", "void")
NOT_RECEIVED = ("created", "processing", "failed")


def get_account(scope: Scope, number: str) -> Account:
    """One account by number. Raises NotFound, for another organisation's number too."""
    columns = [HEAD.get(name, name) for name in Account.__slots__]
    rows = BillingAccount.objects.within(scope).filter(account_number=number)
    values = rows.values_list(*columns).first()
    if values is None:
        raise NotFound("billing account", number)
    row = dict(zip(Account.__slots__, values, strict=True))
    return Account(**{**row, "payer_email": masked(row["payer_email"])})


def payer_address(scope: Scope, account_id: str) -> str:
    """Where the payer's letters go, "" if nothing is on file: used, never shown. One statement."""
    rows = BillingAccount.objects.within(scope).filter(id=account_id)
    return rows.values_list("payer_email", flat=True).first() or ""


def list_statement(
    scope: Scope, account: Account, *, upto: date, fees: Rows = None
) -> Reading[StatementLine]:
    """The statement up to a day (UTC), oldest first. fees: `fees_of` it, if another reads them.

    Five queries.
    """
    key = account.id
    fees = fees_of(scope, key) if fees is None else fees

    def made(charged: Rows, credits: Rows, invoices: Rows, receipts: Rows, refunds: Rows) -> Lines:
        entries = [
            *_billed(invoices, charged, credits),
            *_charged(charged),
            *_received(receipts),
            *_returned(refunds, credits),
        ]
        opened = account.opened_at.date()
        return statement(entries, currency=account.currency, opened=opened, upto=upto)

    queries = (fees, _credits(scope, key), _invoices(scope, key), _receipts(scope, key))
    return Reading((*queries, _refunds(scope, key)), made)


def fees_of(scope: Scope, account_id: str) -> Rows:
    """The fees of an account, oldest first: what statement and `list_fees` share."""
    return (
        FeeCharge.objects.within(scope)
        .filter(billing_account_id=account_id)
        .order_by("charged_on", "id")
        .values_list(
            "id", "fee_code", "amount_cents", "currency", "charged_on", "invoice_id",
            "invoice__invoice_number", "waived_at", "reason",
        )[:ROWS_MAX]
    )  # fmt: skip


def _credits(scope: Scope, account_id: str) -> Rows:
    """Premium taken off invoices again: invoice, its number, day, cents (negative)."""
    return (
        InvoiceEvent.objects.within(scope)
        .filter(event_type=RETURNED, invoice__billing_account_id=account_id)
        .order_by("occurred_at", "id")
        .values_list("invoice_id", "invoice__invoice_number", "occurred_at", "amount_cents")
    )[:ROWS_MAX]


def _refunds(scope: Scope, account_id: str) -> Rows:
    return (
        Refund.objects.within(scope)
        .filter(billing_account_id=account_id)
        .order_by("created_at", "id")
        .values_list("created_at", "updated_at", "issued_at", "status", "amount_cents")[:ROWS_MAX]
    )


def _returned(refunds: Rows, credits: Rows) -> Iterator[Entry]:
    """Return premium, whether it went off an invoice or into a refund, and refunds paid."""
    for _, number, on, cents in credits:
        yield Entry(on.date(), "return_premium", number, "Return premium", cents)
    for created, changed, issued, status, cents in refunds:
        yield Entry(created.date(), "return_premium", "", "Return premium", -cents)
        if status == "issued":
            yield Entry((issued or changed).date(), "refund", "", "Refund paid", cents)
        if status == "voided":
            yield Entry(changed.date(), "return_premium", "", "Refund withdrawn", cents)


def _invoices(scope: Scope, account_id: str) -> Rows:
    return (
        Invoice.objects.within(scope)
        .filter(billing_account_id=account_id)
        .exclude(status__in=NOT_OWED)
        .order_by("issue_date", "id")
        .values_list(
            "id", "invoice_number", "issue_date", "due_date", "total_cents", "written_off_cents",
            "updated_at",
        )[:ROWS_MAX]
    )  # fmt: skip


def _billed(invoices: Rows, fees: Rows, credits: Rows) -> Iterator[Entry]:
    """Invoices as they were sent: without later fees and credits; and what was written off."""
    on_invoice: dict[str, int] = {}
    for invoice_id, _, _, cents in credits:
        on_invoice[invoice_id] = on_invoice.get(invoice_id, 0) + cents
    for _, _, cents, _, _, invoice_id, _, waived_at, _ in fees:
        if invoice_id and waived_at is None:
            on_invoice[invoice_id] = on_invoice.get(invoice_id, 0) + cents
    for key, number, issued, due, total, written_off, updated in invoices:
        yield Entry(
            issued, "invoice", number, f"Due {format_day(due)}", total - on_invoice.get(key, 0)
        )
        if written_off:
            yield Entry(updated.date(), "write_off", number, "Written off", -written_off)


def _charged(fees: Rows) -> Iterator[Entry]:
    for _, code, cents, _, on, invoice_id, number, waived_at, _ in fees:
        if invoice_id is None:
            continue  # not billed yet: it is owed from the invoice that carries it
        words = FEE_WORDS.get(code, code.title())
        yield Entry(on, "fee", number or "", words, cents)
        if waived_at is not None:
            yield Entry(waived_at.date(), "waiver", number or "", f"{words} waived", -cents)


def _receipts(scope: Scope, account_id: str) -> Rows:
    return (
        Payment.objects.within(scope)
        .filter(billing_account_id=account_id)
        .exclude(status__in=NOT_RECEIVED)
        .order_by("received_at", "id")
        .values_list(
            "payment_number", "received_at", "method", "amount_cents", "reversed_at",
            "reversal_reason",
        )[:ROWS_MAX]
    )  # fmt: skip


def _received(receipts: Rows) -> Iterator[Entry]:
    for number, received, method, cents, reversed_at, reason in receipts:
        yield Entry(received.date(), "payment", number, method, -cents)
        if reversed_at is not None:
            yield Entry(reversed_at.date(), "reversal", number, reason or "Reversed", cents)


def list_installments(scope: Scope, account_id: str) -> Reading[InstallmentRow]:
    """The schedule, by sequence."""
    rows = (
        Installment.objects.within(scope)
        .filter(billing_account_id=account_id)
        .order_by("due_date", "seq", "id")
        .values_list(
            "id", "seq", "due_date", "premium_cents", "fee_cents", "tax_cents", "total_cents",
            "paid_cents", "currency", "status", "invoice__invoice_number",
        )[:ROWS_MAX]
    )  # fmt: skip
    return reading(rows, InstallmentRow)


def list_holds(scope: Scope, account_id: str, *, on: date) -> Reading[HoldRow]:
    """Holds of the account, newest first."""
    rows = (
        BillingHold.objects.within(scope)
        .filter(billing_account_id=account_id)
        .order_by("-starts_on", "-id")
        .values_list(*HOLD_COLUMNS)[:ROWS_MAX]
    )
    return reading(rows, lambda *values: hold_row(values, on=on))


HOLD_COLUMNS = (
    "id",
    "billing_account__account_number",
    "billing_account__policy_number",
    "billing_account__payer_name",
    "scope",
    "reason",
    "starts_on",
    "ends_on",
    "released_at",
)


def hold_row(values: Any, *, on: date) -> HoldRow:
    """A hold from its columns: open, scheduled, released or expired on a day."""
    starts, ends, released = values[6], values[7], values[8]
    if released is not None:
        status = "released"
    elif ends is not None and ends < on:
        status = "expired"
    else:
        status = "scheduled" if starts > on else "open"
    return HoldRow(**dict(zip(HoldRow.__slots__, (*values, status), strict=True)))


def list_fees(fees: Rows) -> Reading[FeeRow]:
    """Fees charged beside the plan, oldest first. fees: `fees_of` the account."""
    return reading(
        fees,
        lambda key, code, cents, currency, on, invoice, number, waived, reason: FeeRow(
            key, code, cents, currency, on, number, waived, reason, _fee_status(waived, invoice)
        ),
    )


def list_refunds(scope: Scope, account_id: str) -> Reading[RefundRow]:
    """Refunds of the account, newest first. One query."""
    rows = (
        Refund.objects.within(scope)
        .filter(billing_account_id=account_id)
        .order_by("-created_at", "-id")
        .values_list(
            "id",
            "status",
            "amount_cents",
            "currency",
            "due_date",
            "created_at",
            "updated_at",
            "reason",
        )[:ROWS_MAX]
    )
    return reading(rows, RefundRow)


def _fee_status(waived: Any, invoice_id: str | None) -> str:
    if waived is not None:
        return "waived"
    return "posted" if invoice_id else "pending"
