"""HTTP of one receivable account and of the list of holds."""

from __future__ import annotations

from datetime import date
from functools import partial

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.billing.account_rows import Account
from openinsure.billing.queries import accounts, holds
from openinsure.billing.queries.origins import sources_of_account
from openinsure.billing.sections import sections
from openinsure.billing.views import LIST_TEMPLATE, Reads, books_of, known, loaded, tab_links
from openinsure.console.columns import Column
from openinsure.console.details import ask_detail
from openinsure.console.links import url
from openinsure.console.lists import ListPage, ask
from openinsure.console.rendering import Source, render_detail, render_list
from openinsure.console.request import ConsoleRequest
from openinsure.tenancy.scope import Scope

TABS = {
    "overview": "Statement",
    "schedule": "Installments",
    "holds": "Holds, fees, refunds",
    "books": "Journal and ledger",
}
HOLDS = ListPage(
    name="billing.holds",
    title="Billing holds",
    noun="hold",
    nouns="holds",
    columns=(
        Column(name="account_number", label="Account", kind="code"),
        Column(name="policy_number", label="Policy", kind="code", narrow=False),
        Column(name="payer", label="Payer", clip=True, narrow=False),
        Column(name="status", label="Status", kind="badge"),
        Column(name="scope", label="Holds", kind="code", narrow=False),
        Column(name="reason", label="Reason", clip=True),
        Column(name="starts_on", label="From", kind="day", sort="descending", narrow=False),
        Column(name="ends_on", label="To", kind="day"),
        Column(name="released_at", label="Lifted", kind="instant", shown=False),
    ),
    default_sort="-starts_on",
    href=lambda row: url("billing.account", row.account_number, tab="holds"),
    empty="A hold appears here when somebody stops the reminders and notices of an account.",
)


@require_GET
@allow("billing.view")
def account_detail(request: ConsoleRequest, number: str) -> HttpResponse:
    """One account: statement with running balance, schedule, holds and fees."""
    asked = ask_detail(request, tabs=tuple(TABS), noun="the page of a billing account")
    found = accounts.get_account(request.scope, known("billing account", number))
    on = asked.as_of or timezone.now().date()
    panels = loaded(request, asked, reads_of(request.scope, found, on))
    return render_detail(
        request,
        "billing/account.html",
        row=found,
        panels=panels,
        on=on,
        may_edit="billing.edit" in request.rights,
        tab=asked.tab or "overview",
        tabs=tab_links(request, TABS),
    )


def reads_of(scope: Scope, found: Account, on: date) -> dict[str, Reads]:
    """How each tab is read."""
    fees = accounts.fees_of(scope, found.id)
    return {
        "overview": {
            "statement": partial(accounts.list_statement, scope, found, upto=on, fees=fees)
        },
        "schedule": {"installments": partial(accounts.list_installments, scope, found.id)},
        "holds": {
            "holds": partial(accounts.list_holds, scope, found.id, on=on),
            "fees": partial(accounts.list_fees, fees),
            "refunds": partial(accounts.list_refunds, scope, found.id),
        },
        "books": books_of(scope, sources_of_account(scope, found.id)),
    }


@require_GET
@allow("billing.view")
def hold_list(request: ConsoleRequest) -> HttpResponse:
    """Holds of the organisation, those that stand first by their start."""
    asked, today = ask(request, HOLDS), timezone.now().date()
    source = Source(read=lambda wanted: holds.list_holds(request.scope, wanted, on=today))
    return render_list(request, asked, source, template=LIST_TEMPLATE, tabs=sections(request))
