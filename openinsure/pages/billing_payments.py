"""/billing/accounts/<number>/payments: type a payment, see where it goes, record it once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.audit.around import recorded
from openinsure.authz.decorators import allow
from openinsure.billing.account_rows import Account
from openinsure.billing.operations.payments import Received, Recorded, record_payment
from openinsure.billing.previews import (
    Preview,
    preview_payment,
    returned_unpaid,
    similar_payment,
)
from openinsure.billing.receipts import Terms
from openinsure.console import forms, undo
from openinsure.console.acting import actor_of, audit_event
from openinsure.console.amounts import HINT, read_cents
from openinsure.console.links import url
from openinsure.console.lists import refuse_unknown
from openinsure.console.numbers import next_number
from openinsure.console.offers import VERSION, Form, Input, Sent, read, sent_of
from openinsure.console.panels import fields_json
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.jobs.billing_terms import terms_for
from openinsure.pages.billing_acts import account_of
from openinsure.problems import BadForm, Conflict, Problem

STEP, PREVIEW, EDIT, RECORD = "step", "preview", "edit", "record"
WAYS = {
    "ach": "ACH",
    "check": "Check",
    "card": "Card",
    "wire": "Wire",
    "cash": "Cash",
    "finance": "Finance company",
}
FORM = Form(
    "billing.pay",
    "Record a payment",
    "Record payment",
    "billing.edit",
    (
        Input("amount", "Amount", "line", length_max=20, hint=HINT),
        Input("method", "Method", "choice", choices=tuple(WAYS.items())),
        Input("received_on", "Received", "day"),
        Input("check_number", "Check number", "line", required=False, length_max=32),
        Input("reference", "Reference", "line", required=False, length_max=128,
              hint="What the bank or the processor calls it."),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Typed:
    """A payment as typed and checked, and the account's version that the form showed."""

    received: Received
    version: int


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def pay(request: ConsoleRequest, number: str) -> HttpResponse:
    """GET: the form. POST: its preview, the form again, or the payment recorded once."""
    refuse_unknown(request.GET, {"orgId": False}, "this form")
    account = account_of(request, number)
    if request.method != "POST":
        return _form(request, account, Sent(values={"received_on": _today().isoformat()}))
    step = request.POST.get(STEP, RECORD)
    try:
        if step not in (PREVIEW, EDIT, RECORD):
            raise BadForm({STEP: f"must be {PREVIEW}, {EDIT} or {RECORD}"})
        if step == EDIT:
            return _form(request, account, Sent(values=_kept(request.POST)))
        typed = typed_payment(request.POST, timezone.now())
        terms = terms_for(request.scope, account.policy_id)
        if step == PREVIEW:
            forms.once(request)
            return _preview(request, account, typed, terms)
        done = _record(request, account, typed, terms)
    except (BadForm, Conflict) as refusal:
        if wants_json(request):
            raise
        return _refused(request, account, refusal)
    if wants_json(request):
        row = {**fields_json(done), "account": account.number}
        return JsonResponse(
            {"page": FORM.name, "org": request.scope.org_id, "row": row},
            status=200 if done.repeated else 201,
        )
    return undo.back(request, url("billing.payment", done.number), "Payment recorded.")


def typed_payment(posted: Mapping[str, str], now: datetime) -> Typed:
    """The fields read and checked. Raises BadForm naming every one that cannot stand."""
    errors: dict[str, str] = {}
    values: dict[str, Any] = {}
    try:
        values = read(FORM, posted, "")
    except BadForm as refusal:
        errors |= refusal.errors
    cents = 0
    try:
        cents = read_cents("amount", str(posted.get("amount", "")))
    except BadForm as refusal:
        errors = refusal.errors | errors
    if errors:
        raise BadForm(errors)
    received = Received(
        method=values["method"],
        amount_cents=cents,
        received_at=_instant(values["received_on"], now),
        reference=values["reference"],
        check_number=values["check_number"],
    )
    return Typed(received.checked(now), values[VERSION])


def _instant(on: date, now: datetime) -> datetime:
    """Now for today; noon UTC of an earlier or later day."""
    return now if on == now.date() else datetime.combine(on, time(12), UTC)


def _record(request: ConsoleRequest, account: Account, typed: Typed, terms: Terms) -> Recorded:
    now, actor = timezone.now(), actor_of(request)
    once = forms.once(request)
    event = audit_event(
        request.scope,
        actor,
        "payment.recorded",
        keyspace="oi_billing",
        table="payments",
        entity_id=once.id,
        object=account.number,
        now=now,
        after={"amount_cents": typed.received.amount_cents, "method": typed.received.method},
    )
    with recorded(event):
        return record_payment(
            request.scope,
            once=once,
            account_number=account.number,
            number=next_number(request.scope, "payment"),
            received=typed.received,
            terms=terms,
            actor_user_id=actor.user_id,
            now=now,
            version=typed.version,
        )


def _preview(
    request: ConsoleRequest, account: Account, typed: Typed, terms: Terms, refused: str = ""
) -> HttpResponse:
    """Where the money would go, and the button that records it."""
    received = typed.received
    found = preview_payment(
        request.scope, account.id, terms.policy_id, terms.split, received.amount_cents
    )
    twin = similar_payment(
        request.scope,
        account.id,
        cents=received.amount_cents,
        check_number=received.check_number,
    )
    form_id = request.POST.get(forms.FIELD, "")
    return render_page(
        request,
        "billing/pay.html",
        data={"row": {"form_id": form_id, "version": account.lock_version, **_told(found)}},
        status=Conflict.status if refused else 200,
        row=account,
        form=FORM,
        sent=Sent(values=_kept(request.POST)),
        preview=found,
        received=received,
        way=WAYS[received.method],
        twin=twin,
        refused=refused,
        form_id=form_id,
    )


def _form(
    request: ConsoleRequest, account: Account, sent: Sent, *, refused: str = "", status: int = 200
) -> HttpResponse:
    form_id = forms.form_id(request)
    return render_page(
        request,
        "billing/pay.html",
        data={"row": {"form_id": form_id, "version": account.lock_version}},
        status=status,
        row=account,
        form=FORM,
        sent=sent,
        preview=None,
        returned=len(tuple(returned_unpaid(request.scope, account.id))),
        refused=refused,
        form_id=form_id,
    )


def _refused(request: ConsoleRequest, account: Account, refusal: Problem) -> HttpResponse:
    """The form as typed; where the account moved on, the preview with its new figures."""
    account = account_of(request, account.number)
    if isinstance(refusal, Conflict) and account.policy_id is not None:
        typed = typed_payment(request.POST, timezone.now())
        terms = terms_for(request.scope, account.policy_id)
        return _preview(request, account, typed, terms, refusal.message)
    if isinstance(refusal, Conflict):
        kept = Sent(values=_kept(request.POST))
        return _form(request, account, kept, refused=refusal.message, status=refusal.status)
    sent = sent_of(FORM, request.POST, refusal)
    return _form(request, account, sent, status=refusal.status)


def _kept(posted: Mapping[str, str]) -> dict[str, str]:
    return {one.name: str(posted.get(one.name, "")) for one in FORM.inputs}


def _told(found: Preview) -> dict[str, Any]:
    return {"preview": fields_json(found)}


def _today() -> date:
    return timezone.now().date()


urlpatterns = [path("billing/accounts/<str:number>/payments", pay, name="billing.pay")]
