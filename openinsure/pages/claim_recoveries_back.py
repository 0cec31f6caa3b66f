"""/claims/<number>/recoveries/<id>/reversals: a recovery that was recorded wrongly, taken back."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.audit import reasons
from openinsure.authz.decorators import allow
from openinsure.billing.queries.settling import claims_reported_until
from openinsure.claims.life import RECOVERY, REVERSED
from openinsure.claims.operations.changing import Done, first_effect
from openinsure.claims.operations.recoveries_back import take_back_recovery
from openinsure.claims.panel_rows import RecoveryRow
from openinsure.claims.panels import list_recoveries
from openinsure.claims.rows import ClaimFile
from openinsure.console.dates import format_day
from openinsure.console.links import url
from openinsure.console.money import format_cents
from openinsure.console.request import ConsoleRequest
from openinsure.console.words import sentence
from openinsure.pages.claim_form import Field, Form, act_of, serve
from openinsure.pages.claim_money_acts import seen_claim
from openinsure.problems import Conflict, NotFound


@require_http_methods(["GET", "HEAD", "POST"])
@allow("claim.edit")
def take_back(request: ConsoleRequest, number: str, recovery_id: str) -> HttpResponse:
    """Take a wrong recovery back: its mirror stands beside it, in the claim and in the journal."""
    claim = seen_claim(request, number, "claim.edit")
    row = _found(request, claim, recovery_id)

    def run(sent: Mapping[str, str]) -> Done:
        act = act_of(request, sent, reason=sent.get("reason", "").strip())
        if first_effect(request.scope, claim.row.id, act.once) is None:
            _is_not_reported(request, claim)
        return take_back_recovery(request.scope, claim.row.id, row.id, act)

    if request.method != "POST":
        RECOVERY.check(row.status, REVERSED)
    return serve(request, lambda: _form(claim, row), run)


def _found(request: ConsoleRequest, claim: ClaimFile, recovery_id: str) -> RecoveryRow:
    """The recovery of the address, of this claim. Raises NotFound."""
    rows = list_recoveries(request.scope, claim.row.id)
    row = next((one for one in rows if one.id == recovery_id), None)
    if row is None:
        raise NotFound("recovery", recovery_id[:40])
    return row


def _is_not_reported(request: ConsoleRequest, claim: ClaimFile) -> None:
    """Today is not in a period that the carrier was told about: no bordereau would tell it."""
    until = claims_reported_until(request.scope, claim.row.program_id)
    if until is not None and timezone.now().date() <= until:
        told = format_day(until)
        raise Conflict(f"The carrier has the claims until {told}; take it back after that day.")


def _form(claim: ClaimFile, row: RecoveryRow) -> Form:
    of = claim.row
    cents = row.received_cents
    return Form(
        title="Take the recovery back",
        button="Take it back",
        number=of.number,
        back=url("claims.detail", of.number, tab="subrogation"),
        lock=claim.lock,
        facts=(
            ("Recovery", f"{sentence(row.type)}, {format_cents(cents, row.currency)}"),
            ("Received", format_day(row.received.date()) if row.received else ""),
            ("Recovered", _after(of.recovered_cents, -cents, of.currency)),
            ("Incurred", _after(of.incurred_cents, cents, of.currency)),
            ("Journal", "The mirror of its entry, dated today; the wrong entry stays"),
        ),
        fields=(
            Field(name="reason", label="What was wrong", kind="textarea",
                  hint=f"{reasons.SPAN}, kept"),
        ),
        said="Recovery taken back.",
    )  # fmt: skip


def _after(cents: int, change: int, currency: str) -> str:
    """`$4,000.00, then $0.00`."""
    return f"{format_cents(cents, currency)}, then {format_cents(cents + change, currency)}"
