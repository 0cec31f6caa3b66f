"""/claims/disbursements and one of them: money leaving the trust account, its approvals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow, may
from openinsure.claims import disbursing, queries
from openinsure.claims.disbursing import STATUSES
from openinsure.claims.rows import DisbursementRow
from openinsure.console import links
from openinsure.console.columns import Column
from openinsure.console.details import ask_detail
from openinsure.console.filters import OneOf, Option
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.panels import Asked, load_together
from openinsure.console.regions import region
from openinsure.console.rendering import Source, render_detail, render_list
from openinsure.console.request import ConsoleRequest
from openinsure.pages.claim_books import disbursement_books
from openinsure.pages.claim_detail import NUMBER
from openinsure.pages.claim_people import hidden_from
from openinsure.pages.claim_sources import with_names
from openinsure.pages.ledger_parties import owners_of, parties
from openinsure.problems import NotFound
from openinsure.tenancy.listing import Condition, Count, Page, Where, Without
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True)
class DisbursementLine:
    """One row as the page, JSON and CSV show it; the payee masked."""

    id: str
    number: str
    claim_number: str | None
    status: str
    method: str
    payee: str
    check_number: str | None
    amount_cents: int
    currency: str
    requested: datetime
    issued: datetime | None
    cleared: datetime | None
    updated: datetime


def disbursement_href(row: DisbursementLine) -> str:
    """The address of a disbursement."""
    return links.url("claims.disbursement", row.number)


LIST = ListPage(
    name="claims.disbursements",
    title="Disbursements",
    noun="disbursement",
    nouns="disbursements",
    columns=(
        Column(name="number", label="Disbursement", kind="code", sort="descending"),
        Column(name="claim_number", label="Claim", kind="code", narrow=False),
        Column(name="payee", label="Payee", narrow=False),
        Column(name="method", label="Method", kind="code", narrow=False),
        Column(name="check_number", label="Check", kind="code", narrow=False),
        Column(name="amount_cents", label="Amount", kind="money", sort="descending"),
        Column(name="status", label="Status", kind="badge"),
        Column(name="requested", label="Requested", kind="instant", sort="descending"),
        Column(name="issued", label="Issued", kind="instant", shown=False),
        Column(name="cleared", label="Cleared", kind="instant", shown=False),
        Column(name="updated", label="Changed", kind="instant", sort="descending", shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-updated",
    filters=(
        OneOf("status", "Status", STATUSES, many=True),
        OneOf(
            "method",
            "Method",
            (Option("check", "Check"), Option("ach", "ACH"), Option("card", "Card")),
            many=True,
        ),
    ),
    href=disbursement_href,
    empty="A disbursement appears here once an adjuster requests one.",
)
APPROVALS = region(
    "approvals", "Approvals", "Nobody has decided yet",
    step="Step|count", role="Role", decision="Decision|badge", by="By",
    at="When|instant", note="Note",
)  # fmt: skip

# Label and URL name of the step that waits for an approver, by status.
STEPS = {
    "pending_approval": ("Approve or reject", "claims.decide"),
    "approved": ("Issue", "claims.issue"),
}


@require_GET
@allow("claim.view")
def disbursement_list(request: ConsoleRequest) -> HttpResponse:
    """The organisation's disbursements, without claims that the viewer is recused from."""
    rows = Disbursements(request.scope, hidden_from(request))
    return render_list(request, ask(request, LIST), Source(read=rows.read, count=rows.count))


@dataclass(frozen=True, slots=True)
class Disbursements:
    """The rows of one request."""

    scope: Scope
    hidden: tuple[str, ...]

    def read(self, asked: Ask) -> Page[DisbursementLine]:
        """One page: a statement for the rows, one for the numbers of their claims."""
        page = queries.list_disbursements(
            self.scope,
            self._where(asked),
            sort=asked.sort,
            descending=asked.descending,
            at=asked.at,
            size=asked.size,
        )
        ids = {row.claim_id for row in page.rows if row.claim_id}
        numbers = queries.claim_numbers(self.scope, ids)
        lines = tuple(line_of(row, numbers) for row in page.rows)
        return Page(lines, page.next, page.previous, page.searched_to, page.read_at)

    def count(self, asked: Ask) -> Count:
        """How many there are, counted to 1,000. One statement."""
        return queries.count_disbursements(self.scope, self._where(asked), sort=asked.sort)

    def _where(self, asked: Ask) -> Where:
        where: dict[str, Condition] = {
            name: asked.many(name) for name in ("status", "method") if asked.many(name)
        }
        return where | ({"claim_id": Without(self.hidden)} if self.hidden else {})


def line_of(row: DisbursementRow, numbers: Mapping[str, str]) -> DisbursementLine:
    """The row with its claim's number."""
    return DisbursementLine(
        id=row.id,
        number=row.number,
        claim_number=numbers.get(row.claim_id or ""),
        status=row.status,
        method=row.method,
        payee=row.payee,
        check_number=row.check_number,
        amount_cents=row.amount_cents,
        currency=row.currency,
        requested=row.requested,
        issued=row.issued,
        cleared=row.cleared,
        updated=row.updated,
    )


@require_GET
@allow("claim.view")
def disbursement_detail(request: ConsoleRequest, number: str) -> HttpResponse:
    """One disbursement with its approvals."""
    ask_detail(request, tabs=(), noun="the page of a disbursement")
    found, claim_number = find_with_claim(request, number)
    scope = request.scope
    read: dict[str, Asked] = {
        "approvals": ("Approvals", lambda: disbursing.approvals_of(scope, found.id)),
        "payments": ("Claims", lambda: disbursing.payments_of(scope, found.id)),
    }
    panels = load_together(read)
    panels |= disbursement_books(request, panels.pop("payments"))
    claims = {found.claim_id: claim_number} if found.claim_id and claim_number else {}
    return render_detail(
        request,
        "claims/disbursement.html",
        row=line_of(found, claims),
        panels=with_names(scope, panels),
        region=APPROVALS,
        act=next_step(request, found),
        parties=parties(request, owners_of(panels["transfers"].rows)),
    )


def find_disbursement(request: ConsoleRequest, number: str) -> DisbursementRow:
    """The disbursement of the address. Raises NotFound, also for a recused person's claim."""
    return find_with_claim(request, number)[0]


def find_with_claim(request: ConsoleRequest, number: str) -> tuple[DisbursementRow, str | None]:
    """The same with the number of its claim. Two statements."""
    if not NUMBER.fullmatch(number):
        raise NotFound("disbursement", number[:40])
    found, claim_number = disbursing.disbursement_with_claim(request.scope, number)
    if found.claim_id in hidden_from(request):
        raise NotFound("disbursement", number)
    return found, claim_number


def next_step(request: ConsoleRequest, found: DisbursementRow) -> tuple[str, str] | None:
    """Label and address of the step the viewer is offered; the operation checks who it is.

    At most one round trip, and none where there is no step left.
    """
    if request.scope.mode != "own" or "disbursement.approve" not in request.rights:
        return None
    step = STEPS.get(found.status)
    if step is None or not may(request, "disbursement.approve", "disbursement", found.id):
        return None
    label, route = step
    return label, links.url(route, found.number)
