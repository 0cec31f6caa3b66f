"""/billing/accounts/<number>/refunds/<id>: approve a refund, then issue it, or reject it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.authz.decorators import allow
from openinsure.billing.account_rows import Account, RefundRow
from openinsure.billing.operations.refunds import (
    Stepped,
    approve_refund,
    issue_refund,
    reject_refund,
)
from openinsure.billing.queries import accounts
from openinsure.billing.views import known
from openinsure.console import forms
from openinsure.console.dates import format_day
from openinsure.console.links import url
from openinsure.console.money import format_cents
from openinsure.console.request import ConsoleRequest
from openinsure.jobs.billing_terms import terms_for
from openinsure.pages.claim_form import REASON, Field
from openinsure.pages.money_form import Audited, Step, serve
from openinsure.pages.settling_acts import actor
from openinsure.problems import NotFound

Act = Callable[[Account, Mapping[str, str]], Stepped]


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def approve(request: ConsoleRequest, number: str, refund_id: str) -> HttpResponse:
    """Let it be paid; by another person than who changed the policy."""

    def act(account: Account, sent: Mapping[str, str]) -> Stepped:
        forms.once(request, sent)
        return approve_refund(
            request.scope,
            refund_id,
            terms=terms_for(request.scope, account.policy_id),
            actor_user_id=actor(request),
            now=timezone.now(),
        )

    return _step(request, number, refund_id, "Approve the refund", "refund.approved", act)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def issue(request: ConsoleRequest, number: str, refund_id: str) -> HttpResponse:
    """Pay an approved refund out; it comes back from every party that had a share."""

    def act(account: Account, sent: Mapping[str, str]) -> Stepped:
        return issue_refund(
            request.scope,
            refund_id,
            once=forms.once(request, sent),
            terms=terms_for(request.scope, account.policy_id),
            actor_user_id=actor(request),
            now=timezone.now(),
        )

    return _step(request, number, refund_id, "Issue the refund", "refund.issued", act)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def reject(request: ConsoleRequest, number: str, refund_id: str) -> HttpResponse:
    """Do not pay it: what is pending is let go, the money stays where it was shared to."""

    def act(account: Account, sent: Mapping[str, str]) -> Stepped:
        forms.once(request, sent)
        return reject_refund(
            request.scope,
            refund_id,
            policy_id=account.policy_id or "",
            reason=sent.get("reason", ""),
            actor_user_id=actor(request),
            now=timezone.now(),
        )

    return _step(request, number, refund_id, "Reject the refund", "refund.rejected", act, REASON)


def _step(
    request: ConsoleRequest, number: str, refund_id: str, title: str, action: str, act: Act,
    *fields: Field,
) -> HttpResponse:  # fmt: skip
    """The form of a step; doing it asks for a fresh proof of who acts."""
    account = accounts.get_account(request.scope, known("billing account", number))
    refund = _seen(request, account, refund_id)

    def run(sent: Mapping[str, str]) -> Any:
        return act(account, sent)

    step = Step(
        title=title,
        button=title,
        crumb=("Billing", url("billing.invoices")),
        back=url("billing.account", account.number, tab="holds"),
        number=account.number,
        facts=(
            ("Payer", account.payer),
            ("Amount", format_cents(refund.amount_cents, refund.currency)),
            ("Due", format_day(refund.due_date)),
            ("Status", refund.status.capitalize()),
        ),
        fields=fields,
        kind="danger",
    )
    audited = Audited(action, "refunds", refund.id, account.number)
    return serve(request, lambda: step, audited, run, grave=True)


def _seen(request: ConsoleRequest, account: Account, refund_id: str) -> RefundRow:
    for row in accounts.list_refunds(request.scope, account.id):
        if row.id == refund_id:
            return row
    raise NotFound("refund")


ONE = "billing/accounts/<str:number>/refunds/<str:refund_id>"
urlpatterns = [
    path(f"{ONE}/approvals", approve, name="billing.approve_refund"),
    path(f"{ONE}/issues", issue, name="billing.issue_refund"),
    path(f"{ONE}/rejections", reject, name="billing.reject_refund"),
]
