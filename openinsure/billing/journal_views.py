"""HTTP of the journal and of the trial balance."""

from __future__ import annotations

from functools import partial

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.billing import journal_filters
from openinsure.billing.chart import CHART
from openinsure.billing.journal_rows import Trial, TrialRow
from openinsure.billing.ledger_sections import ledger_sections
from openinsure.billing.queries import journal, ledger, trial
from openinsure.console.columns import Column
from openinsure.console.filters import OneOf, Option, Text, read_day
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.rendering import Source, render_list
from openinsure.console.request import ConsoleRequest
from openinsure.tenancy.listing import Page

LIST_TEMPLATE = "billing/ledger.html"
JOURNAL = ListPage(
    name="ledger.journal",
    title="Journal",
    noun="line",
    nouns="journal lines",
    columns=(
        Column(name="entry_number", label="Entry", kind="code"),
        Column(name="entry_date", label="Date", kind="day", sort="descending"),
        Column(name="posted_at", label="Posted", kind="instant", shown=False),
        Column(name="account", label="Account", kind="code"),
        Column(name="account_name", label="Name", clip=True, narrow=False),
        Column(name="debit_cents", label="Debit", kind="money", blank=True),
        Column(name="credit_cents", label="Credit", kind="money", blank=True),
        Column(name="policy_number", label="Policy", kind="code", narrow=False),
        Column(name="description", label="For", clip=True, narrow=False),
        Column(
            name="balanced",
            label="Entry sums",
            kind="badge",
            help="Whether debits and credits of the whole entry are the same.",
            narrow=False,
        ),
        Column(name="kind", label="Kind", kind="code", shown=False),
        Column(name="reference", label="Source", kind="code", shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-entry_date",
    filters=journal_filters.FILTERS,
    href=lambda row: url("ledger.entry", row.entry_number),
    state="balanced",
    empty="A line appears here with every invoice, receipt, return, reserve and day of earning.",
)
TRIAL = ListPage(
    name="ledger.trial_balance",
    title="Trial balance",
    noun="account",
    nouns="accounts",
    columns=(
        Column(name="account", label="Account", kind="code", sort="ascending"),
        Column(name="name", label="Name"),
        Column(name="account_class", label="Class", narrow=False),
        Column(name="normal_side", label="Side", kind="code", narrow=False),
        Column(name="ledger", label="Ledger type", kind="code", narrow=False),
        Column(name="debit_cents", label="Debit", kind="money", blank=True),
        Column(name="credit_cents", label="Credit", kind="money", blank=True),
        Column(name="balance_cents", label="Balance", kind="money", shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="account",
    filters=(
        Text("as_of", "As of", r"[0-9-]{10}", "must be a date written YYYY-MM-DD"),
        OneOf("class", "Class", tuple(
            Option(name, name.capitalize()) for name in
            dict.fromkeys(one.account_class for one in CHART.values())
        )),
    ),
    href=lambda row: url("ledger.journal", account=row.account),
    state="account",
    empty="An account appears here with its first entry.",
)  # fmt: skip


@require_GET
@allow("ledger.view")
def journal_list(request: ConsoleRequest) -> HttpResponse:
    """The organisation's journal lines, newest day first."""
    asked = ask(request, JOURNAL)
    number = asked.one("policy")
    policies = journal.policies_of(request.scope, number) if number else ()
    where = journal_filters.where_of(asked, policies=policies)
    source = Source(
        read=lambda wanted: journal.list_lines(request.scope, where, wanted),
        count=lambda wanted: journal.count_lines(request.scope, where, wanted),
    )
    return render_list(
        request,
        asked,
        source,
        template=LIST_TEMPLATE,
        tabs=ledger_sections(request),
        waiting=ledger.outbox_state(request.scope, now=timezone.now()),
        new=proposing(request),
    )


def proposing(request: ConsoleRequest) -> tuple[str, str] | None:
    """Word and address of the form for an entry by hand; None for who may not."""
    may = request.grant is None and "journal.post" in request.rights
    return ("Propose an entry", url("ledger.propose")) if may else None


@require_GET
@allow("ledger.view")
def trial_balance(request: ConsoleRequest) -> HttpResponse:
    """Every account as of the end of a day."""
    asked = ask(request, TRIAL)
    day = asked.one("as_of")
    upto = read_day("as_of", day) if day else timezone.now().date()
    whole = trial.trial_balance(request.scope, upto=upto)
    source = Source(read=partial(_shown, whole))
    return render_list(
        request,
        asked,
        source,
        template="billing/trial.html",
        tabs=ledger_sections(request),
        waiting=ledger.outbox_state(request.scope, now=timezone.now()),
        trial=whole,
    )


def _shown(whole: Trial, asked: Ask) -> Page[TrialRow]:
    """The accounts asked for, in their order; they are few, so there is one page."""
    wanted = asked.one("class")
    rows = [row for row in whole.rows if wanted in (None, row.account_class)]
    return Page(tuple(reversed(rows) if asked.descending else rows), None, None, None)
