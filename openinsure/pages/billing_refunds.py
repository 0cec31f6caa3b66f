"""/billing/accounts/<number>/refunds/<id>/issues: pay a refund out, by another person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.accounts import stepup
from openinsure.authz.decorators import allow
from openinsure.billing.operations.returns import issue_refund
from openinsure.billing.queries import accounts
from openinsure.billing.views import known
from openinsure.console import forms
from openinsure.console.dates import format_day
from openinsure.console.links import url
from openinsure.console.money import format_cents
from openinsure.console.request import ConsoleRequest
from openinsure.jobs.billing_terms import terms_for
from openinsure.pages.money_form import Audited, Step, serve
from openinsure.pages.settling_acts import actor
from openinsure.problems import NotFound


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def issue(request: ConsoleRequest, number: str, refund_id: str) -> HttpResponse:
    """Pay the refund out; it comes back from every party that had a share."""
    account = accounts.get_account(request.scope, known("billing account", number))
    refund = next(
        (row for row in accounts.list_refunds(request.scope, account.id) if row.id == refund_id),
        None,
    )
    if refund is None:
        raise NotFound("refund")
    if request.method == "POST" and request.who is not None:
        stepup.require(request.who, now=timezone.now())

    def run(sent: Mapping[str, str]) -> Any:
        return issue_refund(
            request.scope,
            refund_id,
            once=forms.once(request, sent),
            terms=terms_for(request.scope, account.policy_id),
            actor_user_id=actor(request),
            now=timezone.now(),
        )

    back = url("billing.account", account.number, tab="holds")
    step = Step(
        title="Issue the refund",
        button="Issue the refund",
        crumb=("Billing", url("billing.invoices")),
        back=back,
        number=account.number,
        facts=(
            ("Payer", account.payer),
            ("Amount", format_cents(refund.amount_cents, refund.currency)),
            ("Due", format_day(refund.due_date)),
            ("Status", refund.status.capitalize()),
        ),
        kind="danger",
    )
    return serve(
        request, lambda: step, Audited("refund.issued", "refunds", refund.id, account.number), run
    )


urlpatterns = [
    path(
        "billing/accounts/<str:number>/refunds/<str:refund_id>/issues",
        issue,
        name="billing.issue_refund",
    )
]
