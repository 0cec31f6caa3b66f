"""/inbox: mail that came in, filed to submissions and claims by its numbers or by hand."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from openinsure.authz.decorators import allow
from openinsure.claims.models import Claim
from openinsure.console import undo
from openinsure.console.acting import actor_of
from openinsure.console.columns import Column
from openinsure.console.forms import form_id, once
from openinsure.console.letters import masked
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask, refuse_unknown
from openinsure.console.rendering import Source, render_list, render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.pages.claim_people import hidden_from
from openinsure.pages.ledger_parties import claims_by_id
from openinsure.problems import BadForm
from openinsure.submissions import inbox
from openinsure.submissions.inbox import MessageRow
from openinsure.submissions.operations.inbound import file_message
from openinsure.tenancy.listing import Page

NUMBER_MAX = 40


@dataclass(frozen=True, slots=True)
class Line:
    """One message as listed. sender is masked; filed_to: number of the object, href: its page."""

    id: str
    received_at: datetime
    subject: str
    sender: str
    kind: str
    status: str
    filed_to: str
    object_href: str
    error: str
    mailbox: str


LIST = ListPage(
    name="inbox.list",
    title="Inbox",
    noun="message",
    nouns="messages",
    columns=(
        Column(name="received_at", label="Received", kind="instant", sort="descending"),
        Column(name="subject", label="Subject", clip=True),
        Column(name="sender", label="From", narrow=False),
        Column(name="kind", label="About", narrow=False),
        Column(name="status", label="Status", kind="badge"),
        Column(name="filed_to", label="Filed to", kind="code"),
        Column(name="error", label="Why set aside", shown=False),
        Column(name="mailbox", label="Mailbox", kind="code", shown=False),
    ),
    default_sort="-received_at",
    filters=inbox.FILTERS,
    views=inbox.VIEWS,
    href=lambda row: url("inbox.detail", row.id),
    empty="Mail to the organization's inbound address appears here every fifteen minutes.",
)


@require_GET
@allow("submission.view")
def message_list(request: ConsoleRequest) -> HttpResponse:
    """The organisation's messages, the newest first. Up to three statements."""
    asked = ask(request, LIST)

    def read(wanted: Ask) -> Page[Line]:
        page = inbox.list_messages(request.scope, inbox.where_of(wanted), wanted)
        return Page(_lines(request, page.rows), page.next, page.previous, page.searched_to)

    source = Source(
        read=read,
        count=lambda wanted: inbox.count_messages(request.scope, inbox.where_of(wanted), wanted),
    )
    return render_list(request, asked, source)


@require_GET
@allow("submission.view")
def message_detail(request: ConsoleRequest, message: str) -> HttpResponse:
    """One message with its files, and the form that files it."""
    refuse_unknown(request.GET, {"orgId": False}, "a message")
    return _page(request, message)


@require_POST
@allow("submission.edit")
def message_file(request: ConsoleRequest, message: str) -> HttpResponse:
    """File it under the number typed, or dismiss it; a repeat changes nothing."""
    found = inbox.get_message(request.scope, message)
    try:
        once(request)  # this person's own form
        dismiss = request.POST.get("dismiss") == "yes"
        number = request.POST.get("number", "").strip().upper()[:NUMBER_MAX]
        submission, claim = (None, None) if dismiss else _object(request, number)
        file_message(
            request.scope, found.id, submission_id=submission, claim_id=claim,
            to="" if dismiss else number, actor=actor_of(request), now=timezone.now(),
        )  # fmt: skip
    except BadForm as refusal:
        if wants_json(request):
            raise
        return _page(request, message, errors=refusal.errors, status=422)
    if wants_json(request):
        return JsonResponse({"row": {"id": found.id, "filed_to": "" if dismiss else number}})
    said = "Dismissed." if dismiss else f"Filed to {number}."
    return undo.back(request, url("inbox.detail", found.id), said)


def _object(request: ConsoleRequest, number: str) -> tuple[str | None, str | None]:
    """Ids of the submission or claim of a number. Raises BadForm for one unknown to the viewer."""
    scope = request.scope
    if number.startswith("SUB-") and (submission := inbox.id_of(scope, number)):
        return submission, None
    if number.startswith("CLM-") and "claim.view" in request.rights:
        rows = Claim.objects.within(scope).filter(claim_number=number)
        found = rows.exclude(id__in=hidden_from(request)).values_list("id", flat=True).first()
        if found is not None:
            return None, str(found)
    raise BadForm({"number": "must be the number of a submission or claim, as in SUB-ACM-000067"})


def _page(
    request: ConsoleRequest, message: str, errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    found = inbox.get_message(request.scope, message)
    (line,) = _lines(request, (found,))
    files = inbox.list_attachments(request.scope, found.id)
    told = {"row": asdict(line), "panels": {"files": {
        "state": "ok" if files else "empty", "rows": [asdict(file) for file in files]
    }}}  # fmt: skip
    may_file = "submission.edit" in request.rights and found.status != "filed"
    return render_page(
        request,
        "inbox/message.html",
        data=told,
        status=status,
        row=line,
        files=files,
        errors=errors or {},
        typed=request.POST.get("number", ""),
        form_id=form_id(request) if may_file else "",
    )


def _lines(request: ConsoleRequest, rows: tuple[MessageRow, ...]) -> tuple[Line, ...]:
    """Rows with the numbers they are filed to, claims only for those for whom they exist."""
    numbers = inbox.numbers_of(request.scope, (row.submission_id for row in rows))
    ids = {row.claim_id for row in rows if row.claim_id}
    claims = claims_by_id(request, ids) if "claim.view" in request.rights else {}
    return tuple(_line(row, numbers, claims) for row in rows)


def _line(row: MessageRow, numbers: dict[str, str], claims: dict[str, str]) -> Line:
    line = Line(
        id=row.id,
        received_at=row.received_at,
        subject=row.subject or "(no subject)",
        sender=masked(row.sender),
        kind=(row.kind or "").replace("_", " "),
        status=row.status,
        filed_to="",
        object_href="",
        error=row.error or "",
        mailbox=row.mailbox,
    )
    if row.submission_id in numbers:
        number = numbers[row.submission_id]
        return replace(line, filed_to=number, object_href=url("submissions.detail", number))
    if row.claim_id in claims:
        number = claims[row.claim_id]
        return replace(line, filed_to=number, object_href=url("claims.detail", number))
    return replace(line, filed_to="a claim") if row.claim_id else line


urlpatterns = [
    path("inbox", message_list, name="inbox.list"),
    path("inbox/<str:message>", message_detail, name="inbox.detail"),
    path("inbox/<str:message>/filings", message_file, name="inbox.file"),
]
