"""/billing/commissions/payouts: what was paid out to producers, of every statement."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.billing.operations.commissions import PREFIX
from openinsure.billing.queries.commissions import PAYOUTS, CommissionPayoutRow
from openinsure.billing.sections import sections
from openinsure.console.columns import Column
from openinsure.console.filters import OneOf, Option
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.rendering import render_list
from openinsure.console.request import ConsoleRequest
from openinsure.orgs.codes import OrgCodes, org_codes
from openinsure.pages.dues_lists import dues_source

STATES = ("ready", "approved", "released", "paid", "rejected", "returned")


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutLine(CommissionPayoutRow):
    """A payout with its number and its producer by code and name."""

    number: str
    code: str
    producer: str
    href: str


LIST = ListPage(
    name="billing.payouts",
    title="Commission payouts",
    noun="payout",
    nouns="commission payouts",
    columns=(
        Column(name="number", label="Payout", kind="code"),
        Column(name="code", label="Producer", kind="code"),
        Column(name="producer", label="Name", clip=True, narrow=False),
        Column(name="drawn_up", label="Drawn up", kind="instant", sort="descending"),
        Column(name="amount_cents", label="Amount", kind="money"),
        Column(name="status", label="Status", kind="badge"),
        Column(name="approved_at", label="Approved", kind="instant", narrow=False, shown=False),
        Column(name="released_at", label="Released", kind="instant", narrow=False),
        Column(name="paid_at", label="Paid", kind="instant", narrow=False),
        Column(name="reason", label="Reason", clip=True, narrow=False, shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-drawn_up",
    filters=(OneOf("status", "Status", tuple(Option(one, one.capitalize()) for one in STATES)),),
    href=lambda row: row.href,
    empty="A payout appears here once a commission statement is drawn up to be paid.",
)


@require_GET
@allow("ledger.view")
def payout_list(request: ConsoleRequest) -> HttpResponse:
    """Payouts, the newest first; each leads to its statement."""
    asked, codes = ask(request, LIST), org_codes(request.scope)
    source = dues_source(
        request.scope, PAYOUTS, _where, lambda rows: (_line(row, codes) for row in rows)
    )
    return render_list(request, asked, source, template="billing/list.html", tabs=sections(request))


def _where(asked: Ask) -> dict[str, Any]:
    return {"status": asked.many("status")} if asked.many("status") else {}


def _line(row: CommissionPayoutRow, codes: OrgCodes) -> PayoutLine:
    known = codes.producers.get(row.producer_id)
    return PayoutLine(
        **asdict(row),
        number=f"{PREFIX}{row.id[-12:].upper()}",
        code=known.code if known else row.producer_id,
        producer=known.name if known else "",
        href=url("billing.statement", row.statement_id) if row.statement_id else "",
    )


urlpatterns = [path("billing/commissions/payouts", payout_list, name="billing.payouts")]
