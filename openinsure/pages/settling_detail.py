"""One bordereau with its lines, one settlement with payouts, bridge and books."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.billing.queries import settling as queries
from openinsure.billing.settling_rows import (
    BordereauRow,
    BridgeRow,
    PayoutRow,
    ReportedRow,
    SettlementRow,
)
from openinsure.billing.views import books_of, known, tab_links
from openinsure.console.columns import Column
from openinsure.console.details import ask_detail
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.panels import Panel, load, load_together
from openinsure.console.regions import region
from openinsure.console.rendering import Source, render_detail, render_list
from openinsure.console.request import ConsoleRequest
from openinsure.orgs.codes import org_codes
from openinsure.pages.ledger_parties import owners_of, parties
from openinsure.pages.settling import (
    BordereauLine,
    SettlementLine,
    bordereau_line,
    settlement_line,
)
from openinsure.pages.settling_steps import (
    bordereau_acts,
    may_edit,
    names_of,
    settlement_acts,
    settlement_steps,
    steps_of,
)
from openinsure.tenancy.listing import Page

TABS = {"overview": "Payouts", "bridge": "Why this amount", "books": "Journal and ledger"}
AMOUNTS = {
    "premium": ("premium_cents", "fees_cents", "taxes_cents", "producer_cents", "mga_cents",
                "ceded_cents", "net_cents"),
    "claims": ("paid_cents", "outstanding_cents", "recovered_cents"),
}  # fmt: skip
WORDS = {
    "premium_cents": "Premium",
    "fees_cents": "Fees",
    "taxes_cents": "Taxes",
    "producer_cents": "Producer",
    "mga_cents": "MGA",
    "ceded_cents": "Ceded",
    "net_cents": "Net",
    "paid_cents": "Paid",
    "outstanding_cents": "Outstanding",
    "recovered_cents": "Recovered",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow(ReportedRow):
    """A line with the address of what it reports."""

    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BordereauFile(BordereauLine):
    """A bordereau with its people and its settlement, by name."""

    author: str | None
    approver: str | None
    settlement: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementFile(SettlementLine):
    """A settlement with its three people by name."""

    author: str | None
    approver: str | None
    releaser: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutLine(PayoutRow):
    """A payout with what may be done to it: word and address, "" for nothing."""

    act: str
    act_href: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeLine(BridgeRow):
    """A step of the bridge with the journal lines it stands on."""

    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledBordereau(BordereauRow):
    """A bordereau of the settlement with its address."""

    href: str


LINES = ListPage(
    name="billing.bordereau_file",
    title="Lines of the bordereau",
    noun="line",
    nouns="lines of a bordereau",
    columns=(
        Column(name="line", label="Line", kind="count", sort="ascending"),
        Column(name="kind", label="Movement", kind="code", narrow=False),
        Column(name="policy_number", label="Policy", kind="code"),
        Column(name="claim_number", label="Claim", kind="code", narrow=False),
        Column(name="insured", label="Insured", clip=True, narrow=False),
        Column(name="state", label="State", kind="code", narrow=False),
        *(Column(name=name, label=word, kind="money") for name, word in WORDS.items()),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="line",
    href=lambda row: row.source,
    state="kind",
    empty="A bordereau has lines once it is drawn up.",
)
REGIONS = {
    "payouts": region(
        "payouts", "Payouts", "Everything due is kept for claims; nobody is paid",
        payee="Payee", payee_type="Kind", account="Outside account", amount_cents="Amount|money",
        status="Status|badge", bank_ref="Bank line|code", confirmed_at="Confirmed|instant",
        act="Next step",
        links={"act": "act_href"}, sums=("amount_cents",),
    ),
    "bordereaux": region(
        "bordereaux", "Bordereaux settled", "No bordereau stands on this settlement any more",
        number="Bordereau|code", kind="Kind", period_start="From|day", period_end="To|day",
        status="Status|badge", line_count="Lines|count", net_to_carrier_cents="Net written|money",
        paid_claims_cents="Claims paid|money",
        links={"number": "href"}, sums=("net_to_carrier_cents", "paid_claims_cents"),
    ),
    "bridge": region(
        "bridge", "From written to payable", "Nothing is written for this carrier",
        what="Step", source="From", cents="Amount|money", links={"source": "href"},
    ),
}  # fmt: skip


@require_GET
@allow("ledger.view")
def bordereau_detail(request: ConsoleRequest, number: str) -> HttpResponse:
    """One bordereau: totals, people, the first lines."""
    ask_detail(request, tabs=(), noun="the page of a bordereau")
    scope = request.scope
    row = queries.get_bordereau(scope, known("bordereau", number))
    lines = load("Lines", lambda: map(_line, queries.first_lines(scope, row.id)))
    names = names_of(scope, row.author_user_id, row.approved_by_user_id)
    acts, note = bordereau_acts(request, row)
    shown = region(
        "lines", "Lines", "No line yet: it was reopened and not drawn up again",
        line="Line|count", kind="Movement|code", policy_number="Policy|code",
        **({"claim_number": "Claim|code"} if row.kind == "claims" else {}),
        insured="Insured",
        **{name: f"{WORDS[name]}|money" for name in AMOUNTS[row.kind]},
        links={"policy_number": "source", "claim_number": "source"},
        sums=AMOUNTS[row.kind] if row.line_count == len(lines.rows) else (),
    )  # fmt: skip
    return render_detail(
        request,
        "billing/bordereau.html",
        row=BordereauFile(
            **asdict(bordereau_line(row, org_codes(scope))),
            author=names.get(row.author_user_id or ""),
            approver=names.get(row.approved_by_user_id or ""),
            settlement=queries.settlement_number(scope, row.settlement_id),
        ),
        panels={"lines": lines},
        region=shown,
        steps=steps_of(
            ("Drawn up", row.generated_at), ("Approved", row.approved_at), ("Sent", row.sent_at),
            ("Acknowledged", row.acknowledged_at),
            ("Settled", row.updated if row.status == "settled" else None),
        ),
        acts=acts,
        note=note,
    )  # fmt: skip


@require_GET
@allow("ledger.view")
def bordereau_file(request: ConsoleRequest, number: str) -> HttpResponse:
    """Every line of a bordereau: the page, JSON, CSV, XLSX."""
    scope, asked = request.scope, ask(request, LINES)
    row = queries.get_bordereau(scope, known("bordereau", number))

    def read(wanted: Ask) -> Page[LineRow]:
        page = queries.list_lines(scope, row.id, wanted)
        return Page(tuple(map(_line, page.rows)), page.next, page.previous, page.searched_to)

    return render_list(request, asked, Source(read=read))


@require_GET
@allow("ledger.view")
def settlement_detail(request: ConsoleRequest, number: str) -> HttpResponse:
    """One settlement: who is paid, of which bordereaux, why this much, and the books."""
    asked = ask_detail(request, tabs=tuple(TABS), noun="the page of a settlement")
    scope, tab = request.scope, asked.tab or "overview"
    row = queries.get_settlement(scope, known("settlement", number))
    names = names_of(scope, row.author_user_id, row.approved_by_user_id, row.released_by_user_id)
    acts, note = settlement_acts(request, row)
    person: dict[str, Any] = {
        "author": names.get(row.author_user_id or ""),
        "approver": names.get(row.approved_by_user_id or ""),
        "releaser": names.get(row.released_by_user_id or ""),
    }
    panels = _panels(request, row, tab)
    moved = panels["transfers"].rows if "transfers" in panels else ()
    return render_detail(
        request,
        "billing/settlement.html",
        row=SettlementFile(**asdict(settlement_line(row, org_codes(scope))), **person),
        panels=panels,
        parties=parties(request, owners_of(moved)) if moved else {},
        regions=REGIONS,
        steps=settlement_steps(row),
        acts=acts,
        note=note,
        tab=tab,
        tabs=tab_links(request, TABS),
    )


def _panels(request: ConsoleRequest, row: SettlementRow, tab: str) -> dict[str, Panel]:
    scope, key = request.scope, row.id
    if tab == "bridge":
        read = partial(queries.bridge, scope, row.carrier_id, row.period_end)
        return {"bridge": load("Bridge", lambda: map(_bridge, read()))}
    payouts = load("Payouts", lambda: queries.list_payouts(scope, key))
    if tab == "books":
        reads = books_of(scope, [key, *(row.id for row in payouts.rows)])
        return load_together({name: (name.capitalize(), read) for name, read in reads.items()})
    told = load("Bordereaux", lambda: map(_settled, queries.settled_bordereaux(scope, key)))
    offered = may_edit(request)
    rows = tuple(_payout(row.number, payout, offered) for payout in payouts.rows)
    return {
        "payouts": Panel(payouts.state, rows, payouts.reason),
        "bordereaux": told,
    }


def _line(row: ReportedRow) -> LineRow:
    href = url("policies.detail", row.policy_number)
    if row.claim_number:
        href = url("claims.detail", row.claim_number)
    return LineRow(**asdict(row), source=href)


def _bridge(row: BridgeRow) -> BridgeLine:
    href = url("ledger.journal", account=row.account) if row.account else ""
    return BridgeLine(**asdict(row), href=href)


def _settled(row: BordereauRow) -> SettledBordereau:
    return SettledBordereau(**asdict(row), href=url("billing.bordereau", row.number))


def _payout(number: str, row: PayoutRow, offered: bool) -> PayoutLine:
    open_one = offered and row.status == "pending"
    account = " ".join(filter(None, (row.bank, f"ending {row.last4}" if row.last4 else "")))
    return PayoutLine(
        **asdict(row),
        act="Bank's answer" if open_one else "",
        act_href=url("billing.payout", number, row.id) if open_one else "",
        account=account,
    )
