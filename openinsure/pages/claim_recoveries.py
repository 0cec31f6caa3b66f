"""/claims/<number>/recoveries: money that came back on a claim, recorded once.

What a reinsurer pays is put on an item that billing has open for the claim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.authz.decorators import allow
from openinsure.billing.queries.recoverables import open_recoverables
from openinsure.billing.queries.settling import claims_reported_until
from openinsure.claims.operations import recoveries
from openinsure.claims.operations.changing import Done, first_effect
from openinsure.claims.panel_rows import ExposureRow
from openinsure.claims.panels import list_subrogation
from openinsure.claims.panels_money import list_exposures
from openinsure.claims.rows import ClaimFile
from openinsure.console.amounts import HINT
from openinsure.console.dates import format_day
from openinsure.console.links import url
from openinsure.console.money import format_cents
from openinsure.console.request import ConsoleRequest
from openinsure.console.words import spoken
from openinsure.pages.claim_form import Field, Form, act_of, choice, serve
from openinsure.pages.claim_money_acts import Choices, seen_claim
from openinsure.pages.money_form import amount_and_day
from openinsure.problems import BadForm


@require_http_methods(["GET", "HEAD", "POST"])
@allow("claim.edit")
def recover(request: ConsoleRequest, number: str) -> HttpResponse:
    """Record money received: subrogation, salvage, a deductible, a reinsurer's payment."""
    claim = seen_claim(request, number, "claim.edit")

    def run(sent: Mapping[str, str]) -> Done:
        act = act_of(request, sent)
        wish = typed(sent).checked(timezone.now().date())
        if first_effect(request.scope, claim.row.id, act.once) is None:
            _is_owed(request, claim, wish)
            _is_not_reported(request, claim, wish)
        return recoveries.record_recovery(request.scope, claim.row.id, act, wish)

    return serve(request, lambda: _form(request, claim), run)


def typed(sent: Mapping[str, str]) -> recoveries.Received:
    """The fields read. Raises BadForm naming every one that cannot be read."""
    cents, day = amount_and_day(sent)
    return recoveries.Received(
        exposure_id=sent.get("exposure", ""),
        kind=sent.get("kind", ""),
        cents=cents,
        payer=sent.get("payer", "").strip(),
        received_on=day,
        reference=sent.get("reference", "").strip(),
        case_id=sent.get("case", ""),
        recoverable_id=sent.get("recoverable", ""),
    )


def _is_owed(request: ConsoleRequest, claim: ClaimFile, wish: recoveries.Received) -> None:
    """A reinsurer's payment is of an open item of the claim, and no more than that."""
    if not wish.recoverable_id:
        return
    owed = open_recoverables(request.scope, claim.row.id)
    found = next((item for item in owed if item.id == wish.recoverable_id), None)
    if found is None:
        raise BadForm({"recoverable": "must be an open item of this claim"})
    if wish.cents > found.open_cents:
        told = format_cents(found.open_cents, found.currency)
        raise BadForm({"amount": f"is more than the {told} that this reinsurer still owes"})


def _is_not_reported(request: ConsoleRequest, claim: ClaimFile, wish: recoveries.Received) -> None:
    """A day that the carrier was told about takes nothing more: no bordereau would tell it."""
    until = claims_reported_until(request.scope, claim.row.program_id)
    if until is not None and wish.received_on <= until:
        told = format_day(until)
        raise BadForm({"received_on": f"must be after {told}: the carrier has the claims until it"})


def _form(request: ConsoleRequest, claim: ClaimFile) -> Form:
    scope, row = request.scope, claim.row
    parts = list(list_exposures(scope, row.id))
    cases = tuple(
        (one.id, f"{one.adverse_party}: {spoken(one.status)}")
        for one in list_subrogation(scope, row.id)
    )
    owed = tuple(
        (one.id, f"{one.reinsurer}, {one.treaty}, billed {format_day(one.billed_on)}: "
                 f"{format_cents(one.open_cents, one.currency)} open")
        for one in open_recoverables(scope, row.id)
    )  # fmt: skip
    more = []
    if cases:
        more.append(choice("case", "Recovery action", (("", "None"), *cases)))
    if owed:
        more.append(choice("recoverable", "Reinsurer's item", (("", "None"), *owed),
                           "For a reinsurer's payment of a loss"))  # fmt: skip
    return Form(
        title="Record recovery",
        button="Record recovery",
        number=row.number,
        back=url("claims.detail", row.number, tab="subrogation"),
        lock=claim.lock,
        facts=(
            ("Paid to date", format_cents(row.paid_cents, row.currency)),
            ("Recovered", format_cents(row.recovered_cents, row.currency)),
            ("Incurred", format_cents(row.incurred_cents, row.currency)),
        ),
        fields=(
            choice("exposure", "Exposure", _exposures(parts)),
            choice("kind", "Kind", _kinds(bool(owed))),
            Field(name="amount", label="Amount received", hint=HINT),
            Field(name="payer", label="Received from"),
            Field(name="received_on", label="Received", kind="date",
                  value=timezone.now().date().isoformat()),
            Field(name="reference", label="Reference", required=False,
                  hint="Check number, or what the bank calls it"),
            *more,
        ),
        said="Recovery recorded.",
    )  # fmt: skip


def _exposures(parts: Sequence[ExposureRow]) -> Choices:
    """Every exposure with what was paid on it and not recovered, open or closed."""
    left = ((one, one.paid_cents - one.recovered_cents) for one in parts)
    return tuple(
        (one.id, f"{one.number}: {one.coverage}, {format_cents(cents, one.currency)} not recovered")
        for one, cents in left
    )


def _kinds(owed: bool) -> Choices:
    """A reinsurer's payment is offered where a reinsurer owes something."""
    return tuple(pair for pair in recoveries.KINDS if owed or pair[0] != recoveries.REINSURANCE)
