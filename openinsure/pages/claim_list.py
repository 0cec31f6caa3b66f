"""/claims: claims of oi_claims, codes from oi_global, days of loss in the policies' zones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.claims import queries
from openinsure.claims.filters import FILTERS, SEARCH, VIEWS, ClaimFilter
from openinsure.claims.rows import ClaimRow
from openinsure.console.columns import Column
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.panels import load
from openinsure.console.rendering import Source, render_list
from openinsure.console.request import ConsoleRequest
from openinsure.orgs.codes import OrgCodes, org_codes
from openinsure.orgs.zones import org_zone
from openinsure.pages.claim_people import Viewer, viewer_of
from openinsure.pages.policy_list import code_of, ids_of, options_of
from openinsure.policies.zones import zones_of
from openinsure.tenancy.listing import Count, Page
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One row as the page, JSON and CSV show it: codes and names instead of ids."""

    id: str
    number: str
    policy_number: str
    insured: str
    status: str
    loss_date: date | None
    reported_at: datetime
    adjuster: str | None
    reserve_cents: int
    paid_cents: int
    recovered_cents: int
    incurred_cents: int
    currency: str
    program: str | None
    producer: str | None
    state: str
    litigated: bool
    updated: datetime


def claim_href(row: ClaimLine) -> str:
    """The address of a claim."""
    return url("claims.detail", row.number)


LIST = ListPage(
    name="claims.list",
    title="Claims",
    noun="claim",
    nouns="claims",
    columns=(
        Column(name="number", label="Claim", kind="code", sort="descending"),
        Column(name="policy_number", label="Policy", kind="code", sort="ascending", narrow=False),
        Column(name="insured", label="Insured", clip=True, sort="ascending", narrow=False),
        Column(name="status", label="Status", kind="badge"),
        Column(name="loss_date", label="Loss", kind="day", sort="descending", narrow=False),
        Column(name="reported_at", label="Reported", kind="instant", sort="descending"),
        Column(name="reserve_cents", label="Reserve", kind="money", help="Outstanding"),
        Column(name="paid_cents", label="Paid", kind="money"),
        Column(
            name="incurred_cents",
            label="Incurred",
            kind="money",
            sort="descending",
            help="Outstanding + paid - recovered",
        ),
        Column(name="recovered_cents", label="Recovered", kind="money", shown=False),
        Column(name="adjuster", label="Adjuster", clip=True, shown=False),
        Column(name="program", label="Program", kind="code", shown=False),
        Column(name="producer", label="Producer", kind="code", shown=False),
        Column(name="state", label="State of loss", kind="code", shown=False),
        Column(name="litigated", label="Litigated", kind="flag", shown=False),
        Column(name="updated", label="Changed", kind="instant", sort="descending", shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-reported_at",
    filters=FILTERS,
    views=VIEWS,
    href=claim_href,
    search=SEARCH,
    empty="A claim appears here once a loss is reported.",
)


@require_GET
@allow("claim.view")
def claim_list(request: ConsoleRequest) -> HttpResponse:
    """The organisation's claims, without those that the viewer is recused from."""
    codes, viewer = org_codes(request.scope), viewer_of(request)
    asked = ask(request, LIST, options={**options_of(codes), "adjuster": viewer.options})
    claims = Claims(request.scope, codes, viewer)
    source = Source(
        read=claims.read, count=claims.count, peek=claims.peek, peek_template="claims/_peek.html"
    )
    return render_list(request, asked, source)


@dataclass(frozen=True, slots=True)
class Claims:
    """The rows of one request."""

    scope: Scope
    codes: OrgCodes
    viewer: Viewer

    def read(self, asked: Ask) -> Page[ClaimLine]:
        """One page: a statement on oi_claims, one on oi_policies for the days of loss."""
        page = queries.list_claims(
            self.scope,
            self._filter(asked),
            sort=asked.sort,
            descending=asked.descending,
            at=asked.at,
            size=asked.size,
        )
        zones = read_zones(self.scope, {row.policy_id for row in page.rows})
        lines = tuple(self._line(row, zones) for row in page.rows)
        return Page(lines, page.next, page.previous, page.searched_to, page.read_at)

    def count(self, asked: Ask) -> Count:
        """How many there are, counted to 1,000. One statement."""
        return queries.count_claims(self.scope, self._filter(asked), sort=asked.sort)

    def peek(self, claim_id: str) -> ClaimLine:
        """One row for the drawer. Raises NotFound."""
        row = queries.get_row(self.scope, claim_id, hidden=self.viewer.hidden)
        return self._line(row, read_zones(self.scope, {row.policy_id}))

    def _filter(self, asked: Ask) -> ClaimFilter:
        ranged = any(name.startswith(("loss_", "reported_")) for name in asked.values)
        return ClaimFilter.of(
            asked,
            ids={
                "program_id": ids_of(self.codes.programs, asked.many("program")),
                "producer_id": ids_of(self.codes.producers, asked.many("producer")),
            },
            mine=self.viewer.mine,
            zone=org_zone(self.scope) if ranged else ZoneInfo("UTC"),
            hidden=self.viewer.hidden,
        )

    def _line(self, row: ClaimRow, zones: Mapping[str, ZoneInfo]) -> ClaimLine:
        return ClaimLine(
            id=row.id,
            number=row.number,
            policy_number=row.policy_number,
            insured=row.insured,
            status=row.status,
            loss_date=loss_date(row, zones),
            reported_at=row.reported_at,
            adjuster=self.viewer.name_of(row.adjuster_id),
            reserve_cents=row.reserve_cents,
            paid_cents=row.paid_cents,
            recovered_cents=row.recovered_cents,
            incurred_cents=row.incurred_cents,
            currency=row.currency,
            program=code_of(self.codes.programs, row.program_id),
            producer=code_of(self.codes.producers, row.producer_id or ""),
            state=row.state,
            litigated=bool(row.litigated),
            updated=row.updated,
        )


def read_zones(scope: Scope, policy_ids: set[str]) -> Mapping[str, ZoneInfo]:
    """The policies' zones; none of them while oi_policies is away, so the days stay unknown."""
    panel = load("Policies", lambda: zones_of(scope, policy_ids).items())
    return dict(panel.rows)


def loss_date(row: ClaimRow, zones: Mapping[str, ZoneInfo]) -> date | None:
    """The day of the loss where the policy is; None if its policy is not known here."""
    zone = zones.get(row.policy_id)
    return row.loss_at.astimezone(zone).date() if zone else None
