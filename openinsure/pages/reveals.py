"""Revealing personal data of a submission or a claim: a reason, an audit row, then one answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.audit.record import append
from openinsure.authz.decorators import allow, forbid
from openinsure.claims.personal import claimant_facts
from openinsure.console import forms
from openinsure.console.acting import actor_of, audit_event
from openinsure.console.links import url
from openinsure.console.lists import refuse_unknown
from openinsure.console.offers import VERSION, Form, Sent, read, reason_input, sent_of
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.pages.claim_detail import find_claim
from openinsure.pages.submission_detail import named
from openinsure.policies.personal import contact_facts
from openinsure.problems import BadForm

REASON = reason_input("reveal_reason", "recorded before anything is shown.")
FORM = Form("reveal", "Reveal personal data", "Reveal", "", (REASON,))


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data it is: for the audit row, the way back, and how it is read."""

    action: str
    keyspace: str
    table: str
    id: str
    number: str
    version: int
    back: str
    facts: Callable[[], Iterable[Any]]


@require_http_methods(["GET", "HEAD", "POST"])
@allow("policy.view_pii")
def submission(request: ConsoleRequest, number: str) -> HttpResponse:
    """Contact of a submission's applicant."""
    if "submission.view" not in request.rights:
        raise forbid(request, "submission.view")
    found = named(request, number)
    insured = found.insured_id
    return _serve(
        request,
        Subject(
            "submission.pii_revealed", "oi_submissions", "submissions", found.id, number,
            found.lock_version, url("submissions.detail", number),
            lambda: contact_facts(request.scope, insured) if insured else (),
        ),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@allow("claim.view_pii")
def claim(request: ConsoleRequest, number: str) -> HttpResponse:
    """Contact and tax numbers of a claim's claimants; not for who is recused from it."""
    if "claim.view" not in request.rights:
        raise forbid(request, "claim.view")
    found = find_claim(request, number)
    return _serve(
        request,
        Subject(
            "claim.pii_revealed", "oi_claims", "claims", found.row.id, number, found.lock,
            url("claims.detail", number, tab="claimants"),
            lambda: claimant_facts(request.scope, found.row.id),
        ),
    )  # fmt: skip


def _serve(request: ConsoleRequest, subject: Subject) -> HttpResponse:
    """GET: the form. POST: the audit row, then the data in this answer only."""
    refuse_unknown(request.GET, {"orgId": False}, "this form")
    if request.method != "POST":
        return _page(request, subject, Sent())
    try:
        values = read(FORM, {VERSION: str(subject.version), **request.POST.dict()}, subject.number)
        once = forms.once(request)
    except BadForm as refusal:
        if wants_json(request):
            raise
        sent = sent_of(FORM, request.POST, refusal)
        return _page(request, subject, sent, status=refusal.status)
    event = audit_event(
        request.scope,
        actor_of(request),
        subject.action,
        keyspace=subject.keyspace,
        table=subject.table,
        entity_id=subject.id,
        object=subject.number,
        now=timezone.now(),
        after={"form": once.id},
        reason=values["reveal_reason"],
    )
    append(event)
    facts = [{"what": one.what, "value": one.value} for one in subject.facts()]
    request.rows_returned = len(facts)
    return _page(request, subject, Sent(), facts=facts)


def _page(
    request: ConsoleRequest,
    subject: Subject,
    sent: Sent,
    *,
    facts: list[dict[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    form_id = forms.form_id(request)
    told = {"number": subject.number, "form_id": form_id}
    return render_page(
        request,
        "ui/reveal.html",
        data={"row": told if facts is None else {**told, "personal": facts}},
        status=status,
        subject=subject,
        form=FORM,
        sent=sent,
        facts=facts,
        form_id=form_id,
    )


urlpatterns = [
    path("submissions/<str:number>/reveals", submission, name="submissions.reveal"),
    path("claims/<str:number>/reveals", claim, name="claims.reveal"),
]
