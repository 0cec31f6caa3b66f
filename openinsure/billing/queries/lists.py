"""The lists of invoices and payments: what is read and which index serves each order."""

from __future__ import annotations

from collections.abc import Iterable

from openinsure.billing.filters import Where
from openinsure.billing.models import Invoice, Payment
from openinsure.billing.rows import InvoiceRow, PaymentRow
from openinsure.console.lists import Ask
from openinsure.problems import NotFound
from openinsure.tenancy.listing import (
    Count,
    ListSpec,
    Page,
    Sort,
    count_rows,
    list_page,
    rows_by_key,
)
from openinsure.tenancy.scope import Scope

INVOICES = ListSpec(
    model=Invoice,
    row=InvoiceRow,
    columns={"number": "invoice_number", "updated": "updated_at"},
    sorts={
        "updated": Sort(
            "updated_at",
            "invoices_org_updated_id",
            within={"status": "invoices_org_status_updated_id"},
        ),
        "due_date": Sort(
            "due_date", "invoices_org_due_id", within={"status": "invoices_org_status_due_id"}
        ),
        "issue_date": Sort("issue_date", "invoices_org_issue_id"),
        "number": Sort("invoice_number", "invoices_org_invoice_number_id"),
        "total_cents": Sort("total_cents", "invoices_org_total_id"),
        "balance_cents": Sort("balance_cents", "invoices_org_balance_id"),
    },
)
PAYMENTS = ListSpec(
    model=Payment,
    row=PaymentRow,
    columns={
        "number": "payment_number",
        "payer": "payer_name",
        "settled": "deposit_date",
        "updated": "updated_at",
    },
    sorts={
        "updated": Sort(
            "updated_at",
            "payments_org_updated_id",
            within={"status": "payments_org_status_updated_id"},
        ),
        "received_at": Sort(
            "received_at",
            "payments_org_received_id",
            within={
                "status": "payments_org_status_received_id",
                "method": "payments_org_method_received_id",
            },
        ),
        "number": Sort("payment_number", "payments_org_payment_number_id"),
        "payer": Sort("payer_name_norm", "payments_org_payer_name_id"),
        "amount_cents": Sort("amount_cents", "payments_org_amount_id"),
    },
)


def list_invoices(scope: Scope, where: Where, asked: Ask) -> Page[InvoiceRow]:
    """At most `asked.size` invoices. One statement; what no index serves, two."""
    return list_page(
        scope,
        INVOICES,
        where=where,
        sort=asked.sort,
        descending=asked.descending,
        at=asked.at,
        size=asked.size,
    )


def count_invoices(scope: Scope, where: Where, asked: Ask) -> Count:
    """How many invoices match, counted to 1,000. One statement."""
    return count_rows(scope, INVOICES, where=where, sort=asked.sort)


def get_invoice_row(scope: Scope, invoice_id: str) -> InvoiceRow:
    """One invoice by id. Raises NotFound, for another organisation's id too."""
    row = rows_by_key(scope, INVOICES, [invoice_id]).get(invoice_id)
    if row is None:
        raise NotFound("invoice")
    return row


def list_payments(scope: Scope, where: Where, asked: Ask) -> Page[PaymentRow]:
    """At most `asked.size` payments. One statement; what no index serves, two."""
    return list_page(
        scope,
        PAYMENTS,
        where=where,
        sort=asked.sort,
        descending=asked.descending,
        at=asked.at,
        size=asked.size,
    )


def count_payments(scope: Scope, where: Where, asked: Ask) -> Count:
    """How many payments match, counted to 1,000. One statement."""
    return count_rows(scope, PAYMENTS, where=where, sort=asked.sort)


def payments_by_id(scope: Scope, ids: Iterable[str]) -> dict[str, PaymentRow]:
    """Payments of these ids; what is not of the organisation is absent. One statement."""
    return rows_by_key(scope, PAYMENTS, ids)


def get_payment_row(scope: Scope, payment_id: str) -> PaymentRow:
    """One payment by id. Raises NotFound, for another organisation's id too."""
    row = payments_by_id(scope, [payment_id]).get(payment_id)
    if row is None:
        raise NotFound("payment")
    return row
