"""Writes of a billing account from the browser: place a hold, lift it, waive a fee."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.audit.around import recorded
from openinsure.authz.decorators import allow
from openinsure.billing.account_rows import Account
from openinsure.billing.operations.fees import waive_fee
from openinsure.billing.operations.holds import SCOPES, lift_hold, place_hold
from openinsure.billing.queries import accounts
from openinsure.billing.views import known
from openinsure.console import forms, undo
from openinsure.console.acting import actor_of, audit_event
from openinsure.console.filters import read_day
from openinsure.console.links import url
from openinsure.console.lists import refuse_unknown
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.pages import undoing
from openinsure.problems import BadFilter, BadForm, Problem

Run = Callable[[Mapping[str, str]], Any]
FIELDS = {
    "hold": ("scope", "reason", "starts_on", "ends_on"),
    "lift": (),
    "waiver": ("reason",),
}
TITLES = {"hold": "Place a hold", "lift": "Lift the hold", "waiver": "Waive the fee"}

# What the next page tells, and how it is undone (pages.undoing); a waiver stands.
DONE = {
    "hold": ("Hold placed.", undoing.HOLD_PLACED),
    "lift": ("Hold lifted.", undoing.HOLD_LIFTED),
    "waiver": ("Fee waived.", ""),
}


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def hold(request: ConsoleRequest, number: str) -> HttpResponse:
    """Place a hold on the account."""
    account = account_of(request, number)

    def run(sent: Mapping[str, str]) -> Any:
        now = timezone.now()
        return place_hold(
            request.scope,
            once=forms.once(request, sent),
            account_number=number,
            what=sent.get("scope", ""),
            reason=sent.get("reason", "").strip(),
            starts_on=day_of(sent, "starts_on") or now.date(),
            ends_on=day_of(sent, "ends_on"),
            actor_user_id=request.scope.subject,
            now=now,
        )

    return serve(request, account, "hold", "billing_hold.placed", run)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def lift(request: ConsoleRequest, number: str, hold_id: str) -> HttpResponse:
    """Lift a hold of the account."""
    account = account_of(request, number)

    def run(sent: Mapping[str, str]) -> Any:
        forms.once(request, sent)
        return lift_hold(request.scope, account_number=number, hold_id=hold_id, now=timezone.now())

    return serve(request, account, "lift", "billing_hold.lifted", run)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def waiver(request: ConsoleRequest, number: str, fee_id: str) -> HttpResponse:
    """Waive a late or returned-payment fee."""
    account = account_of(request, number)

    def run(sent: Mapping[str, str]) -> Any:
        return waive_fee(
            request.scope,
            once=forms.once(request, sent),
            account_number=number,
            fee_id=fee_id,
            reason=sent.get("reason", "").strip(),
            actor_user_id=request.scope.subject,
            now=timezone.now(),
        )

    return serve(request, account, "waiver", "billing_fee.waived", run)


def account_of(request: ConsoleRequest, number: str) -> Account:
    """The account of the address. Raises NotFound."""
    return accounts.get_account(request.scope, known("billing account", number))


def day_of(sent: Mapping[str, str], field: str) -> date | None:
    """A date of the form, None for a blank one. Raises BadForm naming the field."""
    text = sent.get(field, "")
    try:
        return read_day(field, text) if text else None
    except BadFilter as refusal:
        raise BadForm({field: refusal.rule}) from None


def serve(
    request: ConsoleRequest, account: Account, kind: str, action: str, run: Run
) -> HttpResponse:
    """GET: the form. POST: `run` between its audit rows; 303 back, or the form with its errors."""
    refuse_unknown(request.GET, {"orgId": False}, "this form")
    if request.method != "POST":
        return page(request, account, kind, {}, "", 200)
    event = audit_event(
        request.scope,
        actor_of(request),
        action,
        keyspace="oi_billing",
        table="billing_accounts",
        entity_id=account.id,
        object=account.number,
        now=timezone.now(),
    )
    try:
        with recorded(event):
            done = run(request.POST)
    except Problem as refusal:
        if refusal.status not in (409, 422) or wants_json(request):
            raise
        errors = refusal.errors if isinstance(refusal, BadForm) else {}
        return page(request, account, kind, errors, refusal.message, refusal.status)
    if wants_json(request):
        return JsonResponse({"row": {"repeated": done.repeated}}, status=201)
    said, undoable = DONE[kind]
    facts = {"account": account.number, "account_id": account.id}
    if undoable:
        facts["id"] = done.hold_id
    form_id = request.POST.get(forms.FIELD, "")
    address = url("billing.account", account.number, tab="holds")
    return undo.back(request, address, said, undo=undoable, facts=facts, id=form_id)


def page(
    request: ConsoleRequest,
    account: Account,
    kind: str,
    errors: Mapping[str, str],
    refused: str,
    status: int,
) -> HttpResponse:
    """The form, with every value that was typed."""
    sent = request.POST if request.method == "POST" else {}
    known_errors = {name: rule for name, rule in errors.items() if name in FIELDS[kind]}
    again = sent.get(forms.FIELD, "") if known_errors and forms.FIELD not in errors else ""
    form_id = again or forms.form_id(request)
    return render_page(
        request,
        "billing/act.html",
        data={"row": {"form_id": form_id, "fields": list(FIELDS[kind])}},
        status=status,
        row=account,
        kind=kind,
        title=TITLES[kind],
        scopes=tuple(SCOPES.items()),
        values={name: sent.get(name, "") for name in FIELDS[kind]},
        errors=known_errors,
        refused="" if known_errors else refused,
        form_id=form_id,
    )


ACCOUNT = "billing/accounts/<str:number>"
urlpatterns = [
    path(f"{ACCOUNT}/holds", hold, name="billing.hold"),
    path(f"{ACCOUNT}/holds/<str:hold_id>/releases", lift, name="billing.lift"),
    path(f"{ACCOUNT}/fees/<str:fee_id>/waivers", waiver, name="billing.waiver"),
]
