"""A new policy from a bound quote: its term with everything it covers, written once.

Every row has an id that follows from the binding, so whoever comes second finds what stands. The
event `policy.bound` is the outbox for billing: its payload suffices to open the account, bill the
first installment and start the premium's stream.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from openinsure.keyspaces.ids import fixed_id
from openinsure.money.rates import exact, of
from openinsure.policies.models import (
    Insured,
    Policy,
    PolicyCoverage,
    PolicyDriver,
    PolicySegment,
    PolicyTransaction,
    PolicyVehicle,
)
from openinsure.policies.operations.bound_event import tell_bound
from openinsure.policies.states import BOUND
from openinsure.problems import Conflict
from openinsure.tenancy.scope import Scope

KEYSPACE = "oi_policies"
EFFECTIVE_TIME = "00:01"  # 12:01 a.m. local, the rule of the trade
LIABILITY = "AL"
WORDS = {
    "AL": "Auto liability, combined single limit",
    "UM": "Uninsured motorist",
    "PIP": "Personal injury protection",
    "MTC": "Motor truck cargo",
}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTerm:
    """A first term as it was bound. Cents; rates are fractions of 1.

    coverages, units, drivers: columns of their tables, without those that every row has.
    """

    event_id: str
    submission_id: str
    quote_id: str
    insured_id: str | None
    insured_name: str
    name_norm: str
    usdot_number: str | None
    program_id: str
    carrier_id: str
    producer_id: str
    underwriter_user_id: str | None
    actor_user_id: str | None
    line_of_business: str
    state: str
    admitted: bool
    timezone: str
    effective: date
    expires: date
    bound_at: datetime
    plan: str
    annual_premium_cents: int
    premium_cents: int
    fees_cents: int
    taxes_cents: int
    currency: str
    producer_rate: Decimal
    mga_rate: Decimal
    coverages: tuple[Row, ...]
    units: tuple[Row, ...]
    drivers: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """The policy of a binding. repeated: it stood before."""

    policy_id: str
    number: str
    repeated: bool


def write_policy(
    scope: Scope, term: NewTerm, *, number: Callable[[], str], now: datetime
) -> Written:
    """The policy of a binding, written unless it stands. number: gives a fresh policy number.

    Raises Conflict if that number is taken; the next try asks for another.
    """
    policy_id = fixed_id(scope.org_id, "policy", term.event_id)
    standing = _standing(scope, policy_id)
    if standing is not None:
        return standing
    told = number()
    try:
        with transaction.atomic(using=KEYSPACE):
            _write(scope, policy_id, told, term, now)
    except IntegrityError:
        standing = _standing(scope, policy_id)
        if standing is None:
            raise Conflict(f"The policy number {told} is taken; the next one is tried.") from None
        return standing
    return Written(policy_id, told, repeated=False)


def name_account(scope: Scope, policy_id: str, account_id: str, *, now: datetime) -> None:
    """The policy is billed by this account."""
    rows = Policy.objects.within(scope).filter(id=policy_id, billing_account_id=None)
    rows.update(billing_account_id=account_id, updated_at=now)


def _standing(scope: Scope, policy_id: str) -> Written | None:
    rows = Policy.objects.within(scope).filter(id=policy_id)
    number = rows.values_list("policy_number", flat=True).first()
    return Written(policy_id, number, repeated=True) if number else None


def _write(scope: Scope, policy_id: str, number: str, term: NewTerm, now: datetime) -> None:
    """All rows of the term. The policy goes first: its key lets one writer through."""
    term = replace(term, insured_id=term.insured_id or _insured_id(scope, term))
    policy = _policy(scope, policy_id, number, term, now)
    if not Insured.objects.within(scope).filter(id=term.insured_id).exists():
        _insured(scope, term, now)
    stamp = {"created_at": now, "updated_at": now}
    common = {"org_id": scope.org_id, "policy_id": policy_id, **stamp}
    span = {"effective_date": term.effective}
    segment = fixed_id(policy_id, "segment", 1)
    PolicySegment.objects.create(
        id=segment, segment_no=1, source_type="new_business", start_date=term.effective,
        end_date=term.expires, annual_rate_cents=term.annual_premium_cents,
        segment_premium_cents=term.premium_cents, currency=term.currency, status="active",
        **common,
    )  # fmt: skip
    PolicyVehicle.objects.bulk_create(
        PolicyVehicle(
            id=fixed_id(policy_id, "unit", row["unit_no"]), vin_last6=row["vin"][-6:],
            garaging_state=term.state, currency=term.currency, status="active", **row, **span,
            **common,
        )
        for row in term.units
    )  # fmt: skip
    PolicyDriver.objects.bulk_create(
        PolicyDriver(
            id=fixed_id(policy_id, "driver", place), status="active", **row, **span, **common
        )
        for place, row in enumerate(term.drivers)
    )
    PolicyCoverage.objects.bulk_create(
        PolicyCoverage(
            id=fixed_id(policy_id, "coverage", place), segment_id=segment,
            description=WORDS.get(row["coverage_code"]), limit_type="per_occurrence",
            term_premium_cents=row["annual_premium_cents"], currency=term.currency,
            expiration_date=term.expires, status="active", **row, **span, **common,
        )
        for place, row in enumerate(term.coverages)
    )  # fmt: skip
    movement = _movement(scope, policy_id, number, term, now)
    actor = term.actor_user_id, "underwriter" if term.actor_user_id else "system"
    quoted = {"submission_id": term.submission_id, "quote_id": term.quote_id}
    tell_bound(policy, movement, actor=actor, now=now, **quoted)


def _insured_id(scope: Scope, term: NewTerm) -> str:
    """A haulier of the same name and DOT number is the same insured; else a new one."""
    rows = Insured.objects.within(scope).filter(status="active", name_norm=term.name_norm)
    known = rows.filter(usdot_number=term.usdot_number) if term.usdot_number else rows.none()
    found: str | None = known.order_by("id").values_list("id", flat=True).first()
    return found or fixed_id(scope.org_id, "insured", term.event_id)


def _insured(scope: Scope, term: NewTerm, now: datetime) -> None:
    Insured.objects.create(
        org_id=scope.org_id,
        id=term.insured_id,
        entity_type="business",
        legal_name=term.insured_name,
        name_norm=term.name_norm,
        usdot_number=term.usdot_number,
        state=term.state,
        country="US",
        status="active",
        created_at=now,
        updated_at=now,
    )


def _policy(scope: Scope, policy_id: str, number: str, term: NewTerm, now: datetime) -> Policy:
    liability = next((c for c in term.coverages if c["coverage_code"] == LIABILITY), None)
    row: Policy = Policy.objects.create(
        org_id=scope.org_id,
        id=policy_id,
        policy_number=number,
        term_number=1,
        program_id=term.program_id,
        carrier_id=term.carrier_id,
        producer_id=term.producer_id,
        insured_id=term.insured_id,
        submission_id=term.submission_id,
        quote_id=term.quote_id,
        status=BOUND,
        line_of_business=term.line_of_business,
        state=term.state,
        admitted=term.admitted,
        effective_date=term.effective,
        expiration_date=term.expires,
        effective_time=EFFECTIVE_TIME,
        timezone=term.timezone,
        bound_at=term.bound_at,
        currency=term.currency,
        annual_premium_cents=term.annual_premium_cents,
        written_premium_cents=term.premium_cents,
        fees_cents=term.fees_cents,
        taxes_cents=term.taxes_cents,
        total_cents=term.premium_cents + term.fees_cents + term.taxes_cents,
        producer_commission_rate=term.producer_rate,
        mga_commission_rate=term.mga_rate,
        billing_plan=term.plan,
        liability_limit_cents=liability["per_occurrence_limit_cents"] if liability else 0,
        deductible_cents=liability["deductible_cents"] if liability else 0,
        vehicle_count=len(term.units),
        driver_count=len(term.drivers),
        usdot_number=term.usdot_number,
        insured_name=term.insured_name,
        insured_name_norm=term.name_norm,
        underwriter_user_id=term.underwriter_user_id,
        metadata={},
        created_at=now,
        updated_at=now,
    )
    return row


def _movement(scope: Scope, policy_id: str, number: str, term: NewTerm, now: datetime) -> str:
    """The written premium of the term, with both commissions; its id."""
    row = PolicyTransaction.objects.create(
        org_id=scope.org_id,
        id=fixed_id(policy_id, "movement", 1),
        policy_id=policy_id,
        policy_number=number,
        transaction_no=1,
        transaction_type="NEW",
        source_table="policies",
        source_id=policy_id,
        effective_date=term.effective,
        process_date=now.date(),
        written_premium_cents=term.premium_cents,
        fees_cents=term.fees_cents,
        taxes_cents=term.taxes_cents,
        producer_commission_cents=of(exact(term.producer_rate), term.premium_cents),
        mga_commission_cents=of(exact(term.mga_rate), term.premium_cents),
        currency=term.currency,
        status="posted",
        created_by_user_id=term.actor_user_id,
        created_at=now,
    )
    return str(row.id)
