"""/compliance/filings: state reports, notices and what is due, with the days that are left."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.console.columns import Column
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.rendering import Source, render_list
from openinsure.console.request import ConsoleRequest
from openinsure.console.small_lists import page_of
from openinsure.policies import filings
from openinsure.policies.filings import FilingRow
from openinsure.problems import NotFound
from openinsure.tenancy.listing import Page


def _href(row: FilingRow) -> str:
    """The notice itself, else the policy."""
    if not row.policy_number:
        return ""
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
        Column(name="sent_at", label="Sent", kind="instant", narrow=False),
        Column(name="file", label="File", kind="code", narrow=False),
        Column(name="note", label="Note", clip=True, narrow=False),
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
    asked = ask(request, LIST)
    rows = filings.filings(request.scope, today=timezone.now().date())

    def read(wanted: Ask) -> Page[FilingRow]:
        return page_of(filings.wanted(rows, wanted), wanted, value=lambda row, _: row.due)

    def peek(key: str) -> FilingRow:
        found = next((row for row in rows if row.id == key), None)
        if found is None:
            raise NotFound("filing")
        return found

    source = Source(read=read, peek=peek, peek_template="compliance/_filing_peek.html")
    return render_list(request, asked, source)


urlpatterns = [path("compliance/filings", filing_list, name="compliance.filings")]
