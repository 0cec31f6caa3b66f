"""/policies/<number>/notices/<id>: a notice to print and mail, and the record of its mailing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from openinsure.audit.record import append
from openinsure.authz.decorators import allow
from openinsure.billing.models import NonpayWorkflow
from openinsure.billing.operations import dunning
from openinsure.console import links, undo
from openinsure.console.acting import actor_of, audit_event
from openinsure.console.forms import once
from openinsure.console.lists import refuse_unknown
from openinsure.console.offers import VERSION, Form, Input, Sent, offer, read, sent_of
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.console.states import IllegalTransition
from openinsure.jobs.cancel_terms import cancel_terms
from openinsure.pages.policy_detail import NUMBER
from openinsure.policies import queries
from openinsure.policies.notices import NoticeRow, address_of, get_notice
from openinsure.policies.noticing import day_of
from openinsure.policies.operations.mailings import record_mailing
from openinsure.policies.operations.notice_rows import NONPAY, TO_MAIL
from openinsure.policies.rows import PolicyTerm
from openinsure.problems import BadForm, Conflict, NotFound, Problem

MAILING = Form(
    "policies.notice_mailing",
    "Record the mailing",
    "Record mailing",
    "policy.edit",
    (
        Input("mailed_on", "Mailed on", "day"),
        Input("proof", "Number of the proof of mailing", "line", required=False, length_max=64,
              hint="As on the certificate of mailing; required where the law asks for proof."),
    ),
    (TO_MAIL,),
)  # fmt: skip


@require_GET
@allow("policy.view")
def notice(request: ConsoleRequest, number: str, notice: str) -> HttpResponse:
    """What it is, on what law it stands, and what is left to do."""
    refuse_unknown(request.GET, {"term": False, "orgId": False}, "a notice")
    term, row = _found(request, number, notice)
    return _page(request, term, row)


@require_POST
@allow("policy.edit")
def letter(request: ConsoleRequest, number: str, notice: str) -> HttpResponse:
    """The letter to print, with its address: recorded before it is read."""
    term, row = _found(request, number, notice)
    if row.status != TO_MAIL:
        raise Conflict("This notice does not wait to be mailed any more. Look at it again.")
    now = timezone.now()
    append(audit_event(
        request.scope, actor_of(request), "notice.printed", keyspace="oi_policies",
        table="policy_notices", entity_id=row.id, object=term.number, now=now,
    ))  # fmt: skip
    return render_page(
        request,
        "policies/notice_letter.html",
        data=lambda: {"row": asdict(row)},
        term=term,
        row=row,
        address=address_of(request.scope, row.id),
        today=day_of(term, now),
        ends=row.lawful_from(day_of(term, now)),
        owed=_owed(request, row),
    )


@require_POST
@allow("policy.edit")
def mailing(request: ConsoleRequest, number: str, notice: str) -> HttpResponse:
    """Record that it went: the cancellation is under way from here on, once a form."""
    term, row = _found(request, number, notice)
    now = timezone.now()
    try:
        values = read(MAILING, request.POST, number)
        form = once(request)
        flow = _flow(request, row)
        _not_held(request, flow, values["mailed_on"])
        terms = cancel_terms(
            request.scope, term.program_id, state=term.state, effective=term.effective,
            charged=bool(term.fees_cents or term.taxes_cents),
        )  # fmt: skip
        done = record_mailing(
            request.scope, row.id, mailed_on=values["mailed_on"], proof=values["proof"] or "",
            rules=terms.rules, once=form,
            actor=actor_of(request), version=values[VERSION], now=now,
        )  # fmt: skip
    except (BadForm, Conflict, IllegalTransition) as refusal:
        if wants_json(request):
            raise
        return _page(request, term, row, refusal)
    fresh = get_notice(request.scope, term.id, row.id)
    if flow is not None and fresh.ends:
        dunning.note_mailed(
            request.scope, flow.id, mailed_on=values["mailed_on"], effective=fresh.ends, now=now
        )
    if wants_json(request):
        told = {"number": number, "status": done.status, "event_id": done.event_id}
        return JsonResponse({"page": "policies.notice", "org": request.scope.org_id, "row": told})
    address = links.url("policies.notice", number, row.id, term=term.term)
    return undo.back(request, address, "Mailing recorded.")


def _found(request: ConsoleRequest, number: str, notice: str) -> tuple[PolicyTerm, NoticeRow]:
    if not NUMBER.fullmatch(number):
        raise NotFound("policy", number[:40])
    asked = request.GET.get("term", "")
    term = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else None
    found = queries.get_policy(request.scope, number, now=timezone.now(), term=term or None)
    return found.policy, get_notice(request.scope, found.policy.id, notice)


def _page(
    request: ConsoleRequest, term: PolicyTerm, row: NoticeRow, refusal: Problem | None = None
) -> HttpResponse:
    may = request.grant is None and "policy.edit" in request.rights and row.status == TO_MAIL
    action = links.url("policies.notice_mailing", term.number, row.id, term=term.term)
    forms = (offer(MAILING, request, action, term.lock_version),) if may else ()
    today = day_of(term, timezone.now())
    return render_page(
        request,
        "policies/notice.html",
        data=lambda: {"row": asdict(row)},
        status=refusal.status if refusal else 200,
        term=term,
        row=row,
        waits=row.status == TO_MAIL,
        ends=row.lawful_from(today) if row.status == TO_MAIL else row.ends,
        may_print=may,
        forms=forms,
        sent=sent_of(MAILING, request.POST, refusal) if refusal else Sent(),
    )


def _flow(request: ConsoleRequest, row: NoticeRow) -> Any:
    """The timeline of what is not paid, of a notice for non-payment; None of others."""
    if row.kind != NONPAY:
        return None
    return NonpayWorkflow.objects.within(request.scope).filter(id=row.cause_id).first()


def _not_held(request: ConsoleRequest, flow: Any, day: Any) -> None:
    """Raises Conflict where a billing hold stands, or what was owed is paid."""
    if flow is None:
        return
    if flow.stage not in dunning.OPEN_STAGES:
        raise Conflict("What was owed is paid; there is nothing to give notice of.")
    held = dunning.holds_by_account(request.scope, {flow.billing_account_id}, day)
    if held.get(flow.billing_account_id, frozenset()) & dunning.FREEZES:
        raise Conflict("A billing hold stands; lift it before this notice is recorded as mailed.")


def _owed(request: ConsoleRequest, row: NoticeRow) -> tuple[int, str] | None:
    flow = _flow(request, row)
    return (flow.past_due_cents, flow.currency) if flow is not None else None
