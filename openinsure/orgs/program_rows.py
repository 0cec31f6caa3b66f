"""Frozen rows of programs and rules: what is sold, where, at which rates, by what authority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

# Authority used above this share deserves a look before the next bind.
UTILIZATION_WARN = Decimal("0.85")


@dataclass(frozen=True, slots=True)
class ProgramRow:
    """One program of a list. carrier_id is an id."""

    id: str
    code: str
    name: str
    status: str
    line: str
    carrier_id: str
    admitted: int
    effective: date
    expires: date | None
    updated: datetime


@dataclass(frozen=True, slots=True)
class ProgramFile:
    """One program with its terms. Rates are fractions of 1; cents of `currency`."""

    id: str
    code: str
    name: str
    status: str
    line: str
    carrier_id: str
    admitted: bool
    effective: date
    expires: date | None
    currency: str
    min_premium_cents: int
    auto_bind_threshold_cents: int
    policy_fee_cents: int
    late_fee_cents: int
    nsf_fee_cents: int
    grace_days: int
    mga_commission_rate: Decimal
    default_producer_commission_rate: Decimal
    quota_share_rate: Decimal
    min_earned_rate: Decimal
    short_rate_factor: Decimal
    cancel_method_insured: str


@dataclass(frozen=True, slots=True)
class StateRow:
    """Where a program is sold."""

    id: str
    state: str
    status: str
    effective: date
    expires: date | None
    filing: str | None


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A payment plan."""

    id: str
    code: str
    down_rate: Decimal
    installments: int
    interval_months: int
    service_fee_cents: int
    currency: str
    active: bool


@dataclass(frozen=True, slots=True)
class CommissionRow:
    """Commission rates of one kind of transaction."""

    id: str
    transaction_type: str
    mga_rate: Decimal
    producer_rate: Decimal
    effective: date
    ended: date | None


@dataclass(frozen=True, slots=True)
class FeeRow:
    """A fee and who keeps it."""

    id: str
    code: str
    state: str | None
    amount_cents: int
    rate: Decimal
    refundable: bool
    retained_by: str
    currency: str
    effective: date


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """A delegated-authority agreement. carrier_id is an id."""

    id: str
    version: int
    status: str
    carrier_id: str
    effective: date
    expires: date | None
    max_occurrence_limit_cents: int
    max_premium_per_policy_cents: int
    annual_gwp_limit_cents: int
    quarterly_gwp_limit_cents: int
    max_policies_per_insured: int | None
    authorized_states: Any
    excluded_states: Any
    allowed_terms_months: Any
    currency: str


@dataclass(frozen=True, slots=True)
class UtilizationRow:
    """How much of an agreement's annual volume was used on a day."""

    id: str
    on: date
    bound_gwp_cents: int
    limit_cents: int
    rate: Decimal
    policies: int
    currency: str

    @property
    def tight(self) -> bool:
        """True if little authority is left."""
        return self.rate >= UTILIZATION_WARN


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule of a list. program and version are ids."""

    id: str
    name: str
    key: str
    stage: str
    status: str
    program_id: str
    version_id: str | None
    updated: datetime


@dataclass(frozen=True, slots=True)
class VersionRow:
    """The words of one version of a rule."""

    id: str
    version: int
    expression: str | None
    outcome: str
    message: str | None
    activated_at: datetime | None
