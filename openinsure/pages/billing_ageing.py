"""/billing/ageing: what is past due by account and age, from the roll-up and with its age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.billing.sections import sections
from openinsure.console.columns import Column
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, View, ask
from openinsure.console.rendering import Source, render_list
from openinsure.console.request import ConsoleRequest
from openinsure.pages.models import BillingAgeing, BillingAgeingTotal
from openinsure.tenancy.listing import ListSpec, Page, Sort, Span, list_page
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True)
class AgeingRow:
    """One account with something past due. Cents by days since the due date."""

    id: str
    account_number: str
    policy_number: str | None
    payer: str
    oldest_due: date
    d0_30_cents: int
    d31_60_cents: int
    d61_90_cents: int
    d90_plus_cents: int
    total_cents: int
    currency: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Totals:
    """What the organisation is owed past due in one currency."""

    currency: str
    accounts: int
    d0_30_cents: int
    d31_60_cents: int
    d61_90_cents: int
    d90_plus_cents: int
    total_cents: int
    read_at: datetime


AGEING = ListSpec(
    model=BillingAgeing,
    row=AgeingRow,
    key="account_id",
    columns={"id": "account_id"},
    sorts={
        "total_cents": Sort("total_cents", "billing_ageing_total"),
        "oldest_due": Sort("oldest_due", "billing_ageing_oldest"),
        "d90_plus_cents": Sort("d90_plus_cents", "billing_ageing_d90_plus"),
    },
)
LIST = ListPage(
    name="billing.ageing",
    title="Ageing of receivables",
    noun="account",
    nouns="accounts past due",
    columns=(
        Column(name="account_number", label="Account", kind="code"),
        Column(name="policy_number", label="Policy", kind="code", narrow=False),
        Column(name="payer", label="Payer", clip=True, narrow=False),
        Column(name="oldest_due", label="Oldest due", kind="day", sort="ascending"),
        Column(name="d0_30_cents", label="0-30 days", kind="money", narrow=False),
        Column(name="d31_60_cents", label="31-60", kind="money", narrow=False),
        Column(name="d61_90_cents", label="61-90", kind="money", narrow=False),
        Column(
            name="d90_plus_cents", label="Over 90", kind="money", sort="descending", narrow=False
        ),
        Column(name="total_cents", label="Past due", kind="money", sort="descending"),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-total_cents",
    views=(View("all", "All"), View("over_90", "Over 90 days", sort="-d90_plus_cents")),
    href=lambda row: url("billing.account", row.account_number),
    state="currency",
    empty="Nothing is past due.",
)


@require_GET
@allow("billing.view")
def ageing(request: ConsoleRequest) -> HttpResponse:
    """Accounts past due, the largest first. Two statements on oi_console."""
    asked = ask(request, LIST)
    source = Source(read=lambda wanted: read_page(request.scope, wanted))
    return render_list(
        request,
        asked,
        source,
        template="billing/ageing.html",
        tabs=sections(request),
        totals=totals(request.scope),
    )


def read_page(scope: Scope, asked: Ask) -> Page[AgeingRow]:
    """One page; read_at is the age of the figures."""
    where = {"d90_plus_cents": Span(low=1)} if asked.view == "over_90" else {}
    page = list_page(
        scope,
        AGEING,
        where=where,
        sort=asked.sort,
        descending=asked.descending,
        at=asked.at,
        size=asked.size,
    )
    read_at = min((row.read_at for row in page.rows), default=None)
    return Page(page.rows, page.next, page.previous, page.searched_to, read_at)


def totals(scope: Scope) -> tuple[Totals, ...]:
    """The organisation's figures, one row a currency; () before the first reading."""
    rows = BillingAgeingTotal.objects.within(scope).order_by("currency")
    return tuple(Totals(*values) for values in rows.values_list(*Totals.__slots__)[:20])


urlpatterns = [path("billing/ageing", ageing, name="billing.ageing")]
