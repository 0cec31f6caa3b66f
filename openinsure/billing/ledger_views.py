"""HTTP of the ledger's lists: account types, accounts, transfers."""

from __future__ import annotations

import re

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.billing.ledger_rows import LedgerBalance
from openinsure.billing.ledger_sections import ledger_sections
from openinsure.billing.queries import ledger, transfers
from openinsure.console.columns import Column
from openinsure.console.filters import OneOf, Option, Text
from openinsure.console.links import url
from openinsure.console.lists import ListPage, ask
from openinsure.console.rendering import Source, render_list
from openinsure.console.request import ConsoleRequest
from openinsure.console.small_lists import page_of
from openinsure.tenancy.list_sql import Condition

LIST_TEMPLATE = "billing/ledger.html"
NUMBER = re.compile(r"[0-9a-f]{32}")
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
UUID_RULE = "must be the id of a ledger account"
STATUSES = (
    Option("queued", "Queued"),
    Option("sent", "Sent, not answered"),
    Option("posted", "Posted"),
    Option("refused", "Refused"),
    Option("needs_review", "Needs a person"),
)
ACCOUNTS = ListPage(
    name="ledger.accounts",
    title="Ledger",
    noun="account type",
    nouns="account types",
    columns=(
        Column(name="code", label="Code", kind="count", sort="ascending", shown=False),
        Column(name="account_type", label="Account type", kind="code", sort="ascending"),
        Column(name="means", label="Holds", clip=True, narrow=False),
        Column(name="balance_cents", label="Balance", kind="money"),
        Column(name="debits_posted_cents", label="Debits", kind="money", narrow=False),
        Column(name="credits_posted_cents", label="Credits", kind="money", narrow=False),
        Column(name="debits_pending_cents", label="Dr pending", kind="money", narrow=False),
        Column(name="credits_pending_cents", label="Cr pending", kind="money", narrow=False),
        Column(name="latest_transfer_at", label="Last transfer", kind="instant", narrow=False),
        Column(name="read_at", label="Read", kind="instant", shown=False),
        Column(name="purpose", label="For", shown=False),
        Column(name="normal_side", label="Side", kind="code", shown=False),
        Column(name="accounts", label="Accounts", kind="count", shown=False),
        Column(name="clearing", label="Clearing", kind="flag", shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="code",
    href=lambda row: url("ledger.account", row.account_type),
    state="account_type",
)
TRANSFERS = ListPage(
    name="ledger.transfers",
    title="Transfers",
    noun="transfer",
    nouns="transfers",
    columns=(
        Column(name="number", label="Transfer", kind="code"),
        Column(name="status", label="Status", kind="badge"),
        Column(name="code", label="Code", kind="count"),
        Column(name="amount_cents", label="Amount", kind="money"),
        Column(name="source_type", label="Source", kind="code", narrow=False),
        Column(name="queued_at", label="Queued", kind="instant", sort="descending"),
        Column(name="posted_at", label="Posted", kind="instant", narrow=False),
        Column(name="result", label="Answer", kind="code", narrow=False),
        Column(name="source_id", label="Source id", kind="code", shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-queued_at",
    filters=(
        OneOf("status", "Status", STATUSES, many=True),
        Text("debit", "Debits account", UUID, UUID_RULE),
        Text("credit", "Credits account", UUID, UUID_RULE),
    ),
    href=lambda row: url("ledger.transfer", row.number),
    empty="A transfer appears here with every receipt, return, reserve and day of earning.",
)


@require_GET
@allow("ledger.view")
def account_types(request: ConsoleRequest) -> HttpResponse:
    """The nine account types and the clearing ones, as the worker last read them."""
    scope, asked = request.scope, ask(request, ACCOUNTS)

    def value(row: LedgerBalance, sort: str) -> str | int:
        return row.code if sort == "code" else row.account_type

    source = Source(read=lambda wanted: page_of(ledger.list_balances(scope), wanted, value=value))
    return render_list(
        request,
        asked,
        source,
        template=LIST_TEMPLATE,
        tabs=ledger_sections(request),
        waiting=ledger.outbox_state(scope, now=timezone.now()),
    )


@require_GET
@allow("ledger.view")
def transfer_list(request: ConsoleRequest) -> HttpResponse:
    """Transfers, newest first; of one account by the side it is on."""
    scope, asked = request.scope, ask(request, TRANSFERS)
    where: dict[str, Condition] = {"status": asked.many("status")} if asked.many("status") else {}
    for side in ("debit", "credit"):
        if account := asked.one(side):
            where[f"{side}_account_id"] = account
    source = Source(
        read=lambda wanted: transfers.list_transfers(scope, where, wanted),
        count=lambda wanted: transfers.count_transfers(scope, where, wanted),
    )
    return render_list(
        request,
        asked,
        source,
        template=LIST_TEMPLATE,
        tabs=ledger_sections(request),
        waiting=ledger.outbox_state(scope, now=timezone.now()),
    )
