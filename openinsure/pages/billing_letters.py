"""Invoices issued and sent: a draft, the next installment, or one that goes out again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.audit.around import recorded
from openinsure.authz.decorators import allow, forbid
from openinsure.billing.account_rows import Account
from openinsure.billing.life import INVOICE
from openinsure.billing.operations import invoicing
from openinsure.billing.queries import accounts, invoices
from openinsure.billing.rows import Invoice
from openinsure.billing.views import known
from openinsure.console import forms, undo
from openinsure.console.acting import Actor, actor_of, audit_event
from openinsure.console.forms import Once
from openinsure.console.letters import Draft
from openinsure.console.links import url
from openinsure.console.lists import refuse_unknown
from openinsure.console.money import format_cents
from openinsure.console.numbers import next_number
from openinsure.console.offers import Choices, Form, Input, Sent, read, sent_of
from openinsure.console.panels import fields_json
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.console.states import IllegalTransition
from openinsure.jobs.billing_terms import taxes_for
from openinsure.pages import letters_text as texts
from openinsure.pages.billing_acts import account_of
from openinsure.pages.letters import OTHER, address_of, to_inputs, with_letter
from openinsure.pages.letters_tasks import INVOICE as LETTER
from openinsure.pages.policy_papers import sender_of
from openinsure.problems import BadForm, Conflict, NotFound

TO: Choices = (("payer", "The payer"), (OTHER, "Another address"))
ISSUE = Form(
    "billing.issue",
    "Issue the invoice",
    "Issue and send",
    "billing.edit",
    to_inputs(TO),
    ("draft",),
)
SEND = Form("billing.send", "Send the invoice again", "Send", "note.add", to_inputs(TO))
BILL = Form(
    "billing.bill",
    "Invoice an installment",
    "Issue and send",
    "billing.edit",
    (Input("installment", "Installment", "choice"), *to_inputs(TO)),
)
SAID = {
    ISSUE.name: "Invoice issued; its letter is queued.",
    SEND.name: "Letter queued.",
    BILL.name: "Installment invoiced; its letter is queued.",
}


@dataclass(frozen=True, slots=True)
class Context:
    """One request for a form: who acts, by which form, on which account."""

    request: ConsoleRequest
    account: Account
    once: Once
    actor: Actor
    values: dict[str, Any]

    def address(self) -> str:
        """Where the letter goes. Raises BadForm."""
        scope, account_id = self.request.scope, self.account.id
        return address_of(self.values, lambda _: accounts.payer_address(scope, account_id))


Run = Callable[[Context], invoicing.Issued]


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def issue(request: ConsoleRequest, number: str) -> HttpResponse:
    """Issue a draft invoice: receivable posted, letter sent."""
    found = invoices.get_invoice(request.scope, known("invoice", number))
    account = accounts.get_account(request.scope, found.account_number)

    def run(context: Context) -> invoicing.Issued:
        draft = _letter_of(context, found)
        return _done(context, draft, "invoice.issued", found.id, _issuing)

    return _serve(request, ISSUE, account, found, run)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("note.add")
def send(request: ConsoleRequest, number: str) -> HttpResponse:
    """Send an invoice again."""
    if "billing.view" not in request.rights:
        raise forbid(request, "billing.view")
    found = invoices.get_invoice(request.scope, known("invoice", number))
    account = accounts.get_account(request.scope, found.account_number)

    def run(context: Context) -> invoicing.Issued:
        return _done(context, _letter_of(context, found), "invoice.resent", found.id, _sending)

    return _serve(request, SEND, account, found, run)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def bill(request: ConsoleRequest, number: str) -> HttpResponse:
    """Invoice a pending installment of the account."""
    account = account_of(request, number)

    def run(context: Context) -> invoicing.Issued:
        key = context.values["installment"]
        rows = accounts.list_installments(request.scope, account.id)
        due = next((row for row in rows if row.id == key), None)
        if due is None:
            raise BadForm({"installment": "must be an installment of this account"})
        taxes = taxes_for(request.scope, account.policy_id) if due.tax_cents else ()
        number = next_number(request.scope, "invoice")
        text = texts.invoice(
            number=number,
            policy_number=account.policy_number or "",
            payer=account.payer,
            due=due.due_date,
            lines=invoicing.installment_parts(request.scope, key, taxes),
            open_cents=due.total_cents,
            currency=due.currency,
            sender=sender_of(request),
        )
        draft = _draft(context, number, context.once.id, text)

        def billing(context: Context, kept: str) -> invoicing.Issued:
            return invoicing.bill_installment(
                request.scope,
                once=context.once,
                account_number=account.number,
                installment_id=key,
                number=kept,
                taxes=taxes,
                actor_user_id=context.actor.user_id,
                now=timezone.now(),
            )

        return _done(context, draft, "invoice.issued", context.once.id, billing)

    return _serve(request, BILL, account, None, run)


def _issuing(context: Context, number: str) -> invoicing.Issued:
    return invoicing.issue_invoice(
        context.request.scope,
        once=context.once,
        number=number,
        actor_user_id=context.actor.user_id,
        now=timezone.now(),
    )


def _sending(context: Context, number: str) -> invoicing.Issued:
    return invoicing.record_delivery(
        context.request.scope,
        once=context.once,
        number=number,
        actor_user_id=context.actor.user_id,
        now=timezone.now(),
    )


def _letter_of(context: Context, found: Invoice) -> Draft:
    rows = invoices.list_lines(context.request.scope, found.id)
    text = texts.invoice(
        number=found.number,
        policy_number=found.policy_number or "",
        payer=context.account.payer,
        due=found.due_date,
        lines=[(row.component, row.amount_cents) for row in rows],
        open_cents=found.balance_cents or (found.total_cents if found.status == "draft" else 0),
        currency=found.currency,
        sender=sender_of(context.request),
    )
    return _draft(context, found.number, found.id, text)


def _draft(context: Context, number: str, invoice_id: str, text: str) -> Draft:
    account = context.account
    return Draft(
        kind=LETTER,
        object=number,
        entity_id=invoice_id,
        policy_id=account.policy_id or account.id,
        subject=f"Invoice {number}",
        to=context.address(),
        text=text,
    )


def _done(
    context: Context,
    draft: Draft,
    action: str,
    invoice_id: str,
    act: Callable[[Context, str], invoicing.Issued],
) -> invoicing.Issued:
    """The change between its audit rows, its letter before and after it."""
    now, scope = timezone.now(), context.request.scope
    event = audit_event(
        scope,
        context.actor,
        action,
        keyspace="oi_billing",
        table="invoices",
        entity_id=invoice_id,
        object=draft.object,
        now=now,
        after={"sha256": draft.sha256},
    )
    with recorded(event):
        return with_letter(
            scope,
            draft,
            lambda kept: act(context, kept),
            once=context.once,
            actor=context.actor,
            now=now,
        )


def _serve(
    request: ConsoleRequest, form: Form, account: Account, found: Invoice | None, run: Run
) -> HttpResponse:
    refuse_unknown(request.GET, {"orgId": False}, "this form")
    if request.method != "POST":
        return _page(request, form, account, found, Sent())
    try:
        values = read(form, request.POST, "")
        done = run(Context(request, account, forms.once(request), actor_of(request), values))
    except (BadForm, Conflict, IllegalTransition, NotFound) as refusal:
        if wants_json(request):
            raise
        sent = sent_of(form, request.POST, refusal)
        return _page(request, form, account, found, sent, status=refusal.status)
    if wants_json(request):
        told = {"page": form.name, "org": request.scope.org_id, "row": fields_json(done)}
        return JsonResponse(told, status=200 if done.repeated else 201)
    address = url("billing.invoice", done.number, tab="history")
    return undo.back(request, address, SAID[form.name])


def _page(
    request: ConsoleRequest,
    form: Form,
    account: Account,
    found: Invoice | None,
    sent: Sent,
    *,
    status: int = 200,
) -> HttpResponse:
    form_id = forms.form_id(request)
    choices = {"installment": _pending(request, account)} if found is None else {}
    return render_page(
        request,
        "billing/send.html",
        data={"row": {"form_id": form_id, "version": account.lock_version}},
        status=status,
        row=account,
        invoice=found,
        form=form,
        choices=choices,
        allowed=found is None or form is SEND or "issued" in INVOICE.allowed(found.status),
        sent=sent,
        form_id=form_id,
    )


def _pending(request: ConsoleRequest, account: Account) -> Choices:
    return tuple(
        (row.id, f"{row.seq}: {format_cents(row.total_cents, row.currency)} due {row.due_date}")
        for row in accounts.list_installments(request.scope, account.id)
        if row.status == invoicing.PENDING
    )


urlpatterns = [
    path("billing/invoices/<str:number>/issues", issue, name="billing.issue"),
    path("billing/invoices/<str:number>/deliveries", send, name="billing.send"),
    path("billing/accounts/<str:number>/invoices", bill, name="billing.bill"),
]
