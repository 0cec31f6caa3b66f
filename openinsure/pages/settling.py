"""/billing/bordereaux and /billing/settlements: the lists, and one of each with its sources."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.billing import settling
from openinsure.billing.queries import settling as queries
from openinsure.billing.sections import sections
from openinsure.billing.settling_rows import BordereauRow, SettlementRow
from openinsure.console import links
from openinsure.console.columns import Column
from openinsure.console.filters import Days, OneOf
from openinsure.console.links import url
from openinsure.console.lists import ListPage, ask
from openinsure.console.rendering import Source, render_list
from openinsure.console.request import ConsoleRequest
from openinsure.orgs.codes import OrgCodes, org_codes
from openinsure.tenancy.listing import Page

LIST_TEMPLATE = "billing/list.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class BordereauLine(BordereauRow):
    """A bordereau with the names of its parties. ceded: what of the gross goes to reinsurers."""

    carrier: str
    program: str
    ceded_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementLine(SettlementRow):
    """A settlement with its carrier's name."""

    carrier: str


BORDEREAUX = ListPage(
    name="billing.bordereaux",
    title="Bordereaux",
    noun="bordereau",
    nouns="bordereaux",
    columns=(
        Column(name="number", label="Bordereau", kind="code"),
        Column(name="kind", label="Kind", kind="text", narrow=False),
        Column(name="carrier", label="Carrier", clip=True),
        Column(name="program", label="Program", kind="code", narrow=False),
        Column(name="period_start", label="From", kind="day", shown=False),
        Column(name="period_end", label="To", kind="day", sort="descending"),
        Column(name="status", label="Status", kind="badge"),
        Column(name="line_count", label="Lines", kind="count", narrow=False),
        Column(name="gross_premium_cents", label="Premium", kind="money", narrow=False),
        Column(name="net_to_carrier_cents", label="Net to carrier", kind="money"),
        Column(name="paid_claims_cents", label="Claims paid", kind="money", narrow=False),
        Column(name="fees_cents", label="Fees", kind="money", shown=False),
        Column(name="taxes_cents", label="Taxes", kind="money", shown=False),
        Column(name="producer_commission_cents", label="Producers", kind="money", shown=False),
        Column(name="mga_commission_cents", label="MGA", kind="money", shown=False),
        Column(name="ceded_cents", label="Ceded", kind="money", shown=False),
        Column(name="outstanding_claims_cents", label="Outstanding", kind="money", shown=False),
        Column(name="recoveries_cents", label="Recovered", kind="money", shown=False),
        Column(name="content_sha256", label="SHA-256", kind="code", shown=False),
        Column(name="updated", label="Changed", kind="instant", sort="descending", shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-period_end",
    filters=(
        OneOf("status", "Status", settling.BORDEREAU_STATUSES, many=True),
        OneOf("kind", "Kind", settling.KINDS, many=True),
        Days("period", "Period end"),
    ),
    href=lambda row: url("billing.bordereau", row.number),
    empty="A bordereau appears here once premium or claims of a period are reported to a carrier.",
)
SETTLEMENTS = ListPage(
    name="billing.settlements",
    title="Settlements",
    noun="settlement",
    nouns="settlements",
    columns=(
        Column(name="number", label="Settlement", kind="code"),
        Column(name="carrier", label="Carrier", clip=True),
        Column(name="period_end", label="Period to", kind="day", sort="descending"),
        Column(name="status", label="Status", kind="badge"),
        Column(name="premium_due_cents", label="Premium due", kind="money", narrow=False),
        Column(name="claims_offset_cents", label="Claims kept", kind="money", narrow=False),
        Column(name="net_due_cents", label="Net due", kind="money"),
        Column(name="due_date", label="Due", kind="day", narrow=False),
        Column(name="settled_at", label="Closed", kind="instant", narrow=False),
        Column(name="updated", label="Changed", kind="instant", sort="descending", shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-period_end",
    filters=(
        OneOf("status", "Status", settling.SETTLEMENT_STATUSES, many=True),
        Days("period", "Period end"),
    ),
    href=lambda row: url("billing.settlement", row.number),
    empty="A settlement appears here once an acknowledged bordereau is settled with its carrier.",
)


@require_GET
@allow("ledger.view")
def bordereau_list(request: ConsoleRequest) -> HttpResponse:
    """The organisation's bordereaux."""
    scope, asked = request.scope, ask(request, BORDEREAUX)

    def read(wanted: Any) -> Page[BordereauLine]:
        page, codes = queries.list_bordereaux(scope, wanted), org_codes(scope)
        rows = tuple(bordereau_line(row, codes) for row in page.rows)
        return Page(rows, page.next, page.previous, page.searched_to)

    source = Source(read=read, count=lambda wanted: queries.count_bordereaux(scope, wanted))
    new = new_link(request, "billing.new_bordereau", "Draw up a bordereau")
    return render_list(
        request, asked, source, template=LIST_TEMPLATE, tabs=sections(request), new=new
    )


@require_GET
@allow("ledger.view")
def settlement_list(request: ConsoleRequest) -> HttpResponse:
    """The organisation's settlements with carriers."""
    scope, asked = request.scope, ask(request, SETTLEMENTS)

    def read(wanted: Any) -> Page[SettlementLine]:
        page, codes = queries.list_settlements(scope, wanted), org_codes(scope)
        rows = tuple(settlement_line(row, codes) for row in page.rows)
        return Page(rows, page.next, page.previous, page.searched_to)

    source = Source(read=read, count=lambda wanted: queries.count_settlements(scope, wanted))
    new = new_link(request, "billing.new_settlement", "Draw up a settlement")
    return render_list(
        request, asked, source, template=LIST_TEMPLATE, tabs=sections(request), new=new
    )


def bordereau_line(row: BordereauRow, codes: OrgCodes) -> BordereauLine:
    """The row with names; ids stand in for parties that are gone."""
    program = codes.programs.get(row.program_id or "")
    taken = row.producer_commission_cents + row.mga_commission_cents + row.net_to_carrier_cents
    return BordereauLine(
        **_values(row),
        carrier=carrier_name(row.carrier_id, codes),
        program=program.code if program else "",
        ceded_cents=row.gross_premium_cents - taken,
    )


def settlement_line(row: SettlementRow, codes: OrgCodes) -> SettlementLine:
    """The row with its carrier's name."""
    return SettlementLine(**_values(row), carrier=carrier_name(row.carrier_id, codes))


def carrier_name(carrier_id: str, codes: OrgCodes) -> str:
    """The carrier's legal name, its id if it is not known any more."""
    known = codes.carriers.get(carrier_id)
    return known.name if known else carrier_id


def new_link(request: ConsoleRequest, name: str, word: str) -> tuple[str, str] | None:
    """Word and address of the form that makes a new one; None for who may not."""
    may = request.grant is None and "billing.edit" in request.rights and links.resolves(name)
    return (word, url(name)) if may else None


def _values(row: Any) -> dict[str, Any]:
    return {f.name: getattr(row, f.name) for f in fields(row)}
