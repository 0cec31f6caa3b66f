"""Issuing an approved disbursement: paid goes up, the reserve comes down, in one step."""

from __future__ import annotations

import re
from typing import Any

from openinsure.authz.duties import changes
from openinsure.claims.disbursing import MACHINE
from openinsure.claims.models import Claim, ClaimExposure, ClaimPayment
from openinsure.claims.operations.changing import Act, Done, Event, change
from openinsure.claims.operations.disbursements import locked, payload_of, touch, waiting
from openinsure.claims.operations.reserves import TAKEDOWN, move_reserve, reserve_of
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Forbidden
from openinsure.tenancy.scope import Scope

CHECK_NUMBER = re.compile(r"[0-9]{1,12}")


def issue_disbursement(
    scope: Scope, disbursement_id: str, claim_id: str, act: Act, *, check_number: str
) -> Done:
    """Send the check or ACH. Raises IllegalTransition unless approved, Forbidden for the
    requester, BadForm for a check without a number.
    """

    def work(claim: Claim) -> Event:
        row = locked(scope, disbursement_id, claim)
        MACHINE.check(row.status, "issued")
        if act.actor.user_id == row.requested_by_user_id:
            raise Forbidden("Who requested a disbursement cannot issue it.", code="own_request")
        if row.method == "check" and not CHECK_NUMBER.fullmatch(check_number):
            raise BadForm({"check_number": "must be the number printed on the check, digits only"})
        row.status, row.issued_at = "issued", act.now
        row.check_number = check_number or None
        touch(row, act)
        payments = ClaimPayment.objects.within(scope).filter(disbursement_id=row.id)
        takedowns = [_pay(scope, claim, payment, act) for payment in payments.order_by("id")]
        payload = payload_of(claim, row, check_number=row.check_number, takedowns=takedowns)
        return Event("disbursement.issued", payload, relations=changes(waiting(scope, row), ()))

    return change(scope, claim_id, act, action="disbursement.issued", work=work)


def _pay(scope: Scope, claim: Claim, payment: ClaimPayment, act: Act) -> dict[str, Any]:
    """Book one payment on exposure and claim, and take it off the reserve it erodes."""
    exposure = ClaimExposure.objects.within(scope).get(id=payment.exposure_id)
    column = f"paid_{payment.cost_type}_cents"
    for row in (exposure, claim):
        setattr(row, column, getattr(row, column) + payment.amount_cents)
    claim.incurred_cents += payment.amount_cents
    reserve = reserve_of(scope, exposure, payment.cost_type)
    held = reserve.amount_cents if reserve and payment.erodes_reserve else 0
    taken = min(held, payment.amount_cents)
    if taken:
        move_reserve(
            scope, claim, exposure, payment.cost_type, -taken, act,
            step_id=new_id(), reason=TAKEDOWN,
            rationale=f"Payment {payment.payment_number}",
        )  # fmt: skip
    else:
        exposure.updated_at = act.now
        exposure.save(force_update=True)
    payment.reserve_takedown_cents, payment.status = taken, "issued"
    payment.updated_at = act.now
    payment.save(force_update=True)
    return {
        "payment_id": payment.id,
        "exposure_id": exposure.id,
        "cost_type": payment.cost_type,
        "amount_cents": payment.amount_cents,
        "takedown_cents": taken,
    }
