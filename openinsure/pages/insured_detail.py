"""/insureds/<id>: one insured across terms: policies, claims, balance, whom to call, on a day."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from openinsure.authz.decorators import allow
from openinsure.console.details import ask_detail
from openinsure.console.panels import Panel
from openinsure.console.rendering import render_detail
from openinsure.console.request import ConsoleRequest
from openinsure.pages.policy_caller import caller_panels, standing_in
from openinsure.policies.insureds import get_insured, list_terms
from openinsure.problems import BadFilter


@require_safe
@allow("policy.view")
def insured_detail(request: ConsoleRequest, insured_id: str) -> HttpResponse:
    """Everything about one insured; ?as_of= changes the whole view."""
    asked = ask_detail(request, tabs=(), noun="the page of an insured")
    if asked.term is not None:
        raise BadFilter("term", rule="is not known to the page of an insured")
    row = get_insured(request.scope, insured_id)
    terms = list_terms(request.scope, insured_id)
    on = asked.as_of or timezone.now().date()
    called = caller_panels(
        request,
        [term.id for term in terms],
        [term.producer_id for term in terms if term.runs_on(on)] or [t.producer_id for t in terms],
        on=on,
    )
    return render_detail(
        request,
        "insureds/detail.html",
        row=row,
        panels={"policies": Panel("ok" if terms else "empty", tuple(terms)), **called},
        standing=standing_in(called),
        on=on,
        in_force=[term for term in terms if term.runs_on(on)],
    )


urlpatterns = [path("insureds/<str:insured_id>", insured_detail, name="insureds.detail")]
