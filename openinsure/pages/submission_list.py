"""/submissions: requests for insurance of oi_submissions, codes and people from oi_global."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.console.columns import Column
from openinsure.console.filters import Option
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.rendering import Source, render_list
from openinsure.console.request import ConsoleRequest
from openinsure.orgs.codes import OrgCodes, org_codes
from openinsure.orgs.staff import UNDERWRITER_ROLES, Staff, name_of, org_staff
from openinsure.pages.policy_list import code_of, ids_of, options_of
from openinsure.submissions import queries
from openinsure.submissions.filters import FILTERS, SEARCH, VIEWS, SubmissionFilter
from openinsure.submissions.rows import SubmissionRow
from openinsure.submissions.states import stage_of
from openinsure.tenancy.listing import Count, Page
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True)
class SubmissionLine:
    """One row as the page, JSON and CSV show it: codes and names instead of ids."""

    id: str
    number: str
    status: str
    stage: str
    insured: str
    received_at: datetime
    underwriter: str | None
    program: str | None
    producer: str | None
    state: str
    priority: str
    requested_effective: date | None
    target_premium_cents: int
    currency: str
    vehicles: int
    updated: datetime


LIST = ListPage(
    name="submissions.list",
    title="Submissions",
    noun="submission",
    nouns="submissions",
    columns=(
        Column(name="number", label="Submission", kind="code", sort="descending"),
        Column(name="insured", label="Insured", clip=True, sort="ascending"),
        Column(name="status", label="Status", kind="badge"),
        Column(name="received_at", label="Received", kind="instant", sort="descending"),
        Column(name="underwriter", label="Underwriter", clip=True, narrow=False),
        Column(name="program", label="Program", kind="code", narrow=False),
        Column(name="state", label="State", kind="code", narrow=False),
        Column(name="target_premium_cents", label="Target", kind="money", sort="descending"),
        Column(name="stage", label="Stage", shown=False),
        Column(name="producer", label="Producer", kind="code", shown=False),
        Column(name="requested_effective", label="Wanted from", kind="day", shown=False),
        Column(name="vehicles", label="Units", kind="count", shown=False),
        Column(name="priority", label="Priority", shown=False),
        Column(name="updated", label="Changed", kind="instant", sort="descending", shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-received_at",
    filters=FILTERS,
    views=VIEWS,
    href=lambda row: url("submissions.detail", row.number),
    search=SEARCH,
    empty="A submission appears here when a producer or the mailbox sends one.",
)


@require_GET
@allow("submission.view")
def submission_list(request: ConsoleRequest) -> HttpResponse:
    """The organisation's submissions."""
    codes, staff = org_codes(request.scope), org_staff(request.scope)
    offers = {**options_of(codes), "underwriter": underwriters(staff)}
    asked = ask(request, LIST, options=offers)
    viewer = request.who.user_id if request.who else ""
    lines = Lines(request.scope, codes, staff, viewer)
    source = Source(
        read=lines.read,
        count=lines.count,
        peek=lines.peek,
        peek_template="submissions/_peek.html",
    )
    return render_list(request, asked, source)


def underwriters(staff: Staff) -> tuple[Option, ...]:
    """Who may work on submissions, by name; the value is the user id."""
    found = (one for one in staff.values() if one.role in UNDERWRITER_ROLES)
    return tuple(Option(one.id, one.name) for one in sorted(found, key=lambda o: (o.name, o.id)))


@dataclass(frozen=True, slots=True)
class Lines:
    """The rows of one request."""

    scope: Scope
    codes: OrgCodes
    staff: Staff
    viewer_id: str

    def read(self, asked: Ask) -> Page[SubmissionLine]:
        """One page: one statement on oi_submissions, two for what no index answers."""
        page = queries.list_submissions(
            self.scope,
            self._filter(asked),
            sort=asked.sort,
            descending=asked.descending,
            at=asked.at,
            size=asked.size,
        )
        rows = tuple(self._line(row) for row in page.rows)
        return Page(rows, page.next, page.previous, page.searched_to)

    def count(self, asked: Ask) -> Count:
        """How many there are, counted to 1,000. One statement."""
        return queries.count_submissions(self.scope, self._filter(asked), sort=asked.sort)

    def peek(self, submission_id: str) -> SubmissionLine:
        """One row for the drawer. Raises NotFound."""
        return self._line(queries.get_row(self.scope, submission_id))

    def _filter(self, asked: Ask) -> SubmissionFilter:
        return SubmissionFilter.of(
            asked,
            program_ids=ids_of(self.codes.programs, asked.many("program")),
            producer_ids=ids_of(self.codes.producers, asked.many("producer")),
            viewer_id=self.viewer_id,
        )

    def _line(self, row: SubmissionRow) -> SubmissionLine:
        return SubmissionLine(
            id=row.id,
            number=row.number,
            status=row.status,
            stage=stage_of(row.status),
            insured=row.insured,
            received_at=row.received_at,
            underwriter=name_of(self.staff, row.underwriter_id) or None,
            program=code_of(self.codes.programs, row.program_id),
            producer=code_of(self.codes.producers, row.producer_id or ""),
            state=row.state,
            priority=row.priority,
            requested_effective=row.requested_effective,
            target_premium_cents=row.target_premium_cents,
            currency=row.currency,
            vehicles=row.vehicles,
            updated=row.updated,
        )
