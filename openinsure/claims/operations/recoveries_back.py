"""Taking back a recovery that was recorded wrongly: a row that mirrors it, from today.

The wrong row stays as it was recorded, marked reversed. Its mirror has the id that follows from
it, so a recovery is taken back once, whatever form asks, and each leads to the other.
"""

from __future__ import annotations

from typing import Any

from openinsure.audit import reasons
from openinsure.claims.life import MIRROR, RECOVERY, REVERSED, mirror_id
from openinsure.claims.models import Claim, ClaimEvent, ClaimExposure, ClaimRecovery
from openinsure.claims.operations.changing import Act, Done, Event, change
from openinsure.claims.operations.recoveries import payload_of
from openinsure.problems import NotFound
from openinsure.tenancy.scope import Scope


def take_back_recovery(scope: Scope, claim_id: str, recovery_id: str, act: Act) -> Done:
    """Put what a wrong recovery took off incurred back on it; billing books the mirror.

    act.reason says what was wrong. Raises BadForm, NotFound, IllegalTransition unless received.
    """
    reasons.stated(act.reason)

    def work(claim: Claim) -> Event:
        rows = ClaimRecovery.objects.within(scope).select_for_update()
        row = rows.filter(claim_id=claim.id, id=recovery_id).first()
        if row is None:
            raise NotFound("recovery", recovery_id[:40])
        RECOVERY.check(row.status, REVERSED)
        mirror = _mirror(scope, row, act)
        row.status, row.updated_at = REVERSED, act.now
        row.save(force_update=True)
        _put_back(scope, claim, row, act)
        item = _item_of(scope, claim, row)
        told = payload_of(claim, row, recoverable_id=item, reversal_id=mirror.id)
        return Event("recovery.reversed", told)

    return change(scope, claim_id, act, action="recovery.reversed", work=work)


def _mirror(scope: Scope, row: Any, act: Act) -> Any:
    """The row that answers it: the same money, the other way, today."""
    return ClaimRecovery.objects.within(scope).create(
        id=mirror_id(row.id),
        claim_id=row.claim_id,
        exposure_id=row.exposure_id,
        recovery_type=row.recovery_type,
        expected_cents=0,
        received_cents=-row.received_cents,
        currency=row.currency,
        payer_name=row.payer_name,
        received_at=act.now,
        payment_reference=row.payment_reference,
        subrogation_case_id=row.subrogation_case_id,
        salvage_id=row.salvage_id,
        status=MIRROR,
        created_at=act.now,
        updated_at=act.now,
    )


def _put_back(scope: Scope, claim: Claim, row: Any, act: Act) -> None:
    """Exposure and claim stand as before it was recorded."""
    rows = ClaimExposure.objects.within(scope).select_for_update()
    exposure = rows.filter(id=row.exposure_id).first()
    if exposure is not None:
        exposure.recovered_cents -= row.received_cents
        exposure.updated_at = act.now
        exposure.lock_version += 1
        exposure.save(force_update=True)
    claim.recovered_cents -= row.received_cents
    claim.incurred_cents += row.received_cents


def _item_of(scope: Scope, claim: Claim, row: Any) -> str | None:
    """The reinsurer's item that the recovery had been put on."""
    told = ClaimEvent.objects.within(scope).filter(claim_id=claim.id, id=row.id).first()
    item: str | None = ((told.payload if told else None) or {}).get("recoverable_id")
    return item
