"""What may be done with a claim's money: reserve, request, decide and issue a disbursement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.authz.decorators import allow, forbid, require
from openinsure.claims.authority import Case, authorities_for
from openinsure.claims.disbursing import UNDECIDED, ApprovalRow, approvals_of
from openinsure.claims.operations import disbursements, issues, reserves
from openinsure.claims.operations.changing import Done
from openinsure.claims.panel_rows import ExposureRow
from openinsure.claims.panels import list_claimants
from openinsure.claims.panels_money import list_exposures
from openinsure.claims.rows import ClaimFile, DisbursementRow
from openinsure.console.amounts import HINT, read_cents
from openinsure.console.dates import format_instant
from openinsure.console.links import url
from openinsure.console.money import format_cents
from openinsure.console.numbers import next_number
from openinsure.console.panels import Panel
from openinsure.console.request import ConsoleRequest
from openinsure.console.words import sentence, spoken
from openinsure.pages.claim_detail import worked_claim
from openinsure.pages.claim_disbursements import find_disbursement, next_step
from openinsure.pages.claim_form import Field, Form, act_of, choice, serve
from openinsure.pages.claim_sources import with_names
from openinsure.problems import NotFound
from openinsure.tenancy.together import read_together

Choices = tuple[tuple[str, str], ...]
APPROVED = "approved"


@require_http_methods(["GET", "HEAD", "POST"])
@allow("reserve.set")
def reserve(request: ConsoleRequest, number: str) -> HttpResponse:
    """Set a reserve; the authority is shown before typing."""
    claim = seen_claim(request, number, "reserve.set")

    def run(sent: Mapping[str, str]) -> Done:
        wish = reserves.Wish(
            exposure_id=sent.get("exposure", ""),
            cost_type=sent.get("cost_type", ""),
            new_cents=read_cents("amount", sent.get("amount", "")),
            reason_code=sent.get("reason_code", ""),
            rationale=sent.get("rationale", ""),
        )
        act = act_of(request, sent, reason=wish.rationale)
        return reserves.set_reserve(request.scope, claim.row.id, act, wish)

    def form() -> Form:
        parts = list_exposures(request.scope, claim.row.id)
        return Form(
            title="Set reserve",
            button="Set reserve",
            said="Reserve set.",
            number=claim.row.number,
            back=url("claims.detail", claim.row.number, tab="reserves"),
            lock=claim.lock,
            facts=authority_facts(request, claim),
            fields=(
                choice("exposure", "Exposure", open_parts(parts)),
                choice("cost_type", "Cost type", reserves.COST_TYPES),
                Field(
                    name="amount",
                    label="Outstanding reserve",
                    hint=f"The new amount, not the difference. {HINT}",
                ),
                choice("reason_code", "Reason", reserves.REASONS),
                Field(
                    name="rationale",
                    label="Rationale",
                    kind="textarea",
                    hint="At least 10 characters; kept with the step",
                ),
            ),
        )

    return serve(request, form, run)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("claim.edit")
def request_payment(request: ConsoleRequest, number: str) -> HttpResponse:
    """Ask for a payment; somebody else approves it."""
    claim = seen_claim(request, number, "claim.edit")

    def run(sent: Mapping[str, str]) -> Done:
        act = act_of(request, sent)
        amount = read_cents("amount", sent.get("amount", ""))
        named = next_number(request.scope, "disbursement")
        wish = disbursements.Request(
            exposure_id=sent.get("exposure", ""),
            claimant_id=sent.get("claimant", ""),
            cost_type=sent.get("cost_type", ""),
            amount_cents=amount,
            method=sent.get("method", ""),
            invoice_ref=sent.get("invoice_ref", ""),
            numbers=(named, f"{named}-1"),
        )
        return disbursements.request_disbursement(request.scope, claim.row.id, act, wish)

    def form() -> Form:
        scope, key = request.scope, claim.row.id
        people, parts = read_together([list_claimants(scope, key), list_exposures(scope, key)])
        return Form(
            title="Request disbursement",
            button="Request disbursement",
            said="Disbursement requested; another person decides it.",
            number=claim.row.number,
            back=url("claims.detail", claim.row.number, tab="disbursements"),
            lock=claim.lock,
            facts=authority_facts(request, claim),
            fields=(
                choice("exposure", "Exposure", open_parts(parts)),
                choice("claimant", "Payee", tuple((one.id, one.name) for one in people)),
                choice("cost_type", "Cost type", reserves.COST_TYPES),
                Field(name="amount", label="Amount", hint=HINT),
                choice("method", "Method", disbursements.METHODS),
                Field(name="invoice_ref", label="Invoice reference", required=False),
            ),
        )

    return serve(request, form, run)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("disbursement.approve")
def decide(request: ConsoleRequest, number: str) -> HttpResponse:
    """Approve or reject a disbursement that somebody else requested."""
    found, claim_id = seen_disbursement(request, number)

    def run(sent: Mapping[str, str]) -> Done:
        note = sent.get("note", "")
        return disbursements.decide_disbursement(
            request.scope,
            found.id,
            claim_id,
            act_of(request, sent, reason=note),
            decision=sent.get("decision", ""),
            note=note,
        )

    def form() -> Form:
        title, told = "Decide disbursement", "Decision recorded."
        if found.status not in UNDECIDED:
            return over(request, found, title, told, "nothing is left to decide")
        return disbursement_form(
            request,
            found,
            title,
            told,
            choice("decision", "Decision", disbursements.DECISIONS),
            Field(name="note", label="Note", required=False, hint="Needed to reject"),
        )

    return serve(request, form, run, grave=True)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("disbursement.approve")
def issue(request: ConsoleRequest, number: str) -> HttpResponse:
    """Issue an approved disbursement."""
    found, claim_id = seen_disbursement(request, number)

    def run(sent: Mapping[str, str]) -> Done:
        return issues.issue_disbursement(
            request.scope,
            found.id,
            claim_id,
            act_of(request, sent),
            check_number=sent.get("check_number", "").strip(),
        )

    check = Field(name="check_number", label="Check number", required=found.method == "check")

    def form() -> Form:
        title, told = "Issue disbursement", "Disbursement issued."
        if found.status != APPROVED:
            return over(request, found, title, told, "there is nothing to issue")
        return disbursement_form(request, found, title, told, check)

    return serve(request, form, run, grave=True)


def over(request: ConsoleRequest, found: DisbursementRow, title: str, said: str, why: str) -> Form:
    """A step that this disbursement does not wait for: who decided when, and what may be done."""
    return replace(
        disbursement_form(request, found, title, said),
        over=f"This disbursement is {spoken(found.status)}: {why}.",
        onward=next_step(request, found),
    )


def disbursement_form(
    request: ConsoleRequest, found: DisbursementRow, title: str, said: str, *fields: Field
) -> Form:
    """A form about one disbursement, with its amount and the approvals so far."""
    panel = Panel("ok", tuple(approvals_of(request.scope, found.id)))
    steps: tuple[ApprovalRow, ...] = with_names(request.scope, {"steps": panel})["steps"].rows
    return Form(
        title=title,
        button=title,
        number=found.number,
        back=url("claims.disbursement", found.number),
        said=said,
        facts=(
            ("Amount", format_cents(found.amount_cents, found.currency)),
            ("Payee", found.payee),
            ("Approvals", f"{sum(map(is_given, steps))} of {len(steps)}"),
            *((f"Step {one.step}", decision_of(one)) for one in steps if is_given(one)),
        ),
        fields=fields,
    )


def is_given(step: ApprovalRow) -> bool:
    """Whether the step is decided."""
    return step.at is not None


def decision_of(step: ApprovalRow) -> str:
    """`Approved by Ann Adams, 12 Nov 2026 14:02 UTC`, and the note."""
    by = f" by {step.by}" if step.by else ""
    told = f"{sentence(step.decision)}{by}, {format_instant(step.at)}"
    return f"{told}: {step.note}" if step.note else told


def seen_claim(request: ConsoleRequest, number: str, permission: str) -> ClaimFile:
    """The claim, for a viewer who may see claims at all and do this one. Raises Forbidden,
    NotFound.
    """
    if "claim.view" not in request.rights:
        raise forbid(request, "claim.view")
    return worked_claim(request, number, permission)


def seen_disbursement(request: ConsoleRequest, number: str) -> tuple[DisbursementRow, str]:
    """A disbursement of a claim, and that claim's id. Raises Forbidden, NotFound.

    What was decided may be read by whoever has the permission at all; acting asks for this one.
    """
    if "claim.view" not in request.rights:
        raise forbid(request, "claim.view")
    found = find_disbursement(request, number)
    if found.claim_id is None:
        raise NotFound("disbursement", number)
    if request.method == "POST" or found.status in (*UNDECIDED, APPROVED):
        require(request, "disbursement.approve", "disbursement", found.id)
    return found, found.claim_id


def open_parts(exposures: Iterable[ExposureRow]) -> Choices:
    """Open exposures with what is outstanding on each."""
    return tuple(
        (row.id, f"{row.number}: {row.coverage}, {format_cents(row.reserve_cents, row.currency)}")
        for row in exposures
        if row.status != "closed"
    )


def authority_facts(request: ConsoleRequest, claim: ClaimFile) -> Choices:
    """The reserve and payment authority of whoever has the claim, per cost type. One statement."""
    assert request.who is not None
    facts = [("Adjuster", claim.adjuster or "Nobody")]
    case = Case(
        adjuster_id=claim.row.adjuster_id,
        role=request.who.role,
        line_of_business=claim.line_of_business,
        coverage_code="",
        cost_type="",
        on=timezone.now().date(),
    )
    labels = dict(reserves.COST_TYPES)
    for cost_type, held in authorities_for(request.scope, case, labels).items():
        label = labels[cost_type]
        reserve_limit = format_cents(held.reserve_cents, claim.row.currency)
        payment_limit = format_cents(held.payment_cents, claim.row.currency)
        facts.append((f"{label} authority", f"Reserve {reserve_limit}, payment {payment_limit}"))
    return tuple(facts)
