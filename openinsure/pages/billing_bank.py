"""/billing/bank: each month tied out, and the lines of the statements against payments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from openinsure.authz.decorators import allow
from openinsure.billing.dues_rows import BankLineRow, TieOutRow
from openinsure.billing.operations import bank as operations
from openinsure.billing.queries import dues
from openinsure.billing.sections import sections
from openinsure.claims.disbursing import uncleared_cents
from openinsure.console import forms
from openinsure.console.amounts import HINT, read_cents
from openinsure.console.columns import Column
from openinsure.console.filters import Days, OneOf, Option
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.regions import region
from openinsure.console.rendering import render_list
from openinsure.console.request import ConsoleRequest
from openinsure.pages.bank_out import match_page, match_step, out_pages
from openinsure.pages.claim_form import Field, choice
from openinsure.pages.dues_lists import dues_source, summed
from openinsure.pages.money_form import Audited, Step, day_of, serve
from openinsure.pages.settling import new_link
from openinsure.pages.settling_acts import actor
from openinsure.pages.settling_steps import may_edit
from openinsure.problems import BadForm, NotFound
from openinsure.tenancy.listing import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLine(BankLineRow):
    """A line of a statement, money in positive, with what it is matched to."""

    account: str
    signed_cents: int
    matched: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TieOut(TieOutRow):
    """A month with the account's name and the journal's page of its cash account."""

    name: str
    source: str


LIST = ListPage(
    name="billing.bank",
    title="Bank",
    noun="line",
    nouns="lines of bank statements",
    columns=(
        Column(name="bank_ref", label="Bank line", kind="code"),
        Column(name="posted_on", label="Posted", kind="day", sort="descending"),
        Column(name="account", label="Account", narrow=False),
        Column(name="description", label="Description", clip=True, narrow=False),
        Column(name="signed_cents", label="Amount", kind="money"),
        Column(name="status", label="Match", kind="badge"),
        Column(name="matched", label="Matched to", kind="code", narrow=False),
        Column(name="direction", label="Direction", shown=False),
        Column(name="amount_cents", label="Absolute amount", kind="money", shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-posted_on",
    filters=(
        OneOf("status", "Match", (Option("matched", "Matched"), Option("open", "Open"))),
        OneOf("direction", "Direction", (Option("credit", "In"), Option("debit", "Out"))),
        Days("posted", "Posted"),
    ),
    href=lambda row: row.href,
    empty="Lines appear here once a bank statement is imported.",
)
MONTHS = region(
    "tie_outs", "Tied out", "No statement is tied out yet",
    name="Account", on="Statement of|day", statement_cents="Statement|money",
    outstanding_cents="Less outstanding|money", transit_cents="Plus in transit|money",
    book_cents="Book|money", difference_cents="Difference|money", status="Status|badge",
    links={"book_cents": "source"},
)  # fmt: skip
NOTE = "Statement less outstanding payments plus deposits in transit is the book: 1010 and 1020."


@require_GET
@allow("ledger.view")
def bank_list(request: ConsoleRequest) -> HttpResponse:
    """Each month tied out; every line with what it is matched to."""
    scope, asked, edits = request.scope, ask(request, LIST), may_edit(request)

    def lines(rows: Sequence[BankLineRow]) -> Iterator[BankLine]:
        names = dues.trust_accounts(scope) if rows else {}
        found, left = dues.matches(scope, rows), out_pages(request, rows)
        return (_line(row, names, found, left, edits) for row in rows)

    source = dues_source(scope, dues.BANK_LINES, _where, lines)
    return render_list(
        request,
        asked,
        source,
        template="billing/list.html",
        tabs=sections(request),
        new=new_link(request, "billing.new_tie_out", "Tie out a statement"),
        summary=summed(MONTHS, lambda: map(_month, dues.tie_outs(scope)), NOTE),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def new_tie_out(request: ConsoleRequest) -> HttpResponse:
    """Tie a statement's balance out against the journal."""
    scope = request.scope

    def run(sent: Mapping[str, str]) -> Any:
        on = day_of(sent, "on")
        return operations.tie_out(
            scope,
            once=forms.once(request, sent),
            trust_account_id=sent.get("account", ""),
            on=on,
            statement_cents=read_cents("balance", sent.get("balance", "")),
            checks_cents=uncleared_cents(scope, on),
            actor_user_id=actor(request),
            now=timezone.now(),
        )

    def step() -> Step:
        last = timezone.now().date().replace(day=1) - timedelta(days=1)
        accounts = tuple(dues.trust_accounts(scope).items())
        return Step(
            title="Tie out a statement",
            button="Tie out",
            crumb=("Bank", url("billing.bank")),
            back=url("billing.bank"),
            fields=(
                choice("account", "Account", accounts or (("", "No bank account is recorded"),)),
                Field(name="on", label="Statement of", kind="date", value=last.isoformat()),
                Field(name="balance", label="Balance on the statement",
                      hint=HINT),
            ),
        )  # fmt: skip

    return serve(request, step, Audited("bank.tied_out", "bank_reconciliations", "", ""), run)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def match(request: ConsoleRequest, line_id: str) -> HttpResponse:
    """Say which payment a line of money in is, or which payout one of money out."""
    scope = request.scope
    line = dues.bank_line(scope, line_id)
    if line is None:
        raise NotFound("bank line", line_id[:40])
    if line.direction == "debit":
        return match_page(request, line)

    def run(sent: Mapping[str, str]) -> Any:
        forms.once(request, sent)
        if not sent.get("payment"):
            raise BadForm({"payment": "must be one of the payments offered"})
        return operations.match_line(
            scope, line_id=line_id, payment_number=sent["payment"], now=timezone.now()
        )

    def step() -> Step:
        offered = tuple(
            (one.number, f"{one.number}, {one.payer}")
            for one in dues.unmatched_payments(scope, line.amount_cents, line.currency)
        )
        return match_step(
            line, "", choice("payment", "Payment", offered or (("", "None of this amount"),))
        )

    audited = Audited("bank.matched", "bank_transactions", line_id, line.bank_ref)
    return serve(request, step, audited, run)


def _where(asked: Ask) -> dict[str, Any]:
    where: dict[str, Any] = {
        column: asked.many(name)
        for name, column in (("status", "match_status"), ("direction", "direction"))
        if asked.many(name)
    }
    span = Span(asked.day("posted_from"), asked.day("posted_to"))
    return where | ({"posted_on": span} if span != Span() else {})


def _line(
    row: BankLineRow, names: Mapping[str, str], found: Mapping[str, str],
    left: Mapping[str, tuple[str, str]], edits: bool,
) -> BankLine:  # fmt: skip
    number = found.get(row.matched_id or "", "")
    href = ""
    if row.matched_id and row.matched_id in left:
        number, href = left[row.matched_id]
    elif number and row.matched_type == "tax_remittance":
        href = url("billing.remittance", row.matched_id)
    elif number:
        kind = "billing.payment" if row.matched_type == "payment" else "billing.settlement"
        href = url(kind, number)
    elif edits and row.status == "open":
        href = url("billing.match_line", row.id)
    return BankLine(
        **asdict(row),
        account=names.get(row.trust_account_id, ""),
        signed_cents=row.amount_cents if row.direction == "credit" else -row.amount_cents,
        matched=number,
        href=href,
    )


def _month(row: TieOutRow) -> TieOut:
    name = f"{row.account or row.kind} {row.last4 or ''}".strip()
    source = url("ledger.journal", account=operations.CASH[row.kind])
    return TieOut(**asdict(row), name=name, source=source)


urlpatterns = [
    path("billing/bank", bank_list, name="billing.bank"),
    path("billing/bank/tie-outs", new_tie_out, name="billing.new_tie_out"),
    path("billing/bank/<str:line_id>/matches", match, name="billing.match_line"),
]
