"""/policies/<number>/renewals: what the next term would cost and needs, and binding it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.authz.decorators import allow
from openinsure.console import links, undo
from openinsure.console.acting import actor_of
from openinsure.console.amounts import read_cents, typed_cents
from openinsure.console.forms import form_id, once
from openinsure.console.lists import refuse_unknown
from openinsure.console.offers import VERSION, Sent, read, sent_of
from openinsure.console.panels import fields_json
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.console.states import IllegalTransition
from openinsure.money.plans import plan_of
from openinsure.money.renewal import Renewed, months_of
from openinsure.orgs.renewal_terms import RenewalTerms, renewal_terms
from openinsure.pages.policy_cancel import found_term
from openinsure.pages.policy_forms import PLANS, RENEW
from openinsure.pages.renewal_checks import compared, renewal_checks
from openinsure.pages.submission_actions import start_policies
from openinsure.policies.operations.renewals import REFUSED, Offer, renew_policy
from openinsure.policies.renewing import hindrance, renewal_of, written_in_quarter
from openinsure.policies.rows import PolicyOnDate
from openinsure.policies.states import POLICY
from openinsure.problems import BadFilter, BadForm, Conflict, Problem
from openinsure.submissions.checklist import Check

PARAMETERS = {"annual_premium": False, "plan": False, "term": False, "orgId": False}


@dataclass(frozen=True, slots=True)
class Wished:
    """A premium for a year, cents, and a plan; what that comes to, and what it must meet."""

    annual_cents: int
    plan: str
    figures: Renewed
    numbers: list[dict[str, Any]]
    checks: tuple[Check, ...]


@require_http_methods(["GET", "HEAD", "POST"])
@allow("policy.bind")
def policy_renew(request: ConsoleRequest, number: str) -> HttpResponse:
    """GET computes the next term of a premium and plan; POST binds it, once per form."""
    refuse_unknown(request.GET, PARAMETERS, "the renewal of a policy")
    found = found_term(request, number)
    term = found.policy
    told = renewal_terms(
        request.scope, term.program_id, term.producer_id, state=term.state, on=term.expires
    )
    if request.method != "POST":
        return _page(request, found, told, _asked(request, found, told))
    try:
        values = read(RENEW, request.POST, number)
        cents = read_cents("annual_premium", values["annual_premium"])
        wished = _wished(request, found, told, cents, values["plan"])
        done = renew_policy(
            request.scope, term.id, _offer(told, wished), once=once(request),
            actor=actor_of(request), version=values[VERSION], now=timezone.now(),
        )  # fmt: skip
    except (BadForm, Conflict, IllegalTransition) as refusal:
        if wants_json(request):
            raise
        return _refused(request, found, told, refusal)
    start_policies(request.scope)
    row = {"number": number, "term": term.term + 1, "status": done.status,
           "event_id": done.event_id}  # fmt: skip
    if wants_json(request):
        return JsonResponse({"page": RENEW.name, "org": request.scope.org_id, "row": row})
    address = links.url("policies.detail", number, term=row["term"], tab="timeline")
    return undo.back(request, address, "Renewed: the next term is bound.", id=done.event_id)


def _offer(told: RenewalTerms, wished: Wished) -> Offer:
    return Offer(
        annual_cents=wished.annual_cents,
        plan=wished.plan,
        basis=told.basis,
        admitted=told.admitted,
        compared=wished.numbers,
        unmet=[check.label for check in wished.checks if check.state != "passed"],
    )


def _plans(found: PolicyOnDate, told: RenewalTerms) -> tuple[tuple[str, str], ...]:
    """Plans that the program offers and that end inside a term of this length."""
    months = months_of(found.policy.effective, found.policy.expires)
    fitting = ((code, plan_of(code)) for code in told.plans)
    return tuple(
        (code, PLANS[code]) for code, plan in fitting if plan is not None and plan.fits(months)
    )


def _wished(
    request: ConsoleRequest, found: PolicyOnDate, told: RenewalTerms, annual_cents: int, plan: str
) -> Wished:
    """The figures of a wish. One statement on oi_policies. Raises BadForm."""
    term = found.policy
    if plan not in dict(_plans(found, told)):
        raise BadForm({"plan": "must be a plan that the program offers for this term"})
    figures = renewal_of(
        told.basis, effective=term.effective, expires=term.expires, annual_cents=annual_cents,
        plan=plan,
    )  # fmt: skip
    quarter = written_in_quarter(request.scope, term.program_id, figures.effective)
    numbers = compared(term, told, figures, quarter)
    checks = renewal_checks(term, told, figures, numbers)
    return Wished(annual_cents, plan, figures, numbers, checks)


def _asked(request: ConsoleRequest, found: PolicyOnDate, told: RenewalTerms) -> Wished | None:
    """What the address asks for; by default what the term costs and pays now. None if nothing can
    be computed of that default. Raises BadFilter.
    """
    term, plans = found.policy, _plans(found, told)
    text, plan = request.GET.get("annual_premium"), request.GET.get("plan")
    standing = term.billing_plan if term.billing_plan in dict(plans) else ""
    chosen = plan or standing or next((code for code, _ in plans), "")
    try:
        cents = read_cents("annual_premium", text) if text else term.annual_premium_cents
        return _wished(request, found, told, cents, chosen)
    except BadForm as refusal:
        if not (text or plan):
            return None
        ((name, rule),) = refusal.errors.items()
        raise BadFilter(name, rule=rule) from None


def _page(
    request: ConsoleRequest, found: PolicyOnDate, told: RenewalTerms, wished: Wished | None, *,
    status: int = 200, sent: Sent | None = None,
) -> HttpResponse:  # fmt: skip
    term = found.policy
    why = hindrance(
        expires=term.expires, today=found.in_force.on, followed=found.successor is not None,
        refused=found.refusal is not None and found.refusal.status in REFUSED,
    )  # fmt: skip
    return render_page(
        request,
        "policies/renew.html",
        data=lambda: {"row": {**_json(wished), "hindrance": why} if wished else None},
        status=status,
        term=term,
        wished=wished,
        annual=typed_cents(wished.annual_cents if wished else term.annual_premium_cents),
        plans=_plans(found, told),
        allowed=term.status in RENEW.statuses,
        next=POLICY.allowed(term.status),
        why=why,
        successor=found.successor,
        form_id=form_id(request),
        sent=sent or Sent(),
    )


def _json(wished: Wished) -> dict[str, Any]:
    figures = wished.figures
    taxes = [{"component": name, "cents": cents} for name, cents in figures.taxes.items()]
    return {
        **fields_json(figures),
        "taxes": taxes,
        "taxes_cents": figures.taxes_cents,
        "total_cents": figures.total_cents,
        "plan": wished.plan,
        "checks": [fields_json(check) for check in wished.checks],
    }


def _refused(
    request: ConsoleRequest, found: PolicyOnDate, told: RenewalTerms, refusal: Problem
) -> HttpResponse:
    """The page with the form as it was sent, and the figures of what it asked, if it said so."""
    sent = sent_of(RENEW, request.POST, refusal)
    try:
        cents = read_cents("annual_premium", sent.values["annual_premium"])
        wished: Wished | None = _wished(request, found, told, cents, sent.values["plan"])
    except BadForm:
        wished = None
    return _page(request, found, told, wished, status=refusal.status, sent=sent)
