"""Lists of what an organisation works with: producers, programs, rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.console.columns import Column
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.rendering import Source, render_list
from openinsure.console.request import ConsoleRequest
from openinsure.console.small_lists import page_of
from openinsure.orgs import producers, programs
from openinsure.orgs.codes import Coded, OrgCodes, org_codes
from openinsure.orgs.filters import (
    PRODUCER_FILTERS,
    PRODUCER_VIEWS,
    PROGRAM_FILTERS,
    RULE_FILTERS,
)
from openinsure.orgs.program_rows import ProgramRow, RuleRow, VersionRow
from openinsure.tenancy.listing import Page
from openinsure.tenancy.scope import Scope

NO_CODE = Coded("", "")


@dataclass(frozen=True, slots=True)
class ProducerLine:
    """One producer with the licence that ends first. license: expired, expiring or active."""

    id: str
    code: str
    name: str
    status: str
    state: str | None
    license: str | None
    license_state: str | None
    expires: date | None
    npn: str | None
    billing_mode: str
    updated: datetime


PRODUCERS = ListPage(
    name="producers.list",
    title="Producers",
    noun="producer",
    nouns="producers",
    columns=(
        Column(name="code", label="Producer", kind="code", sort="ascending"),
        Column(name="name", label="Agency", clip=True, sort="ascending"),
        Column(name="status", label="Status", kind="badge"),
        Column(name="license", label="License", kind="badge"),
        Column(name="expires", label="Ends", kind="day", help="The license that ends first"),
        Column(name="license_state", label="In", kind="code", narrow=False),
        Column(name="state", label="Home", kind="code", narrow=False),
        Column(name="npn", label="NPN", kind="code", shown=False),
        Column(name="billing_mode", label="Billing", shown=False),
        Column(name="updated", label="Changed", kind="instant", sort="descending", shown=False),
    ),
    default_sort="code",
    filters=PRODUCER_FILTERS,
    views=PRODUCER_VIEWS,
    href=lambda row: url("producers.detail", row.code),
    empty="Producers appear here once they are appointed.",
)


@require_GET
@allow("org.view")
def producer_list(request: ConsoleRequest) -> HttpResponse:
    """Agencies and brokers, and whose licence ends soon."""
    asked = ask(request, PRODUCERS)
    scope, today = request.scope, timezone.now().date()
    return render_list(request, asked, Source(read=lambda a: producer_page(scope, a, today)))


def producer_page(scope: Scope, asked: Ask, today: date) -> Page[ProducerLine]:
    """Two statements; the view of ending licences takes one more."""
    where = {name: asked.many(name) for name in ("status", "state") if asked.many(name)}
    if asked.view == "expiring":
        ids = producers.expiring(scope, today=today)
        rows = producers.producers_by_id(scope, ids, where)
        page = page_of(rows, asked, value=_sortable)
    else:
        page = producers.list_producers(
            scope, where, sort=asked.sort, descending=asked.descending, at=asked.at,
            size=asked.size,
        )  # fmt: skip
    licences = producers.next_expiries(scope, [row.id for row in page.rows], today=today)
    lines = tuple(_producer(row, licences.get(row.id)) for row in page.rows)
    return Page(lines, page.next, page.previous, page.searched_to)


def _sortable(row: producers.ProducerRow, sort: str) -> str:
    return row.updated.isoformat() if sort == "updated" else str(getattr(row, sort))


def _producer(row: producers.ProducerRow, licence: producers.LicenceRow | None) -> ProducerLine:
    return ProducerLine(
        id=row.id,
        code=row.code,
        name=row.name,
        status=row.status,
        state=row.state,
        license=licence.standing if licence else None,
        license_state=licence.state if licence else None,
        expires=licence.expires if licence else None,
        npn=row.npn,
        billing_mode=row.billing_mode,
        updated=row.updated,
    )


@dataclass(frozen=True, slots=True)
class ProgramLine:
    """One program, its carrier by name."""

    id: str
    code: str
    name: str
    status: str
    line: str
    carrier: str | None
    admitted: bool
    effective: date
    expires: date | None
    updated: datetime


PROGRAMS = ListPage(
    name="programs.list",
    title="Programs",
    noun="program",
    nouns="programs",
    columns=(
        Column(name="code", label="Program", kind="code", sort="ascending"),
        Column(name="name", label="Name", clip=True, sort="ascending"),
        Column(name="status", label="Status", kind="badge"),
        Column(name="carrier", label="Carrier", clip=True),
        Column(name="line", label="Line", narrow=False),
        Column(name="admitted", label="Admitted", kind="flag", narrow=False),
        Column(name="effective", label="Effective", kind="day", narrow=False),
        Column(name="expires", label="Ends", kind="day", shown=False),
        Column(name="updated", label="Changed", kind="instant", sort="descending", shown=False),
    ),
    default_sort="code",
    filters=PROGRAM_FILTERS,
    href=lambda row: url("programs.detail", row.code),
)


@require_GET
@allow("org.view")
def program_list(request: ConsoleRequest) -> HttpResponse:
    """What the organisation sells."""
    asked, scope = ask(request, PROGRAMS), request.scope
    codes = org_codes(scope)

    def read(a: Ask) -> Page[ProgramLine]:
        where = {"status": a.many("status")} if a.many("status") else {}
        page = programs.list_programs(
            scope, where, sort=a.sort, descending=a.descending, at=a.at, size=a.size
        )
        lines = tuple(_program(row, codes) for row in page.rows)
        return Page(lines, page.next, page.previous, page.searched_to)

    return render_list(request, asked, Source(read=read))


def _program(row: ProgramRow, codes: OrgCodes) -> ProgramLine:
    return ProgramLine(
        id=row.id,
        code=row.code,
        name=row.name,
        status=row.status,
        line=row.line.replace("_", " ").lower(),
        carrier=codes.carriers.get(row.carrier_id, NO_CODE).name or None,
        admitted=bool(row.admitted),
        effective=row.effective,
        expires=row.expires,
        updated=row.updated,
    )


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule with the words of its active version."""

    id: str
    name: str
    key: str
    stage: str
    status: str
    program: str | None
    outcome: str | None
    expression: str | None
    message: str | None
    version: int | None
    updated: datetime


RULES = ListPage(
    name="rules.list",
    title="Rules",
    noun="rule",
    nouns="rules",
    columns=(
        Column(name="name", label="Rule"),
        Column(name="program", label="Program", kind="code"),
        Column(name="stage", label="Stage"),
        Column(name="outcome", label="Outcome"),
        Column(name="expression", label="When", kind="code", narrow=False),
        Column(name="message", label="Message", clip=True, narrow=False),
        Column(name="status", label="Status", kind="badge"),
        Column(name="key", label="Key", kind="code", shown=False),
        Column(name="version", label="Version", kind="count", shown=False),
        Column(name="updated", label="Changed", kind="instant", sort="descending", shown=False),
    ),
    default_sort="-updated",
    filters=RULE_FILTERS,
)


@require_GET
@allow("org.view")
def rule_list(request: ConsoleRequest) -> HttpResponse:
    """Underwriting rules with what they say now."""
    asked, scope = ask(request, RULES), request.scope
    codes = org_codes(scope)

    def read(a: Ask) -> Page[RuleLine]:
        where = {"stage": a.many("stage")} if a.many("stage") else {}
        page = programs.list_rules(
            scope, where, sort=a.sort, descending=a.descending, at=a.at, size=a.size
        )
        ids = [row.version_id for row in page.rows if row.version_id]
        versions = programs.versions_by_id(scope, ids)
        lines = tuple(_rule(row, versions.get(row.version_id or ""), codes) for row in page.rows)
        return Page(lines, page.next, page.previous, page.searched_to)

    return render_list(request, asked, Source(read=read))


def _rule(row: RuleRow, version: VersionRow | None, codes: OrgCodes) -> RuleLine:
    return RuleLine(
        id=row.id,
        name=row.name,
        key=row.key,
        stage=row.stage,
        status=row.status,
        program=codes.programs.get(row.program_id, NO_CODE).code or None,
        outcome=version.outcome if version else None,
        expression=version.expression if version else None,
        message=version.message if version else None,
        version=version.version if version else None,
        updated=row.updated,
    )
