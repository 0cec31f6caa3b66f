"""/ledger/reconciliation: the newest comparison by account type, its faults, resolving one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from openinsure.audit import reasons
from openinsure.authz.decorators import allow
from openinsure.billing.ledger_rows import ReconciledRow
from openinsure.billing.ledger_sections import ledger_sections
from openinsure.billing.operations.resolving import resolve_item
from openinsure.billing.queries import ledger, reconciled
from openinsure.console import forms
from openinsure.console.columns import Column
from openinsure.console.details import ask_detail
from openinsure.console.links import url
from openinsure.console.lists import ListPage, ask
from openinsure.console.money import format_cents
from openinsure.console.panels import load
from openinsure.console.rendering import Source, render_detail, render_list
from openinsure.console.request import ConsoleRequest
from openinsure.console.small_lists import page_of
from openinsure.pages.claim_form import Field
from openinsure.pages.money_form import Audited, Step, serve
from openinsure.problems import NotFound
from openinsure.tenancy.scope import CANONICAL_UUID

LINES = ListPage(
    name="ledger.reconciliation",
    title="Reconciliation",
    noun="account type",
    nouns="account types",
    columns=(
        Column(name="account_type", label="Account type", kind="code", sort="ascending"),
        Column(name="purpose", label="For", narrow=False),
        Column(name="status", label="Status", kind="badge"),
        Column(name="journal_cents", label="Journal", kind="money", narrow=False),
        Column(name="ledger_cents", label="Ledger", kind="money", narrow=False),
        Column(name="difference_cents", label="Difference", kind="money"),
        Column(name="explained_cents", label="Explained", kind="money", narrow=False),
        Column(name="why", label="Cause", narrow=False),
        Column(name="cause", label="Cause code", kind="code", shown=False),
        Column(name="unexplained_cents", label="Unexplained", kind="money", narrow=False),
        Column(name="run_at", label="Compared", kind="instant", narrow=False),
        Column(name="run_date", label="Day", kind="day", shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="account_type",
    href=lambda row: url("ledger.difference", row.id),
    empty="Journal and ledger are compared every morning at 07:00 UTC.",
)


CORRECT = Field(
    name="correct", label="Correct the ledger by a transfer", kind="checkbox",
    hint="Moves the difference between the two accounts of the wrong transfer",
)  # fmt: skip
TAKE_BACK = Field(
    name="correct", label="Take it back in the ledger", kind="checkbox",
    hint="Nothing in the journal asked for this transfer",
)  # fmt: skip
BOOK = Field(
    name="book", label="Book it in the journal", kind="checkbox",
    hint="The transfer is right; its entry is missing",
)  # fmt: skip


@require_GET
@allow("ledger.view")
def lines(request: ConsoleRequest) -> HttpResponse:
    """The newest comparison; the 30 before it as a strip."""
    scope, asked = request.scope, ask(request, LINES)
    runs = reconciled.latest_runs(scope)
    rows = reconciled.lines_of(scope, runs) if runs else []
    source = Source(
        read=lambda wanted: page_of(rows, wanted, value=lambda row, sort: row.account_type)
    )
    return render_list(
        request,
        asked,
        source,
        template="billing/reconciliation.html",
        tabs=ledger_sections(request),
        runs=runs,
        waiting=ledger.outbox_state(scope, now=timezone.now()),
    )


@require_GET
@allow("ledger.view")
def difference(request: ConsoleRequest, item: str) -> HttpResponse:
    """One account type of a comparison: what explains it, what is wrong, who resolved it."""
    ask_detail(request, tabs=(), noun="the page of a difference")
    found = _found(request, item)
    below = load("Below", partial(reconciled.below, request.scope, found.id))
    may = request.grant is None and "ledger.resolve" in request.rights
    return render_detail(
        request, "billing/difference.html", row=found, panels={"below": below}, may_resolve=may
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allow("ledger.resolve")
def resolve(request: ConsoleRequest, item: str) -> HttpResponse:
    """Resolve a difference with a note, or with a transfer that corrects the ledger."""
    found = _found(request, item)

    def run(sent: Mapping[str, str]) -> Any:
        forms.once(request, sent)
        return resolve_item(
            request.scope,
            item_id=found.id,
            note=sent.get("note", "").strip(),
            correct=sent.get("correct") == "on",
            book=sent.get("book") == "on",
            actor_user_id=request.scope.subject,
            now=timezone.now(),
        )

    audited = Audited(
        "ledger_difference.resolved", "ledger_reconciliation_items", found.id, found.account_type
    )
    return serve(request, lambda: _step(found), audited, run, grave=True)


def _step(row: ReconciledRow) -> Step:
    return Step(
        title="Resolve a difference",
        button="Resolve",
        crumb=("Reconciliation", url("ledger.reconciliation")),
        back=url("ledger.difference", row.id),
        number=row.account_type,
        facts=(
            ("Unexplained", format_cents(row.unexplained_cents, row.currency)),
            ("Cause", row.why),
            ("Afterwards", "The figure stays; the next comparison shows whether it helped"),
        ),
        fields=(
            Field(name="note", label="Note", kind="textarea", hint=f"{reasons.SPAN}, kept"),
            *((CORRECT,) if row.entry or row.transfer else ()),
            *((TAKE_BACK, BOOK) if row.stray else ()),
        ),
    )


def _found(request: ConsoleRequest, item: str) -> ReconciledRow:
    if not CANONICAL_UUID.fullmatch(item):
        raise NotFound("difference", item[:40])
    return reconciled.get_item(request.scope, item)


urlpatterns = [
    path("ledger/reconciliation", lines, name="ledger.reconciliation"),
    path("ledger/reconciliation/<str:item>", difference, name="ledger.difference"),
    path("ledger/reconciliation/<str:item>/resolutions", resolve, name="ledger.resolve"),
]
