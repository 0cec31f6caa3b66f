"""/billing/reinsurance: treaties with their participants, and the statements of what is ceded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from openinsure.authz.decorators import allow
from openinsure.billing.dues_rows import CessionRow, TreatyRow
from openinsure.billing.operations.cessions import draw_cessions
from openinsure.billing.queries import dues
from openinsure.billing.queries.settling import settlement_numbers
from openinsure.billing.sections import sections
from openinsure.console import forms
from openinsure.console.columns import Column
from openinsure.console.filters import Days
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.panels import load
from openinsure.console.regions import region
from openinsure.console.rendering import render_list
from openinsure.console.request import ConsoleRequest
from openinsure.orgs.codes import OrgCodes, org_codes
from openinsure.pages.claim_form import Field, choice
from openinsure.pages.dues_lists import dues_source
from openinsure.pages.money_form import Audited, Step, day_of, serve
from openinsure.pages.settling import new_link
from openinsure.problems import BadForm
from openinsure.tenancy.listing import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class CessionLine(CessionRow):
    """A statement with the names of its parties and the settlement that paid it."""

    treaty: str
    reinsurer: str
    settlement: str | None
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatyLine(TreatyRow):
    """A participant with rates in percent and its program."""

    program: str
    program_href: str
    ceded: str
    commission: str
    share: str


LIST = ListPage(
    name="billing.reinsurance",
    title="Reinsurance",
    noun="statement",
    nouns="statements to reinsurers",
    columns=(
        Column(name="treaty", label="Treaty", kind="code"),
        Column(name="reinsurer", label="Reinsurer", clip=True),
        Column(name="period_start", label="From", kind="day", shown=False),
        Column(name="period_end", label="To", kind="day", sort="descending"),
        Column(name="ceded_premium_cents", label="Ceded premium", kind="money", narrow=False),
        Column(name="ceding_commission_cents", label="Commission", kind="money", narrow=False),
        Column(name="net_cents", label="Net payable", kind="money"),
        Column(name="ceded_loss_cents", label="Ceded loss", kind="money", narrow=False),
        Column(name="status", label="Status", kind="badge"),
        Column(name="settlement", label="Settlement", kind="code", narrow=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-period_end",
    filters=(Days("period", "Period end"),),
    href=lambda row: row.href,
    empty="A statement appears here once the ceded share of a period is drawn up.",
)
TREATIES = region(
    "treaties", "Treaties", "No treaty is recorded",
    code="Treaty|code", kind="Type", program="Program|code", effective="From|day", expires="To|day",
    ceded="Ceded", commission="Commission", reinsurer="Reinsurer", share="Share",
    authorized="Authorized|flag", collateral_cents="Collateral|money",
    links={"program": "program_href"},
)  # fmt: skip


@require_GET
@allow("ledger.view")
def reinsurance_list(request: ConsoleRequest) -> HttpResponse:
    """Treaties, and the statements of what is ceded under them."""
    scope, asked, codes = request.scope, ask(request, LIST), org_codes(request.scope)
    treaties = load("Treaties", lambda: (_treaty(row, codes) for row in dues.treaties(scope)))
    known = {row.id: row for row in treaties.rows}

    def lines(rows: Sequence[CessionRow]) -> Iterator[CessionLine]:
        numbers = settlement_numbers(scope, {row.settlement_id for row in rows})
        return (_line(row, known, numbers) for row in rows)

    source = dues_source(scope, dues.CESSIONS, _where, lines)
    return render_list(
        request,
        asked,
        source,
        template="billing/list.html",
        tabs=sections(request),
        new=new_link(request, "billing.new_cession", "Draw up statements"),
        summary=((TREATIES, treaties, ""),),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def new_cession(request: ConsoleRequest) -> HttpResponse:
    """Draw up the statements of a treaty to a day."""
    scope = request.scope

    def run(sent: Mapping[str, str]) -> Any:
        treaty = sent.get("treaty", "")
        if treaty not in {row.treaty_id for row in dues.treaties(scope)}:
            raise BadForm({"treaty": "must be one of the treaties offered"})
        return draw_cessions(
            scope,
            once=forms.once(request, sent),
            treaty_id=treaty,
            period_end=day_of(sent, "period_end"),
            now=timezone.now(),
        )

    def step() -> Step:
        last = timezone.now().date().replace(day=1) - timedelta(days=1)
        offered = {row.treaty_id: row.code for row in dues.treaties(scope)}
        end = Field(name="period_end", label="Period to", kind="date", value=last.isoformat())
        treaties = tuple(offered.items()) or (("", "No treaty is recorded"),)
        return Step(
            title="Draw up statements to reinsurers",
            button="Draw up",
            crumb=("Reinsurance", url("billing.reinsurance")),
            back=url("billing.reinsurance"),
            fields=(choice("treaty", "Treaty", treaties), end),
        )

    return serve(request, step, Audited("cession.drawn_up", "reinsurance_cessions", "", ""), run)


def _where(asked: Ask) -> dict[str, Any]:
    span = Span(asked.day("period_from"), asked.day("period_to"))
    return {"period_end": span} if span != Span() else {}


def _line(
    row: CessionRow, known: Mapping[str, TreatyRow], numbers: Mapping[str, str]
) -> CessionLine:
    party = known.get(row.participant_id)
    settlement = numbers.get(row.settlement_id or "")
    return CessionLine(
        **asdict(row),
        treaty=party.code if party else row.treaty_id,
        reinsurer=party.reinsurer if party else row.participant_id,
        settlement=settlement,
        href=url("billing.settlement", settlement) if settlement else "",
    )


def _treaty(row: TreatyRow, codes: OrgCodes) -> TreatyLine:
    program = codes.programs.get(row.program_id or "")
    return TreatyLine(
        **asdict(row),
        program=program.code if program else "",
        program_href=url("programs.detail", program.code) if program else "",
        ceded=percent(row.ceded_rate),
        commission=percent(row.commission_rate),
        share=percent(row.share_rate),
    )


def percent(rate: Decimal) -> str:
    """0.225 as `22.50%`."""
    return f"{(rate * 100).quantize(Decimal('0.01'))}%"


urlpatterns = [
    path("billing/reinsurance", reinsurance_list, name="billing.reinsurance"),
    path("billing/reinsurance/new", new_cession, name="billing.new_cession"),
]
