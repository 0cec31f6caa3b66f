"""/billing/payments/<number>/reversals: what a returned payment takes back, and doing it once."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.audit.around import recorded
from openinsure.authz.decorators import allow
from openinsure.billing.account_rows import Account
from openinsure.billing.life import PAYMENT
from openinsure.billing.operations.reversals import KINDS, Reversed, reverse_payment
from openinsure.billing.previews import allocated, preview_return, returned_unpaid
from openinsure.billing.queries import accounts, payments
from openinsure.billing.receipts import Terms
from openinsure.billing.rows import Payment
from openinsure.billing.views import known
from openinsure.console import forms, undo
from openinsure.console.acting import actor_of, audit_event
from openinsure.console.amounts import HINT, read_cents
from openinsure.console.links import url
from openinsure.console.lists import refuse_unknown
from openinsure.console.offers import VERSION, Form, Input, Sent, read, sent_of
from openinsure.console.panels import fields_json
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.console.states import IllegalTransition
from openinsure.jobs.billing_terms import terms_for
from openinsure.problems import BadForm, Conflict, Problem
from openinsure.tenancy.together import read_together

FEE_MAX_CENTS = 100_000  # no state allows a returned-payment fee near this
FORM = Form(
    "billing.reverse",
    "Reverse the payment",
    "Reverse payment",
    "billing.edit",
    (
        Input("kind", "Why", "choice", choices=tuple(KINDS.items())),
        Input("fee", "Returned payment fee", "line", required=False, length_max=20,
              hint=f"Charged for NSF only, once; blank for none. {HINT}"),
        Input("reverse_confirm", "Type the payment number to confirm", "confirm"),
    ),
    danger=True,
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def reverse(request: ConsoleRequest, number: str) -> HttpResponse:
    """GET: what would come back. POST: the payment reversed, once per form."""
    refuse_unknown(request.GET, {"orgId": False}, "this form")
    found = payments.get_payment(request.scope, known("payment", number))
    if found.account_number is None:
        raise Conflict("This payment belongs to no account, so it was never applied.")
    account = accounts.get_account(request.scope, found.account_number)
    terms = terms_for(request.scope, account.policy_id)
    if request.method != "POST":
        return _page(request, found, account, terms, Sent())
    try:
        done = _reverse(request, found, terms)
    except (BadForm, Conflict, IllegalTransition) as refusal:
        if wants_json(request):
            raise
        return _refused(request, found, account, terms, refusal)
    if wants_json(request):
        return JsonResponse(
            {"page": FORM.name, "org": request.scope.org_id, "row": fields_json(done)},
            status=200 if done.repeated else 201,
        )
    return undo.back(request, url("billing.payment", number), "Payment reversed.")


def _reverse(request: ConsoleRequest, found: Payment, terms: Terms) -> Reversed:
    values = read(FORM, request.POST, found.number)
    fee = read_cents("fee", values["fee"]) if values["fee"] else 0
    if fee > FEE_MAX_CENTS:
        raise BadForm({"fee": "must be at most 1,000.00"})
    if fee and values["kind"] != "nsf":
        raise BadForm({"fee": "is charged for NSF only"})
    once, now, actor = forms.once(request), timezone.now(), actor_of(request)
    event = audit_event(
        request.scope,
        actor,
        "payment.reversed",
        keyspace="oi_billing",
        table="payments",
        entity_id=found.id,
        object=found.number,
        now=now,
        before={"status": found.status},
        after={"kind": values["kind"], "fee_cents": fee},
    )
    with recorded(event):
        return reverse_payment(
            request.scope,
            once=once,
            number=found.number,
            kind=values["kind"],
            fee_cents=fee,
            terms=terms,
            actor_user_id=actor.user_id,
            now=now,
            version=values[VERSION],
        )


def _page(
    request: ConsoleRequest,
    found: Payment,
    account: Account,
    terms: Terms,
    sent: Sent,
    *,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    allowed = "reversed" in PAYMENT.allowed(found.status)
    scope = request.scope
    lines, returned = read_together(
        [allocated(scope, found.id), returned_unpaid(scope, account.id)]
    )
    preview = preview_return(scope, lines, terms.policy_id, terms.split, found.unapplied_cents)
    form_id = forms.form_id(request)
    return render_page(
        request,
        "billing/reverse.html",
        data={
            "row": {
                "form_id": form_id,
                "version": account.lock_version,
                "allowed": allowed,
                "preview": fields_json(preview),
            }
        },
        status=status,
        row=found,
        account=account,
        form=FORM,
        sent=sent,
        preview=preview,
        returned=len(returned),
        allowed=allowed,
        next=PAYMENT.allowed(found.status),
        refused=refused,
        form_id=form_id,
    )


def _refused(
    request: ConsoleRequest, found: Payment, account: Account, terms: Terms, refusal: Problem
) -> HttpResponse:
    account = accounts.get_account(request.scope, account.number)
    if isinstance(refusal, BadForm):
        sent, told = sent_of(FORM, request.POST, refusal), ""
    else:
        sent, told = Sent(FORM.name, _kept(request)), refusal.message
    return _page(request, found, account, terms, sent, refused=told, status=refusal.status)


def _kept(request: ConsoleRequest) -> dict[str, str]:
    return {one.name: str(request.POST.get(one.name, "")) for one in FORM.inputs}


urlpatterns = [path("billing/payments/<str:number>/reversals", reverse, name="billing.reverse")]
