"""The rows of a renewed term, inside the caller's transaction: what stands at the end of the old
term is carried into the new one; what was charged for it is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from openinsure.keyspaces.ids import fixed_id
from openinsure.money.renewal import Basis, Renewed
from openinsure.money.rounding import split
from openinsure.policies.models import (
    AdditionalInterest,
    Policy,
    PolicyCoverage,
    PolicyDriver,
    PolicyForm,
    PolicyInsured,
    PolicyLocation,
    PolicySegment,
    PolicyVehicle,
    PolicyVehicleDriver,
)
from openinsure.policies.states import BOUND
from openinsure.tenancy.scope import Scope

# In this order: a row may name one of an earlier table.
CARRIED = (
    PolicyInsured, AdditionalInterest, PolicyLocation, PolicyVehicle, PolicyDriver,
    PolicyVehicleDriver, PolicyForm, PolicyCoverage,
)  # fmt: skip
NAMED = ("vehicle_id", "driver_id", "interest_id")
# Papers of the old term: the form stays attached, its page is printed anew.
LEFT_BEHIND = ("endorsement_id", "document_id")
Ids = dict[str, str]


def next_term(
    scope: Scope, prior: Policy, figures: Renewed, basis: Basis, *, policy_id: str,
    admitted: bool, plan: str, now: datetime,
) -> Policy:  # fmt: skip
    """The row of the next term with all that it covers. The old one is locked."""
    begins = figures.effective
    row: Policy = _copy(
        prior, id=policy_id, term_number=prior.term_number + 1, prior_policy_id=prior.id,
        submission_id=None, quote_id=None, status=BOUND, admitted=admitted,
        effective_date=begins, expiration_date=figures.expires, bound_at=now, issued_at=None,
        cancelled_at=None, cancellation_effective_date=None,
        annual_premium_cents=figures.annual_cents, written_premium_cents=figures.premium_cents,
        fees_cents=figures.fee_cents, taxes_cents=figures.taxes_cents,
        total_cents=figures.total_cents, producer_commission_rate=basis.producer,
        mga_commission_rate=basis.mga, billing_account_id=None, billing_plan=plan,
        dec_document_id=None, lock_version=0, metadata={}, created_at=now, updated_at=now,
    )  # fmt: skip
    segment = _segment(scope, row, figures, now)
    counts = _carry(scope, prior, row, segment, figures, now)
    row.vehicle_count, row.driver_count = counts[PolicyVehicle], counts[PolicyDriver]
    row.save(force_insert=True)
    return row


def _segment(scope: Scope, policy: Policy, figures: Renewed, now: datetime) -> str:
    row = PolicySegment.objects.create(
        org_id=scope.org_id,
        id=fixed_id(policy.id, "segment", 1),
        policy_id=policy.id,
        segment_no=1,
        source_type="renewal",
        start_date=figures.effective,
        end_date=figures.expires,
        annual_rate_cents=figures.annual_cents,
        segment_premium_cents=figures.premium_cents,
        currency=policy.currency,
        status="active",
        created_at=now,
        updated_at=now,
    )
    return str(row.id)


def _carry(
    scope: Scope, prior: Policy, policy: Policy, segment: str, figures: Renewed, now: datetime
) -> Mapping[Any, int]:
    """Copy what stands on the first day of the new term; how many rows of each table."""
    ids: Ids = {}
    counts: dict[Any, int] = {}
    for model in CARRIED:
        found = model.objects.within(scope).filter(policy_id=prior.id).order_by("id")
        rows = [row for row in found if _stands(row, figures.effective, ids)]
        ids |= {row.id: fixed_id(policy.id, row.id) for row in rows}
        made = [_carried(row, policy, ids, now) for row in rows]
        if model is PolicyCoverage:
            _price(made, segment, figures)
        model.objects.bulk_create(made)
        counts[model] = len(made)
    return counts


def _stands(row: Any, begins: date, ids: Ids) -> bool:
    """Whether a row is on the policy on a day; one of a removed unit or driver is not."""
    removed = getattr(row, "removal_date", None)
    ends = getattr(row, "expiration_date", begins)
    named = [getattr(row, name, None) for name in ("vehicle_id", "driver_id")]
    return (
        getattr(row, "status", "active") == "active"
        and (removed is None or removed > begins)
        and ends >= begins
        and all(key is None or key in ids for key in named)
    )


def _carried(row: Any, policy: Policy, ids: Ids, now: datetime) -> Any:
    """The row on the new term: its days, and the ids of what it names there."""
    changes: dict[str, Any] = {"id": ids[row.id], "policy_id": policy.id}
    for name in (*NAMED, *LEFT_BEHIND):
        if hasattr(row, name):
            changes[name] = ids.get(getattr(row, name))
    if hasattr(row, "effective_date"):
        changes["effective_date"] = policy.effective_date
    return _copy(row, **changes, created_at=now, updated_at=now)


def _price(coverages: list[Any], segment: str, figures: Renewed) -> None:
    """The new premium over the coverages, by what each costs now; where that is known."""
    weights = [row.annual_premium_cents for row in coverages]
    for row in coverages:
        row.segment_id, row.expiration_date = segment, figures.expires
    if sum(weights) <= 0 or min(weights) < 0:
        return
    shares = zip(
        coverages, split(figures.annual_cents, weights), split(figures.premium_cents, weights),
        strict=True,
    )  # fmt: skip
    for row, annual, term in shares:
        row.annual_premium_cents, row.term_premium_cents = annual, term


def _copy(row: Any, **changes: Any) -> Any:
    """A row like another of its table, with other values in the columns named."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return type(row)(**(values | changes))
