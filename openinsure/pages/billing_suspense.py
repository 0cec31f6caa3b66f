"""/billing/suspense: money that waits, and putting it on an invoice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from openinsure.authz.decorators import allow
from openinsure.billing.dues_rows import SuspenseRow, SuspenseTotal
from openinsure.billing.operations.suspense import match_suspense
from openinsure.billing.queries import dues, payments
from openinsure.billing.sections import sections
from openinsure.console import forms
from openinsure.console.columns import Column
from openinsure.console.filters import OneOf, Option
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.money import format_cents
from openinsure.console.regions import region
from openinsure.console.rendering import render_list
from openinsure.console.request import ConsoleRequest
from openinsure.jobs.billing_terms import terms_for
from openinsure.pages.claim_form import choice
from openinsure.pages.dues_lists import dues_source, summed
from openinsure.pages.money_form import Audited, Step, serve
from openinsure.pages.settling_acts import actor
from openinsure.pages.settling_steps import may_edit
from openinsure.problems import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspenseLine(SuspenseRow):
    """An item with the payment it came with, and where to put it."""

    payment: str | None
    payer: str | None
    policy_number: str | None
    href: str


LIST = ListPage(
    name="billing.suspense",
    title="Suspense",
    noun="item",
    nouns="items in suspense",
    columns=(
        Column(name="payment", label="Payment", kind="code"),
        Column(name="payer", label="Payer", clip=True, narrow=False),
        Column(name="policy_number", label="Policy", kind="code", narrow=False),
        Column(name="amount_cents", label="Amount", kind="money"),
        Column(name="status", label="Status", kind="badge"),
        Column(name="reason", label="Reason", clip=True, narrow=False),
        Column(name="since", label="Waiting since", kind="instant", sort="descending"),
        Column(name="resolved_at", label="Resolved", kind="instant", shown=False),
        Column(name="reference", label="Reference", shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-since",
    filters=(
        OneOf(
            "status",
            "Status",
            (Option("open", "Open"), Option("applied", "Applied"), Option("reversed", "Reversed")),
            many=True,
        ),
    ),
    href=lambda row: row.href,
    empty="Money appears here when a payment is more than its account owes.",
)
TOTALS = region(
    "totals", "Waits in suspense", "Nothing waits in suspense",
    currency="Currency|code", items="Items|count", amount_cents="Amount|money",
    links={"amount_cents": "source"},
)  # fmt: skip


@require_GET
@allow("ledger.view")
def suspense_list(request: ConsoleRequest) -> HttpResponse:
    """Money that waits, the newest first; the sum equals account 2050."""
    scope, asked = request.scope, ask(request, LIST)
    edits = may_edit(request)

    def lines(rows: Sequence[SuspenseRow]) -> Iterator[SuspenseLine]:
        known = dues.payments_of(scope, {row.payment_id for row in rows})
        return (_line(row, known, edits) for row in rows)

    source = dues_source(scope, dues.SUSPENSE, _where, lines)
    note = "The sum is account 2050 of the journal and SUSPENSE of the ledger."
    return render_list(
        request,
        asked,
        source,
        template="billing/list.html",
        tabs=sections(request),
        summary=summed(TOTALS, lambda: map(_total, dues.suspense_totals(scope)), note),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def match(request: ConsoleRequest, number: str, item_id: str) -> HttpResponse:
    """Put an item of a payment on an open invoice of its account."""
    scope = request.scope
    payment = payments.get_payment(scope, number)
    item = dues.suspense_item(scope, item_id, payment.id)
    if item is None:
        raise NotFound("suspense item", item_id[:40])
    account_id, policy_id = dues.account_of_payment(scope, payment.id)

    def run(sent: Mapping[str, str]) -> Any:
        return match_suspense(
            scope,
            once=forms.once(request, sent),
            item_id=item_id,
            invoice_number=sent.get("invoice", ""),
            terms=terms_for(scope, policy_id),
            actor_user_id=actor(request),
            now=timezone.now(),
        )

    def step() -> Step:
        offered = tuple(
            (one.number, f"{one.number}, {format_cents(one.balance_cents, item.currency)} open")
            for one in dues.open_invoices(scope, account_id)
        )
        return Step(
            title="Put suspense on an invoice",
            button="Apply",
            crumb=("Suspense", url("billing.suspense")),
            back=url("billing.suspense"),
            number=payment.number,
            facts=(
                ("Waits", format_cents(item.amount_cents, item.currency)),
                ("Payer", payment.payer or ""),
                ("Reason", item.reason or ""),
            ),
            fields=(
                choice("invoice", "Invoice", offered or (("", "Nothing open on this account"),),
                       "What is more than it owes waits on"),
            ),
        )  # fmt: skip

    audited = Audited("suspense.applied", "suspense_items", item_id, payment.number)
    return serve(request, step, audited, run)


def _total(row: SuspenseTotal) -> SuspenseTotal:
    return replace(row, source=url("ledger.journal", account="2050"))


def _where(asked: Ask) -> dict[str, Any]:
    return {"status": asked.many("status")} if asked.many("status") else {}


def _line(row: SuspenseRow, known: Mapping[str, Any], edits: bool) -> SuspenseLine:
    came = known.get(row.payment_id)
    number = came.number if came else None
    href = url("billing.payment", number) if number else ""
    if number and edits and row.status == "open":
        href = url("billing.match", number, row.id)
    return SuspenseLine(
        **asdict(row),
        payment=number,
        payer=came.payer if came else None,
        policy_number=came.policy_number if came else None,
        href=href,
    )


urlpatterns = [
    path("billing/suspense", suspense_list, name="billing.suspense"),
    path("billing/payments/<str:number>/suspense/<str:item_id>/applications", match,
         name="billing.match"),
]  # fmt: skip
