"""Money that is to leave the trust account: requested by the adjuster, decided by others.

Requester, first and second approver are three people; the database row says who, and each check
is made on the locked claim.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openinsure.authz.duties import changes, disbursement_tuples
from openinsure.authz.relationships import Tuple
from openinsure.claims.authority import Authority
from openinsure.claims.disbursing import MACHINE
from openinsure.claims.life import WORKABLE
from openinsure.claims.models import (
    Claim,
    Claimant,
    ClaimExposure,
    ClaimPayment,
    Disbursement,
    DisbursementApproval,
)
from openinsure.claims.operations.changing import Act, Done, Event, change
from openinsure.claims.operations.reserves import (
    COST_TYPES,
    in_flight_cents,
    limit_of,
    open_exposure,
    require_assigned,
    reserve_of,
)
from openinsure.console.money import format_cents
from openinsure.console.words import spoken
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Forbidden, NotFound
from openinsure.tenancy.scope import Scope

METHODS = (("check", "Check"), ("ach", "ACH"))
DECISIONS = (("approved", "Approve"), ("rejected", "Reject"))
APPROVER_ROLE = "finance_analyst"  # the one written on the step; an administrator may stand in
NOTE_LENGTH_MAX, INVOICE_LENGTH_MAX = 255, 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A payment as asked for. numbers: of disbursement and payment, reserved beforehand."""

    exposure_id: str
    claimant_id: str
    cost_type: str
    amount_cents: int
    method: str
    invoice_ref: str
    numbers: tuple[str, str]

    def checked(self) -> Request:
        """Itself. Raises BadForm naming every field that cannot stand."""
        errors = {}
        for field, value, offered in (
            ("cost_type", self.cost_type, COST_TYPES),
            ("method", self.method, METHODS),
        ):
            if value not in dict(offered):
                errors[field] = "must be one of " + ", ".join(dict(offered))
        if self.amount_cents <= 0:
            errors["amount"] = "must be more than nothing"
        if len(self.invoice_ref) > INVOICE_LENGTH_MAX:
            errors["invoice_ref"] = f"must have at most {INVOICE_LENGTH_MAX} characters"
        if errors:
            raise BadForm(errors)
        return self


def request_disbursement(scope: Scope, claim_id: str, act: Act, wish: Request) -> Done:
    """Ask for a payment against an open exposure; it then waits for approval.

    Raises Forbidden for anybody but the assigned adjuster; BadForm for more than the reserve
    less what is in flight, or beyond the exposure's limit.
    """
    wish.checked()

    def work(claim: Claim) -> Event:
        require_assigned(scope, claim, act.actor)
        if claim.status not in WORKABLE:
            raise BadForm({"amount": f"cannot be paid while the claim is {spoken(claim.status)}"})
        exposure = open_exposure(scope, claim, wish.exposure_id)
        payee = Claimant.objects.within(scope).filter(claim_id=claim.id, id=wish.claimant_id)
        claimant = payee.first()
        if claimant is None:
            raise BadForm({"claimant": "must be a claimant of this claim"})
        limit = limit_of(scope, claim, exposure, wish.cost_type, act)
        _is_covered(scope, claim, exposure, wish, limit)
        made = _insert(scope, claim, claimant, wish, act)
        steps = 1 if wish.amount_cents <= limit.payment_cents else 2
        _plan_approvals(scope, made, steps, act)
        return Event(
            "disbursement.requested",
            payload_of(claim, made, approvals=steps),
            relations=changes((), waiting(scope, made)),
        )

    return change(scope, claim_id, act, action="disbursement.requested", work=work)


def decide_disbursement(
    scope: Scope, disbursement_id: str, claim_id: str, act: Act, *, decision: str, note: str
) -> Done:
    """Approve or reject one step. Raises Forbidden for the requester or an earlier approver,
    IllegalTransition once it is decided.
    """
    errors = {}
    if decision not in dict(DECISIONS):
        errors["decision"] = "must be one of " + ", ".join(dict(DECISIONS))
    if len(note) > NOTE_LENGTH_MAX:
        errors["note"] = f"must have at most {NOTE_LENGTH_MAX} characters"
    if decision == "rejected" and not note.strip():
        errors["note"] = "must say why it is rejected"
    if errors:
        raise BadForm(errors)

    def work(claim: Claim) -> Event:
        row = locked(scope, disbursement_id, claim)
        MACHINE.check(row.status, decision)
        _is_another_person(row, act)
        step = _open_steps(scope, row).first()
        if step is None:
            raise BadForm({"decision": "is not awaited; every step is decided"})
        step.approver_user_id, step.decision = act.actor.user_id, decision
        step.decided_at, step.note, step.updated_at = act.now, note.strip() or None, act.now
        step.save(force_update=True)
        if step.step_no == 1:
            row.first_approver_user_id = act.actor.user_id
        else:
            row.second_approver_user_id = act.actor.user_id
        last = decision == "rejected" or not _open_steps(scope, row).exists()
        if last:
            _settle(scope, row, decision, act)
        touch(row, act)
        kind = f"disbursement.{decision}" if last else "disbursement.step_approved"
        ended = decision == "rejected"
        return Event(
            kind,
            payload_of(claim, row, step=step.step_no),
            relations=changes(waiting(scope, row), ()) if ended else (),
        )

    return change(scope, claim_id, act, action=f"disbursement.{decision}", work=work)


def _is_covered(
    scope: Scope, claim: Claim, exposure: ClaimExposure, wish: Request, limit: Authority
) -> None:
    """The reserve bears it, and indemnity stays within the exposure's limit."""
    reserve = reserve_of(scope, exposure, wish.cost_type)
    held = reserve.amount_cents if reserve else 0
    flying = in_flight_cents(scope, exposure.id, wish.cost_type)
    if wish.amount_cents > held - flying:
        free = format_cents(max(0, held - flying), claim.currency)
        raise BadForm({"amount": f"is more than the {free} of reserve not yet in flight"})
    paid = exposure.paid_indemnity_cents + flying + wish.amount_cents
    beyond = exposure.limit_cents and paid > exposure.limit_cents
    if wish.cost_type == "indemnity" and beyond and not limit.may_exceed_policy_limit:
        told = format_cents(exposure.limit_cents, claim.currency)
        raise BadForm({"amount": f"would pay more than the limit of {told}"})


def _insert(
    scope: Scope, claim: Claim, claimant: Claimant, wish: Request, act: Act
) -> Disbursement:
    number, payment_number = wish.numbers
    payment_id, stamp = new_id(), {"created_at": act.now, "updated_at": act.now}
    row: Disbursement = Disbursement.objects.within(scope).create(
        id=new_id(),
        disbursement_number=number,
        source_type="claim_payments",
        source_id=payment_id,
        claim_id=claim.id,
        policy_id=claim.policy_id,
        payee_name=claimant.full_name,
        payee_name_norm=claimant.name_norm,
        method=wish.method,
        amount_cents=wish.amount_cents,
        currency=claim.currency,
        status="pending_approval",
        requested_by_user_id=act.actor.user_id,
        idempotency_key=act.once.id,
        **stamp,
    )
    ClaimPayment.objects.within(scope).create(
        id=payment_id,
        claim_id=claim.id,
        exposure_id=wish.exposure_id,
        claimant_id=claimant.id,
        payment_number=payment_number,
        payment_type="final" if wish.cost_type == "indemnity" else "expense",
        cost_type=wish.cost_type,
        amount_cents=wish.amount_cents,
        currency=claim.currency,
        erodes_reserve=True,
        payee_name=claimant.full_name,
        payee_type="claimant",
        invoice_ref=wish.invoice_ref or None,
        status="pending_approval",
        requested_by_user_id=act.actor.user_id,
        requested_at=act.now,
        disbursement_id=row.id,
        **stamp,
    )
    return row


def _plan_approvals(scope: Scope, row: Disbursement, steps: int, act: Act) -> None:
    for number in range(1, steps + 1):
        DisbursementApproval.objects.within(scope).create(
            id=new_id(),
            disbursement_id=row.id,
            step_no=number,
            required_role=APPROVER_ROLE,
            created_at=act.now,
            updated_at=act.now,
        )


def locked(scope: Scope, disbursement_id: str, claim: Claim) -> Disbursement:
    """The claim's disbursement, locked. Raises NotFound."""
    rows = Disbursement.objects.within(scope).select_for_update()
    found: Disbursement | None = rows.filter(id=disbursement_id, claim_id=claim.id).first()
    if found is None:
        raise NotFound("disbursement")
    return found


def waiting(scope: Scope, row: Disbursement) -> list[Tuple]:
    """The relationships of a disbursement until it is rejected or issued."""
    return list(disbursement_tuples(scope, row.id, requester=row.requested_by_user_id))


def _open_steps(scope: Scope, row: Disbursement) -> Any:
    rows = DisbursementApproval.objects.within(scope).filter(disbursement_id=row.id, decision=None)
    return rows.order_by("step_no", "id")


def _is_another_person(row: Disbursement, act: Act) -> None:
    if act.actor.user_id == row.requested_by_user_id:
        raise Forbidden("Who requested a disbursement cannot decide it.", code="own_request")
    if act.actor.user_id == row.first_approver_user_id:
        raise Forbidden("The second approval needs another person.", code="same_approver")


def _settle(scope: Scope, row: Disbursement, decision: str, act: Act) -> None:
    row.status = decision
    values: dict[str, object] = {"status": decision, "updated_at": act.now}
    if decision == "approved":
        row.approved_at = act.now
        values |= {"approved_by_user_id": act.actor.user_id, "approved_at": act.now}
    ClaimPayment.objects.within(scope).filter(disbursement_id=row.id).update(**values)


def touch(row: Disbursement, act: Act) -> None:
    """Save the row as the next version."""
    row.updated_at = act.now
    row.lock_version += 1
    row.save(force_update=True)


def payload_of(claim: Claim, row: Disbursement, **more: object) -> dict[str, Any]:
    """What billing needs to hold or post the transfer, without the payee's name."""
    return {
        "disbursement_id": row.id,
        "number": row.disbursement_number,
        "payment_id": row.source_id,
        "policy_id": claim.policy_id,
        "program_id": claim.program_id,
        "carrier_id": claim.carrier_id,
        "method": row.method,
        "amount_cents": row.amount_cents,
        "currency": row.currency,
        "trust_account_id": row.trust_account_id,
        **more,
    }
