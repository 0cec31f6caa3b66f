"""/approvals: what waits for the viewer's decision, decided in place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from openinsure.accounts import stepup
from openinsure.audit.around import recorded
from openinsure.authz.decorators import allow_signed_in, forbid, require
from openinsure.billing.operations import (
    bordereaux,
    commissions,
    manual,
    releases,
    settlements,
)
from openinsure.billing.operations.remittances import reject_remittance, release_remittance
from openinsure.billing.queries import dues, settling
from openinsure.billing.views import known
from openinsure.claims.operations.disbursements import decide_disbursement
from openinsure.console import forms, undo
from openinsure.console.acting import actor_of, audit_event
from openinsure.console.links import url
from openinsure.console.lists import refuse_unknown
from openinsure.console.newest import AFTER, asked_after
from openinsure.console.panels import fields_json
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.console.words import sentence
from openinsure.pages.approvals_rows import KINDS, Decision, shown_to
from openinsure.pages.claim_disbursements import find_disbursement
from openinsure.pages.claim_form import act_of
from openinsure.problems import BadFilter, BadForm, Forbidden, NotFound, Problem

Sent = Mapping[str, str]
DONE = {"approve": "approved", "release": "released", "reject": "rejected"}
ACTS = tuple(DONE)
NAMES = tuple(kind.name for kind in KINDS)
NOTE_LENGTH_MAX = 255


@require_GET
@allow_signed_in
def approval_list(request: ConsoleRequest) -> HttpResponse:
    """What waits for the viewer, a page of each kind or of one, and what of it for others."""
    known_to = {"orgId": False, "kind": False, AFTER: False}
    refuse_unknown(request.GET, known_to, "the approvals")
    only = request.GET.get("kind", "")
    if "kind" in request.GET and only not in NAMES:
        raise BadFilter("kind", rule="must be one of " + ", ".join(NAMES))
    after = asked_after(request)
    if after and not only:
        raise BadFilter(AFTER, rule="needs the kind of the row")
    return _page(request, {}, "", 200, only, after)


@require_POST
@allow_signed_in
def decide(request: ConsoleRequest) -> HttpResponse:
    """Decide one row, then the list again; a refusal stands beside its row.

    Asks for a proof of who decides of the last ten minutes (StepUpNeeded).
    """
    refuse_unknown(request.GET, {"orgId": False}, "this form")
    sent = request.POST
    if request.who is not None:
        stepup.require(request.who, now=timezone.now())
    try:
        if sent.get("act") not in ACTS:
            raise BadForm({"act": "must be one of " + ", ".join(ACTS)})
        chosen = DECIDERS.get(sent.get("kind", ""))
        if chosen is None:
            raise BadForm({"kind": "must be one of " + ", ".join(DECIDERS)})
        if request.grant is not None:
            raise Forbidden("Nothing is decided in an organization that is only visited.")
        chosen(request, known("approval", sent.get("number", "")), sent)
    except Problem as refusal:
        if refusal.status not in (403, 409, 422) or wants_json(request):
            raise
        return _page(request, sent, refusal.message, refusal.status)
    if wants_json(request):
        return JsonResponse({"row": {"number": sent["number"], "decided": True}})
    told = f"{sentence(sent['kind'])} {sent['number']} {DONE[sent['act']]} by you."
    return undo.back(request, url("approvals.list"), told)


def disbursement(request: ConsoleRequest, number: str, sent: Sent) -> None:
    """Approve or reject a payment to a claimant."""
    _allowed(request, "disbursement.approve")
    if sent["act"] == "release":
        raise BadForm({"act": "must be approve or reject"})
    found = find_disbursement(request, number)
    if found.claim_id is None:
        raise NotFound("disbursement", number)
    if sent["act"] == "approve":
        require(request, "disbursement.approve", "disbursement", found.id)
    note = sent.get("note", "")
    decide_disbursement(
        request.scope,
        found.id,
        found.claim_id,
        act_of(request, sent, reason=note),
        decision="approved" if sent["act"] == "approve" else "rejected",
        note=note,
    )


def settlement(request: ConsoleRequest, number: str, sent: Sent) -> None:
    """Approve, release or reject a settlement."""
    wanted = "settlement.release" if sent["act"] == "release" else "settlement.approve"
    _allowed(request, wanted)
    row = settling.get_settlement(request.scope, number)
    forms.once(request, sent)
    viewer = _viewer(request)
    told: dict[str, Any] = {"number": number, "now": timezone.now(), "actor_user_id": viewer}
    action = f"settlement.{DONE[sent['act']]}"
    event = _event(request, action, "carrier_settlements", row.id, number, sent)
    with recorded(event):
        if sent["act"] == "reject":
            settlements.reject_settlement(request.scope, reason=sent.get("note", ""), **told)
            return
        require(request, wanted, "settlement", row.id)
        if sent["act"] == "approve":
            settlements.approve_settlement(request.scope, **told)
        else:
            releases.release_settlement(request.scope, **told)


def bordereau(request: ConsoleRequest, number: str, sent: Sent) -> None:
    """Approve a bordereau."""
    _allowed(request, "bordereau.approve")
    if sent["act"] != "approve":
        raise BadForm({"act": "must be approve; reopen it on its own page"})
    row = settling.get_bordereau(request.scope, number)
    forms.once(request, sent)
    event = _event(request, "bordereau.approved", "bordereaux", row.id, number, sent)
    with recorded(event):
        bordereaux.approve_bordereau(
            request.scope, number=number, actor_user_id=_viewer(request), now=timezone.now()
        )


def remittance(request: ConsoleRequest, number: str, sent: Sent) -> None:
    """Release or reject a tax remittance."""
    _allowed(request, "settlement.release")
    done = {"release": "released", "reject": "rejected"}.get(sent["act"])
    if done is None:
        raise BadForm({"act": "must be release or reject"})
    key = dues.waiting_remittance(request.scope, number).id
    forms.once(request, sent)
    told: dict[str, Any] = {"actor_user_id": _viewer(request), "now": timezone.now()}
    with recorded(_event(request, f"remittance.{done}", "tax_remittances", key, number, sent)):
        if done == "released":
            release_remittance(request.scope, remittance_id=key, **told)
            return
        note = sent.get("note", "")
        reject_remittance(request.scope, remittance_id=key, reason=note, **told)


def entry(request: ConsoleRequest, number: str, sent: Sent) -> None:
    """Post a proposed journal entry, or reject it."""
    _allowed(request, "journal.post")
    key = manual.proposal_named(request.scope, number).id
    forms.once(request, sent)
    told: dict[str, Any] = {"actor_user_id": _viewer(request), "now": timezone.now()}
    if sent["act"] == "reject":
        event = _event(request, "entry.rejected", "gl_journal_entries", key, number, sent)
        with recorded(event):
            manual.reject_entry(request.scope, key, note=sent.get("note", ""), **told)
        return
    _only(sent, "approve")
    with recorded(_event(request, "entry.posted", "gl_journal_entries", key, number, sent)):
        manual.approve_entry(request.scope, key, **told)


def commission(request: ConsoleRequest, number: str, sent: Sent) -> None:
    """Approve, release or reject a commission payout."""
    wanted = "settlement.release" if sent["act"] == "release" else "settlement.approve"
    _allowed(request, wanted)
    key = commissions.payout_named(request.scope, number).id
    forms.once(request, sent)
    told: dict[str, Any] = {"actor_user_id": _viewer(request), "now": timezone.now()}
    done = DONE.get(sent["act"])
    if done is None:
        raise BadForm({"act": "must be approve, release or reject"})
    event = _event(request, f"commission.{done}", "commission_payouts", key, number, sent)
    with recorded(event):
        if done == "rejected":
            note = sent.get("note", "")
            commissions.reject_payout(request.scope, key, reason=note, **told)
        elif done == "approved":
            commissions.approve_payout(request.scope, key, **told)
        else:
            commissions.release_payout(request.scope, key, **told)


DECIDERS = {
    "entry": entry,
    "commission": commission,
    "disbursement": disbursement,
    "settlement": settlement,
    "remittance": remittance,
    "bordereau": bordereau,
}


def _only(sent: Sent, act: str) -> None:
    if sent["act"] != act:
        raise BadForm({"act": f"must be {act}"})


def _page(
    request: ConsoleRequest, sent: Sent, refused: str, status: int, only: str = "", after: str = ""
) -> HttpResponse:
    kinds = shown_to(request, only=only, after=after)
    rows: list[Decision] = [row for shown in kinds for row in shown.panel.rows]
    request.rows_returned = len(rows)
    return render_page(
        request,
        "approvals/list.html",
        data=lambda: {
            "rows": [
                fields_json(row) | ({"form_id": forms.form_id(request)} if row.mine else {})
                for row in rows
            ],
            "more": {one.kind.name: one.next_href for one in kinds if one.next_href},
        },
        status=status,
        kinds=kinds,
        only=only,
        form_id=lambda: forms.form_id(request),
        decides=request.grant is None,
        number=sent.get("number", ""),
        note=sent.get("note", ""),
        refused=refused,
    )


def _allowed(request: ConsoleRequest, permission: str) -> None:
    if permission not in request.rights:
        raise forbid(request, permission)


def _viewer(request: ConsoleRequest) -> str:
    assert request.who is not None
    return request.who.user_id


def _event(
    request: ConsoleRequest, action: str, table: str, key: str, number: str, sent: Sent
) -> Any:
    return audit_event(
        request.scope,
        actor_of(request),
        action,
        keyspace="oi_billing",
        table=table,
        entity_id=key,
        object=number,
        now=timezone.now(),
        reason=sent.get("note", "")[:NOTE_LENGTH_MAX],
    )


urlpatterns = [
    path("approvals", approval_list, name="approvals.list"),
    path("approvals/decisions", decide, name="approvals.decide"),
]
