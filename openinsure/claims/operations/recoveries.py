"""Money that came back on a claim: recorded once, taken off incurred, told to billing.

What comes back never exceeds what was paid on its exposure: the rest would be somebody else's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from openinsure.claims.models import (
    Claim,
    ClaimExposure,
    ClaimRecovery,
    SubrogationCase,
)
from openinsure.claims.operations.changing import Act, Done, Event, change
from openinsure.console.money import format_cents
from openinsure.problems import BadForm
from openinsure.tenancy.scope import Scope

REINSURANCE = "reinsurance"
KINDS = (
    ("subrogation", "Subrogation"),
    ("salvage", "Salvage"),
    ("deductible", "Deductible"),
    (REINSURANCE, "Reinsurer's payment of a loss"),
)
PAYER_LENGTH_MAX, REFERENCE_LENGTH_MAX = 255, 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Money as it came in. recoverable_id: the item of billing that a reinsurer pays."""

    exposure_id: str
    kind: str
    cents: int
    payer: str
    received_on: date
    reference: str
    case_id: str = ""
    recoverable_id: str = ""

    def checked(self, today: date) -> Received:
        """Itself. Raises BadForm naming every field that cannot stand."""
        errors = {}
        if self.kind not in dict(KINDS):
            errors["kind"] = "must be one of " + ", ".join(dict(KINDS))
        if self.cents <= 0:
            errors["amount"] = "must be more than nothing"
        if not 1 <= len(self.payer) <= PAYER_LENGTH_MAX:
            errors["payer"] = f"must have 1 to {PAYER_LENGTH_MAX} characters"
        if len(self.reference) > REFERENCE_LENGTH_MAX:
            errors["reference"] = f"must have at most {REFERENCE_LENGTH_MAX} characters"
        if self.received_on > today:
            errors["received_on"] = "must not be in the future"
        if bool(self.recoverable_id) != (self.kind == REINSURANCE):
            errors["recoverable"] = "must be chosen for a reinsurer's payment, and only for one"
        if self.case_id and self.kind != "subrogation":
            errors["case"] = "belongs to subrogation only"
        if errors:
            raise BadForm(errors)
        return self


def record_recovery(scope: Scope, claim_id: str, act: Act, wish: Received) -> Done:
    """Record money received; exposure and claim follow, the row has the form's id.

    Raises BadForm for more than was paid and not recovered yet, or a day before the loss.
    """
    wish.checked(act.now.date())

    def work(claim: Claim) -> Event:
        exposure = _exposure(scope, claim, wish.exposure_id)
        if wish.received_on < claim.date_of_loss.date():
            raise BadForm({"received_on": "must not be before the loss"})
        left = recoverable_cents(exposure)
        if wish.cents > left:
            told = format_cents(left, claim.currency)
            raise BadForm({"amount": f"is more than the {told} paid and not recovered yet"})
        row = _insert(scope, claim, wish, act)
        for one in (exposure, claim):
            one.recovered_cents += wish.cents
        claim.incurred_cents -= wish.cents
        exposure.updated_at = act.now
        exposure.lock_version += 1
        exposure.save(force_update=True)
        assert row.received_at is not None
        at, item = row.received_at.isoformat(), wish.recoverable_id or None
        payload = payload_of(claim, row, recoverable_id=item, received_at=at)
        return Event("recovery.received", payload)

    return change(scope, claim_id, act, action="recovery.received", work=work)


def recoverable_cents(exposure: Any) -> int:
    """Paid and not recovered yet, of an exposure."""
    paid = int(exposure.paid_indemnity_cents) + int(exposure.paid_expense_cents)
    return paid - int(exposure.recovered_cents)


def _exposure(scope: Scope, claim: Claim, exposure_id: str) -> ClaimExposure:
    """An exposure of this claim, open or closed: money may come back late."""
    rows = ClaimExposure.objects.within(scope).select_for_update()
    found: ClaimExposure | None = rows.filter(claim_id=claim.id, id=exposure_id).first()
    if found is None:
        raise BadForm({"exposure": "must be an exposure of this claim"})
    return found


def _insert(scope: Scope, claim: Claim, wish: Received, act: Act) -> ClaimRecovery:
    cases = SubrogationCase.objects.within(scope).filter(claim_id=claim.id, id=wish.case_id)
    if wish.case_id and not cases.exists():
        raise BadForm({"case": "must be a recovery action of this claim"})
    row: ClaimRecovery = ClaimRecovery.objects.within(scope).create(
        id=act.once.id,
        claim_id=claim.id,
        exposure_id=wish.exposure_id,
        recovery_type=wish.kind,
        expected_cents=wish.cents,
        received_cents=wish.cents,
        currency=claim.currency,
        payer_name=wish.payer,
        received_at=received_at(wish.received_on, act.now),
        payment_reference=wish.reference or None,
        subrogation_case_id=wish.case_id or None,
        status="received",
        created_at=act.now,
        updated_at=act.now,
    )
    return row


def received_at(day: date, now: datetime) -> datetime:
    """Now for today, noon UTC of an earlier day."""
    return now if day == now.date() else datetime.combine(day, time(12), UTC)


def payload_of(
    claim: Claim, row: ClaimRecovery, *, recoverable_id: str | None, **more: object
) -> dict[str, Any]:
    """What billing needs of a recovery or of its mirror, without the payer's name.

    recoverable_id: the reinsurer's item that it was put on.
    """
    return {
        "recovery_id": row.id,
        "kind": row.recovery_type,
        "exposure_id": row.exposure_id,
        "policy_id": claim.policy_id,
        "program_id": claim.program_id,
        "carrier_id": claim.carrier_id,
        "amount_cents": row.received_cents,
        "currency": row.currency,
        "recoverable_id": recoverable_id,
        **more,
    }
