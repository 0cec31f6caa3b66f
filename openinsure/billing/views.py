"""HTTP of the billing lists and of one invoice and one payment: parse, one call down, render."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache, partial
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.billing import filters
from openinsure.billing.life import PAYMENT
from openinsure.billing.queries import invoices, lists, origins, payments
from openinsure.billing.rows import InvoiceRow, Split
from openinsure.billing.sections import sections
from openinsure.console import links
from openinsure.console.columns import Column
from openinsure.console.details import DetailAsk, ask_detail
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.panels import Panel, load_together
from openinsure.console.rendering import Source, render_detail, render_list
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.problems import NotFound
from openinsure.tenancy.listing import Page
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading

NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{0,39}")
LIST_TEMPLATE = "billing/list.html"
Reads = Mapping[str, Callable[[], Reading[Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine(InvoiceRow):
    """A row of the list. days_late: since the due date, None unless overdue."""

    days_late: int | None

    @classmethod
    def of(cls, row: InvoiceRow, today: date) -> InvoiceLine:
        """The row as seen on a day."""
        late = (today - row.due_date).days if row.status == "overdue" else None
        return cls(**{f.name: getattr(row, f.name) for f in fields(row)}, days_late=late)


INVOICES = ListPage(
    name="billing.invoices",
    title="Invoices",
    noun="invoice",
    nouns="invoices",
    columns=(
        Column(name="number", label="Invoice", kind="code", sort="descending"),
        Column(name="policy_number", label="Policy", kind="code", narrow=False),
        Column(name="status", label="Status", kind="badge"),
        Column(name="issue_date", label="Issued", kind="day", sort="descending", narrow=False),
        Column(name="due_date", label="Due", kind="day", sort="descending"),
        Column(name="days_late", label="Days late", kind="count", narrow=False),
        Column(name="total_cents", label="Amount", kind="money", sort="descending", narrow=False),
        Column(name="paid_cents", label="Paid", kind="money", narrow=False),
        Column(name="balance_cents", label="Balance", kind="money", sort="descending"),
        Column(name="updated", label="Changed", kind="instant", sort="descending", shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-updated",
    filters=filters.INVOICE_FILTERS,
    views=filters.INVOICE_VIEWS,
    href=lambda row: url("billing.invoice", row.number),
    search=filters.INVOICE_SEARCH,
    empty="An invoice appears here once an installment of a bound policy is billed.",
)
PAYMENTS = ListPage(
    name="billing.payments",
    title="Payments",
    noun="payment",
    nouns="payments",
    columns=(
        Column(name="number", label="Payment", kind="code", sort="descending"),
        Column(name="policy_number", label="Policy", kind="code", narrow=False),
        Column(name="payer", label="Payer", clip=True, sort="ascending", narrow=False),
        Column(name="method", label="Method", kind="code", narrow=False),
        Column(name="status", label="Status", kind="badge"),
        Column(name="received_at", label="Received", kind="instant", sort="descending"),
        Column(name="settled", label="Deposited", kind="day", narrow=False),
        Column(name="amount_cents", label="Amount", kind="money", sort="descending"),
        Column(name="unapplied_cents", label="Unapplied", kind="money", narrow=False),
        Column(name="check_number", label="Check", kind="code", shown=False),
        Column(name="updated", label="Changed", kind="instant", sort="descending", shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-received_at",
    filters=filters.PAYMENT_FILTERS,
    views=filters.PAYMENT_VIEWS,
    href=lambda row: url("billing.payment", row.number),
    search=filters.PAYMENT_SEARCH,
    empty="A payment appears here once money is received for a policy.",
)
INVOICE_TABS = {"overview": "Overview", "history": "History", "books": "Journal and ledger"}
PAYMENT_TABS = {"overview": "Overview", "books": "Journal and ledger"}


@require_GET
@allow("billing.view")
def invoice_list(request: ConsoleRequest) -> HttpResponse:
    """The organisation's invoices."""
    asked, today = ask(request, INVOICES), timezone.now().date()

    def read(wanted: Ask) -> Page[InvoiceLine]:
        where = filters.invoices_where(wanted, today=today)
        page = lists.list_invoices(request.scope, where, wanted)
        rows = tuple(InvoiceLine.of(row, today) for row in page.rows)
        return Page(rows, page.next, page.previous, page.searched_to)

    source = Source(
        read=read,
        count=lambda wanted: lists.count_invoices(
            request.scope, filters.invoices_where(wanted, today=today), wanted
        ),
        peek=lambda key: InvoiceLine.of(lists.get_invoice_row(request.scope, key), today),
        peek_template="billing/_invoice_peek.html",
    )
    return render_list(request, asked, source, template=LIST_TEMPLATE, tabs=sections(request))


@require_GET
@allow("billing.view")
def payment_list(request: ConsoleRequest) -> HttpResponse:
    """The organisation's payments."""
    asked = ask(request, PAYMENTS)
    source = Source(
        read=lambda wanted: lists.list_payments(
            request.scope, filters.payments_where(wanted), wanted
        ),
        count=lambda wanted: lists.count_payments(
            request.scope, filters.payments_where(wanted), wanted
        ),
        peek=partial(lists.get_payment_row, request.scope),
        peek_template="billing/_payment_peek.html",
    )
    return render_list(request, asked, source, template=LIST_TEMPLATE, tabs=sections(request))


@require_GET
@allow("billing.view")
def invoice_detail(request: ConsoleRequest, number: str) -> HttpResponse:
    """One invoice: lines, split, payments; its history; its journal and transfers."""
    asked = ask_detail(request, tabs=tuple(INVOICE_TABS), noun="the page of an invoice")
    found = invoices.get_invoice(request.scope, known("invoice", number))
    paid = partial(invoices.list_allocations, request.scope, invoice_id=found.id)
    reads: dict[str, Reads] = {
        "overview": {
            "lines": partial(invoices.list_lines, request.scope, found.id),
            "payments": paid,
        },
        "history": {
            "reminders": partial(invoices.list_reminders, request.scope, found.id),
            "events": partial(invoices.list_events, request.scope, found.id),
        },
        "books": books_of(request.scope, origins.sources_of_invoice(request.scope, found.id)),
    }
    panels = loaded(request, asked, reads)
    return render_detail(
        request,
        "billing/invoice.html",
        row=found,
        panels=panels,
        split=split_shown(panels.get("payments"), found.paid_cents),
        acts={
            "issue": found.status == "draft" and "billing.edit" in request.rights,
            "send": found.status not in ("draft", "void") and "note.add" in request.rights,
        },
        tab=asked.tab or "overview",
        tabs=tab_links(request, INVOICE_TABS),
    )


@require_GET
@allow("billing.view")
def payment_detail(request: ConsoleRequest, number: str) -> HttpResponse:
    """One payment: how it was applied and split, its reversal, its journal and transfers."""
    asked = ask_detail(request, tabs=tuple(PAYMENT_TABS), noun="the page of a payment")
    found = payments.get_payment(request.scope, known("payment", number))
    reads: dict[str, Reads] = {
        "overview": {
            "allocations": partial(invoices.list_allocations, request.scope, payment_id=found.id),
            "reversals": partial(payments.list_reversals, request.scope, found.id),
        },
        "books": books_of(request.scope, origins.sources_of_payment(request.scope, found.id)),
    }
    panels = loaded(request, asked, reads)
    applied = 0 if found.reversed_at else found.amount_cents - found.unapplied_cents
    return render_detail(
        request,
        "billing/payment.html",
        row=found,
        panels=panels,
        split=split_shown(panels.get("allocations"), applied),
        reversible="billing.edit" in request.rights and "reversed" in PAYMENT.allowed(found.status),
        tab=asked.tab or "overview",
        tabs=tab_links(request, PAYMENT_TABS),
    )


def known(noun: str, number: str) -> str:
    """A number of the right shape. Raises NotFound: nothing else can exist."""
    if not NUMBER.fullmatch(number):
        raise NotFound(noun, number[:40])
    return number


def books_of(scope: Scope, sources: Iterable[str]) -> Reads:
    """Journal and transfers of the objects that `sources` names, which is read once."""
    ids = cache(lambda: tuple(sources))
    return {
        "journal": lambda: payments.list_journal(scope, ids()),
        "transfers": lambda: payments.list_transfers(scope, ids()),
    }


def loaded(
    request: ConsoleRequest, asked: DetailAsk, reads: Mapping[str, Reads]
) -> dict[str, Panel]:
    """The panels of the open tab; a program that names no tab gets all of them."""
    every = wants_json(request) and not asked.tab
    shown = tuple(reads) if every else (asked.tab or "overview",)
    return load_together(
        {name: (name.capitalize(), read) for tab in shown for name, read in reads[tab].items()}
    )


def split_shown(panel: Panel | None, collected_cents: int) -> Split | None:
    """The split of the allocations shown; None while they are not."""
    if panel is None or panel.state == "unavailable":
        return None
    return invoices.split_of(panel.rows, collected_cents)


def tab_links(
    request: ConsoleRequest, tabs: Mapping[str, str]
) -> tuple[tuple[str, str, str, None], ...]:
    """key, word, address and no count of each tab."""
    return tuple(
        (key, word, links.query(request, tab=None if key == "overview" else key), None)
        for key, word in tabs.items()
    )
