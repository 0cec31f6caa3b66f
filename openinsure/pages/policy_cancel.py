"""/policies/<number>/cancellations: what a cancellation would return, and doing it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import cast

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.authz.decorators import allow
from openinsure.console import links, undo
from openinsure.console.acting import actor_of
from openinsure.console.filters import read_day
from openinsure.console.forms import form_id, once
from openinsure.console.lists import refuse_unknown
from openinsure.console.offers import VERSION, Form, Input, Sent, read
from openinsure.console.panels import fields_json
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.console.states import IllegalTransition
from openinsure.console.words import any_of, spoken
from openinsure.jobs.cancel_terms import CancelTerms, cancel_terms
from openinsure.orgs.notice_rules import notice_rules
from openinsure.pages.policy_detail import NUMBER
from openinsure.policies import queries
from openinsure.policies.cancelling import METHODS, Method, Preview, preview_cancellation
from openinsure.policies.noticing import Asked
from openinsure.policies.operations.cancellations import REASONS, cancel_policy
from openinsure.policies.rows import PolicyOnDate, PolicyTerm
from openinsure.policies.states import CANCELLABLE, POLICY
from openinsure.problems import BadFilter, BadForm, Conflict, NotFound, Problem

PARAMETERS = {"effective": False, "method": False, "term": False, "orgId": False}
INITIATORS = {"insured": "The insured", "company": "We, the company"}
FORM = Form(
    "policies.cancel",
    "Cancel",
    "Cancel policy",
    "policy.edit",
    (
        Input("effective", "Effective", "day"),
        Input("method", "Method", "choice", choices=tuple(METHODS.items())),
        Input("reason_code", "Reason", "choice", choices=tuple(REASONS.items())),
        Input("initiated_by", "Asked by", "choice", choices=tuple(INITIATORS.items())),
        Input("cancel_confirm", "Type the policy number to confirm", "confirm"),
    ),
    CANCELLABLE,
    danger=True,
)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("policy.edit")
def policy_cancel(request: ConsoleRequest, number: str) -> HttpResponse:
    """GET computes the refund of a day and method; POST cancels, once per form."""
    refuse_unknown(request.GET, PARAMETERS, "the cancellation of a policy")
    found = found_term(request, number)
    term = found.policy
    rules = cancel_terms(
        request.scope, term.program_id, state=term.state, effective=term.effective,
        charged=bool(term.fees_cents or term.taxes_cents),
    )  # fmt: skip
    if request.method != "POST":
        return _asked(request, found, rules)
    try:
        values = read(FORM, request.POST, number)
        done = cancel_policy(
            request.scope,
            found.policy.id,
            on=values["effective"],
            method=cast(Method, values["method"]),
            reason_code=values["reason_code"],
            initiated_by=values["initiated_by"],
            rules=rules.rules,
            once=once(request),
            actor=actor_of(request),
            version=values[VERSION],
            now=timezone.now(),
            notice=_notice(found, values["reason_code"]),
        )
    except (BadForm, Conflict, IllegalTransition) as refusal:
        if wants_json(request):
            raise
        return _refused(request, found, rules, refusal)
    if wants_json(request):
        row = {"number": number, "status": done.status, "event_id": done.event_id}
        told = {"page": "policies.cancel", "org": request.scope.org_id, "row": row}
        return JsonResponse(told)
    address = links.url("policies.detail", number, term=found.policy.term, tab="timeline")
    said = f"Cancellation recorded; the policy is {spoken(done.status)}."
    return undo.back(request, address, said)


def found_term(request: ConsoleRequest, number: str) -> PolicyOnDate:
    """The term that a form at an address of its own is about. Raises NotFound, BadFilter."""
    term = request.GET.get("term", "")
    if term and not (term.isascii() and term.isdigit() and 0 < int(term[:4]) < 1000):
        raise BadFilter("term", rule="must be the number of a term, from 1 to 999")
    if not NUMBER.fullmatch(number):
        raise NotFound("policy", number[:40])
    now = timezone.now()
    return queries.get_policy(request.scope, number, now=now, term=int(term) if term else None)


def _asked(request: ConsoleRequest, found: PolicyOnDate, rules: CancelTerms) -> HttpResponse:
    """What a day and a method would return: by default today, and what the program gives the
    insured. A value that cannot be read or computed is 400, on the form beside its rule.
    """
    term, text, way = found.policy, request.GET.get("effective"), request.GET.get("method")
    on, wrong = min(max(found.in_force.on, term.effective), _last(term)), {}
    method = cast(Method, way if way in METHODS else rules.method)
    if way and way not in METHODS:
        wrong["method"] = "must be one of " + ", ".join(METHODS)
    try:
        on = read_day("effective", text) if text else on
    except BadFilter as refusal:
        wrong["effective"] = refusal.rule
    preview = None
    if not wrong:
        preview, rule = _computed(request, found, rules, on, method)
        wrong = {"effective": rule} if rule else {}
    if wrong and wants_json(request):
        field, rule = next(iter(wrong.items()))
        raise BadFilter(field, rule=rule)
    typed = text if "effective" in wrong and text else on.isoformat()
    return _page(
        request, found, preview, method, typed, wrong=wrong, status=400 if wrong else 200
    )  # fmt: skip


def _computed(
    request: ConsoleRequest, found: PolicyOnDate, rules: CancelTerms, on: date, method: Method
) -> tuple[Preview | None, str]:
    """What it would return; or None and the rule that the day breaks."""
    try:
        of, scope = found.policy.id, request.scope
        return preview_cancellation(scope, of, on=on, method=method, rules=rules.rules), ""
    except BadForm as refusal:
        return None, refusal.rule


def _page(
    request: ConsoleRequest,
    found: PolicyOnDate,
    preview: Preview | None,
    method: Method,
    typed: str,
    *,
    wrong: dict[str, str] | None = None,
    status: int = 200,
    sent: Sent | None = None,
) -> HttpResponse:
    """typed: the day of both forms, as it was sent. wrong: what the address cannot mean."""
    term = found.policy
    return render_page(
        request,
        "policies/cancel.html",
        data=lambda: {"row": fields_json(preview) if preview else None},
        status=status,
        term=term,
        typed=typed,
        method=method,
        last=_last(term),
        methods=tuple(METHODS.items()),
        reasons=tuple(REASONS.items()),
        initiators=tuple(INITIATORS.items()),
        preview=preview,
        allowed="cancelled" in POLICY.allowed(term.status),
        next=any_of(POLICY.allowed(term.status)),
        form_id=form_id(request),
        wrong=wrong or {},
        sent=sent or Sent(),
    )


def _last(term: PolicyTerm) -> date:
    """The last day on which the term can end early."""
    return term.expires - timedelta(days=1)


def _refused(
    request: ConsoleRequest, found: PolicyOnDate, rules: CancelTerms, refusal: Problem
) -> HttpResponse:
    errors = dict(refusal.errors) if isinstance(refusal, BadForm) else {}
    errors = errors or {"cancel_confirm": refusal.message}
    kept = {one.name: str(request.POST.get(one.name, "")) for one in FORM.inputs}
    try:
        on = read_day("effective", kept["effective"])
    except BadFilter:
        on = found.in_force.on
    method = cast(Method, kept["method"] if kept["method"] in METHODS else "pro_rata")
    preview, _ = _computed(request, found, rules, on, method)
    sent = Sent(FORM.name, kept, errors)
    return _page(
        request, found, preview, method, on.isoformat(), status=refusal.status, sent=sent
    )  # fmt: skip


def _notice(found: PolicyOnDate, reason: str) -> Asked:
    """What the law asks before the company may end this term."""
    term, today = found.policy, timezone.now().date()
    rule = notice_rules(today).of(
        "cancellation", state=term.state, line=term.line_of_business, reason=reason,
        age_days=(today - term.effective).days,
    )  # fmt: skip
    return Asked(rule.id, rule.days, rule.citation, rule.proof_required)
