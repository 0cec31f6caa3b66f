"""A remittance that comes to nothing: rejected by another person, or not taken and held again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.authz.decorators import allow
from openinsure.billing.operations.remittances import reject_remittance, return_remittance
from openinsure.console import forms
from openinsure.console.request import ConsoleRequest
from openinsure.pages.billing_taxes import TABLE, remittance_name, remittance_step, seen
from openinsure.pages.claim_form import REASON
from openinsure.pages.money_form import Audited, serve
from openinsure.pages.settling_acts import actor


@require_http_methods(["GET", "HEAD", "POST"])
@allow("settlement.release")
def reject(request: ConsoleRequest, remittance_id: str) -> HttpResponse:
    """Do not pay it over; another person than drew it up."""
    title, action = "Reject the remittance", "remittance.rejected"
    return _ended(request, remittance_id, title, action, reject_remittance, grave=True)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def give_back(request: ConsoleRequest, remittance_id: str) -> HttpResponse:
    """The bank did not pay it, or the ledger refused it: the tax is held again."""
    title, action = "Record that it came back", "remittance.returned"
    return _ended(request, remittance_id, title, action, return_remittance)


def _ended(
    request: ConsoleRequest, remittance_id: str, title: str, action: str, end: Callable[..., Any],
    *, grave: bool = False,
) -> HttpResponse:  # fmt: skip
    row = seen(request, remittance_id)

    def run(sent: Mapping[str, str]) -> Any:
        forms.once(request, sent)
        return end(
            request.scope,
            remittance_id=row.id,
            reason=sent.get("reason", ""),
            actor_user_id=actor(request),
            now=timezone.now(),
        )

    audited = Audited(action, TABLE, row.id, remittance_name(row))
    return serve(request, lambda: remittance_step(row, title, REASON), audited, run, grave=grave)


urlpatterns = [
    path("billing/taxes/<str:remittance_id>/rejections", reject, name="billing.reject_remittance"),
    path("billing/taxes/<str:remittance_id>/returns", give_back, name="billing.return_remittance"),
]
