"""Paying a commission statement: drawn up here, decided on /approvals, the bank's answer here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.authz.decorators import allow
from openinsure.billing.operations import commissions as steps
from openinsure.billing.queries import dues
from openinsure.console import forms
from openinsure.console.links import url
from openinsure.console.money import format_cents
from openinsure.console.request import ConsoleRequest
from openinsure.pages.claim_form import REASON, Field
from openinsure.pages.money_form import Audited, Run, Step, serve
from openinsure.pages.settling_acts import actor
from openinsure.problems import NotFound

PAYOUTS = "commission_payouts"


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def new_payout(request: ConsoleRequest, statement_id: str) -> HttpResponse:
    """Ask that a statement be paid; two others approve and release it."""
    row = dues.get_statement(request.scope, statement_id)
    if row is None:
        raise NotFound("statement", statement_id[:40])

    def run(sent: Mapping[str, str]) -> Any:
        return steps.draw_payout(
            request.scope,
            once=forms.once(request, sent),
            statement_id=row.id,
            actor_user_id=actor(request),
            now=timezone.now(),
        )

    step = Step(
        title="Pay the statement",
        button="Draw up the payout",
        crumb=("Commissions", url("billing.commissions")),
        back=url("billing.statement", row.id),
        facts=(
            ("Closing", format_cents(row.closing_cents, row.currency)),
            ("Then", "Another person approves it, a third releases it"),
        ),
    )
    audited = Audited("commission.drawn_up", PAYOUTS, "", "")
    return serve(request, lambda: step, audited, run)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def confirm_payout(request: ConsoleRequest, payout_id: str) -> HttpResponse:
    """The bank has paid."""

    def run(sent: Mapping[str, str]) -> Any:
        forms.once(request, sent)
        return steps.confirm_payout(
            request.scope, payout_id, actor_user_id=actor(request), now=timezone.now()
        )

    return _payout_step(request, payout_id, "Confirm the payout", "commission.confirmed", run)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def return_payout(request: ConsoleRequest, payout_id: str) -> HttpResponse:
    """The bank did not pay."""

    def run(sent: Mapping[str, str]) -> Any:
        forms.once(request, sent)
        return steps.return_payout(
            request.scope,
            payout_id,
            reason=sent.get("reason", ""),
            actor_user_id=actor(request),
            now=timezone.now(),
        )

    title = "Record that it came back"
    return _payout_step(request, payout_id, title, "commission.returned", run, REASON)


def _payout_step(
    request: ConsoleRequest, payout_id: str, title: str, action: str, run: Run, *fields: Field
) -> HttpResponse:
    row = steps.get_payout(request.scope, payout_id)
    step = Step(
        title=title,
        button=title,
        crumb=("Commissions", url("billing.commissions")),
        back=url("billing.statement", row.statement_id),
        facts=(
            ("Amount", format_cents(row.amount_cents, row.currency)),
            ("Status", row.status.capitalize()),
        ),
        fields=fields,
    )
    return serve(request, lambda: step, Audited(action, PAYOUTS, row.id, row.id), run)


urlpatterns = [
    path(
        "billing/commissions/payouts/<str:payout_id>/confirmations",
        confirm_payout,
        name="billing.confirm_commission",
    ),
    path(
        "billing/commissions/payouts/<str:payout_id>/returns",
        return_payout,
        name="billing.return_commission",
    ),
    path(
        "billing/commissions/<str:statement_id>/payouts",
        new_payout,
        name="billing.pay_commission",
    ),
]
