"""/compliance/filings: state reports, notices and what is due, with the days that are left."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from openinsure.authz.decorators import allow
from openinsure.console import undo
from openinsure.console.acting import actor_of
from openinsure.console.columns import Column
from openinsure.console.forms import form_id, once
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask, refuse_unknown
from openinsure.console.rendering import Source, render_list, render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.policies import duties, filings
from openinsure.policies.filings import FilingRow
from openinsure.policies.operations.state_answers import resend_record
from openinsure.policies.state_records import get_record
from openinsure.tenancy.listing import Page


def _href(row: FilingRow) -> str:
    """The notice itself, else the policy."""
    if not row.policy_number:
        return ""
    if row.kind == "state_record":
        return url("compliance.filing", row.id)
    if row.kind == "notice":
        return url("policies.notice", row.policy_number, row.id)
    return url("policies.detail", row.policy_number)


LIST = ListPage(
    name="compliance.filings",
    title="Filings and notices",
    noun="filing",
    nouns="filings",
    columns=(
        Column(name="due", label="Due", kind="day", sort="ascending"),
        Column(name="days_left", label="Days left", kind="count", help="Negative: past due"),
        Column(name="what", label="What", clip=True),
        Column(name="policy_number", label="Policy", kind="code"),
        Column(name="status", label="Status", kind="badge"),
        Column(name="note", label="Note", clip=True, narrow=False),
        Column(name="sent_at", label="Sent", kind="instant", narrow=False),
        Column(name="file", label="File", kind="code", narrow=False),
        Column(name="kind", label="Kind", shown=False),
        Column(name="sha256", label="SHA-256", kind="code", shown=False),
    ),
    default_sort="-due",
    filters=filings.FILTERS,
    views=filings.VIEWS,
    href=_href,
    empty="State records and notices appear here once the nightly jobs find them due.",
)


@require_GET
@allow("audit.view")
def filing_list(request: ConsoleRequest) -> HttpResponse:
    """Everything that has to be sent, the newest due day first."""
    asked, scope, today = ask(request, LIST), request.scope, timezone.now().date()

    def read(wanted: Ask) -> Page[FilingRow]:
        page = duties.list_duties(scope, filings.wish_of(wanted), today=today)
        return Page(duties.named(scope, page.rows), next=page.next, previous=page.previous)

    source = Source(
        read=read,
        peek=lambda key: duties.get_duty(scope, key, today=today),
        peek_template="compliance/_filing_peek.html",
    )
    return render_list(request, asked, source)


@require_GET
@allow("audit.view")
def filing_detail(request: ConsoleRequest, record: str) -> HttpResponse:
    """One record of a file to the state, what was answered, and sending it again."""
    refuse_unknown(request.GET, {"orgId": False}, "a filing")
    row = get_record(request.scope, record, today=timezone.now().date())
    may = request.grant is None and "policy.edit" in request.rights and row.status == "rejected"
    return render_page(
        request,
        "compliance/filing.html",
        data=lambda: {"row": asdict(row)},
        row=row,
        form_id=form_id(request) if may else "",
    )


@require_POST
@allow("policy.edit")
def filing_resend(request: ConsoleRequest, record: str) -> HttpResponse:
    """Put the corrected record into a file of its own, once; the next run sends it."""
    now = timezone.now()
    found = get_record(request.scope, record, today=now.date())
    once(request)  # this person's own form
    key = resend_record(request.scope, found.id, actor=actor_of(request), now=now)
    if wants_json(request):
        return JsonResponse({"row": {"id": record, "again": key}})
    told = "Put into a file of its own; the next run sends it."
    return undo.back(request, url("compliance.filing", key), told)


urlpatterns = [
    path("compliance/filings", filing_list, name="compliance.filings"),
    path("compliance/filings/<str:record>", filing_detail, name="compliance.filing"),
    path("compliance/filings/<str:record>/resends", filing_resend, name="compliance.resend"),
]
