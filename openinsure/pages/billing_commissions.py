"""/billing/commissions: statements per producer, what they earned since, and drawing one up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from openinsure.authz.decorators import allow
from openinsure.billing.books.counting import count_producer
from openinsure.billing.dues_rows import AccrualRow, OpenCommission, StatementRow
from openinsure.billing.operations import commissions as steps
from openinsure.billing.operations.dues import draw_statement
from openinsure.billing.queries import dues
from openinsure.billing.sections import sections
from openinsure.billing.views import books_of
from openinsure.console import forms
from openinsure.console.columns import Column
from openinsure.console.details import ask_detail
from openinsure.console.filters import Days
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.panels import Panel, load, load_together
from openinsure.console.regions import region
from openinsure.console.rendering import render_detail, render_list
from openinsure.console.request import ConsoleRequest
from openinsure.orgs.codes import OrgCodes, org_codes
from openinsure.pages.claim_form import Field, choice
from openinsure.pages.dues_lists import dues_source
from openinsure.pages.ledger_parties import owners_of, parties
from openinsure.pages.money_form import Audited, Step, day_of, serve
from openinsure.pages.settling import new_link
from openinsure.problems import BadForm, NotFound
from openinsure.tenancy.listing import Span
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine(StatementRow):
    """A statement with its producer's code and name."""

    code: str
    producer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLine(OpenCommission):
    """What a producer earned since the last statement, with the producer's page."""

    code: str
    producer: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccrualLine(AccrualRow):
    """An accrual with the addresses of payment and policy."""

    payment_href: str
    policy_href: str


LIST = ListPage(
    name="billing.commissions",
    title="Commissions",
    noun="statement",
    nouns="commission statements",
    columns=(
        Column(name="code", label="Producer", kind="code"),
        Column(name="producer", label="Name", clip=True, narrow=False),
        Column(name="period_start", label="From", kind="day", narrow=False, shown=False),
        Column(name="period_end", label="To", kind="day", sort="descending"),
        Column(name="opening_cents", label="Opening", kind="money", narrow=False),
        Column(name="accrued_cents", label="Earned", kind="money", narrow=False),
        Column(name="clawback_cents", label="Clawed back", kind="money", narrow=False),
        Column(name="paid_cents", label="Paid", kind="money", narrow=False),
        Column(name="closing_cents", label="Closing", kind="money"),
        Column(name="status", label="Status", kind="badge", narrow=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-period_end",
    filters=(Days("period", "Period end"),),
    href=lambda row: url("billing.statement", row.id),
    empty="A statement appears here once a producer's commission of a period is drawn up.",
)
OPEN = region(
    "open", "Most earned since the last statement", "Nothing is earned since",
    code="Producer|code", producer="Name", items="Receipts|count", earned_cents="Earned|money",
    links={"code": "href"},
)  # fmt: skip
ACCRUALS = region(
    "accruals", "Receipts of the statement", "No receipt in this period",
    on="When|instant", kind="Kind", payment_number="Payment|code", policy_number="Policy|code",
    basis_cents="Premium|money", amount_cents="Commission|money",
    links={"payment_number": "payment_href", "policy_number": "policy_href"},
)  # fmt: skip


@require_GET
@allow("ledger.view")
def commission_list(request: ConsoleRequest) -> HttpResponse:
    """Statements, the newest first, and what is not stated yet."""
    scope, asked = request.scope, ask(request, LIST)

    def lines(rows: Sequence[StatementRow]) -> Iterator[StatementLine]:
        codes = org_codes(scope)
        return (_line(row, codes) for row in rows)

    source = dues_source(scope, dues.STATEMENTS, _where, lines)
    codes = org_codes(scope)
    since = _since(scope, codes)
    return render_list(
        request,
        asked,
        source,
        template="billing/list.html",
        tabs=sections(request),
        new=new_link(request, "billing.new_statement", "Draw up a statement"),
        summary=((OPEN, since, "By collected premium; a returned payment claws it back."),),
    )


@require_GET
@allow("ledger.view")
def statement(request: ConsoleRequest, statement_id: str) -> HttpResponse:
    """One statement, receipt by receipt."""
    ask_detail(request, tabs=(), noun="the page of a statement")
    scope = request.scope
    row = dues.get_statement(scope, statement_id)
    if row is None:
        raise NotFound("statement", statement_id[:40])
    payouts = steps.payouts_of(scope, row.id)
    books = books_of(scope, [one.id for one in payouts])
    panels = {
        "accruals": load("Receipts", lambda: map(_accrual, dues.accruals_of(scope, row.id))),
        **load_together({name: ("Billing", read) for name, read in books.items()}),
    }
    return render_detail(
        request,
        "billing/statement.html",
        row=_line(row, org_codes(scope)),
        panels=panels,
        region=ACCRUALS,
        payouts=payouts,
        parties=parties(request, owners_of(panels["transfers"].rows)),
        may_pay=request.grant is None and "billing.edit" in request.rights,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def new_statement(request: ConsoleRequest) -> HttpResponse:
    """Draw up a producer's statement to a day."""
    scope = request.scope

    def run(sent: Mapping[str, str]) -> Any:
        producer = sent.get("producer", "")
        if producer not in org_codes(scope).producers:
            raise BadForm({"producer": "must be one of the producers offered"})
        stated = draw_statement(
            scope,
            once=forms.once(request, sent),
            producer_id=producer,
            period_end=day_of(sent, "period_end"),
            now=timezone.now(),
        )
        count_producer(scope, producer)
        return stated

    def step() -> Step:
        last = timezone.now().date().replace(day=1) - timedelta(days=1)
        producers = org_codes(scope).producers
        offered = tuple((key, f"{one.code}, {one.name}") for key, one in producers.items())
        end = Field(name="period_end", label="Period to", kind="date", value=last.isoformat())
        return Step(
            title="Draw up a statement",
            button="Draw up",
            crumb=("Commissions", url("billing.commissions")),
            back=url("billing.commissions"),
            fields=(choice("producer", "Producer", offered), end),
        )

    audited = Audited("commission.stated", "commission_statements", "", "")
    return serve(request, step, audited, run)


def _where(asked: Ask) -> dict[str, Any]:
    span = Span(asked.day("period_from"), asked.day("period_to"))
    return {"period_end": span} if span != Span() else {}


def _line(row: StatementRow, codes: OrgCodes) -> StatementLine:
    known = codes.producers.get(row.producer_id)
    return StatementLine(
        **asdict(row),
        code=known.code if known else row.producer_id,
        producer=known.name if known else "",
    )


def _since(scope: Scope, codes: OrgCodes) -> Panel:
    """What is not stated yet, with the age of its counting."""
    found, counted_at = dues.open_commissions(scope)
    return replace(load("Open", lambda: (_open(row, codes) for row in found)), read_at=counted_at)


def _open(row: OpenCommission, codes: OrgCodes) -> OpenLine:
    known = codes.producers.get(row.id)
    return OpenLine(
        **asdict(row),
        code=known.code if known else row.id,
        producer=known.name if known else "",
        href=url("producers.detail", known.code) if known else "",
    )


def _accrual(row: AccrualRow) -> AccrualLine:
    return AccrualLine(
        **asdict(row),
        payment_href=url("billing.payment", row.payment_number) if row.payment_number else "",
        policy_href=url("policies.detail", row.policy_number) if row.policy_number else "",
    )


urlpatterns = [
    path("billing/commissions", commission_list, name="billing.commissions"),
    path("billing/commissions/new", new_statement, name="billing.new_statement"),
    path("billing/commissions/<str:statement_id>", statement, name="billing.statement"),
]
