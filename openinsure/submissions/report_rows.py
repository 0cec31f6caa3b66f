"""Frozen rows of what is on file beside a submission: carrier, reports, loss runs, quotes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class CarrierRow:
    """The motor carrier file."""

    id: str
    legal_name: str
    dba_name: str | None
    usdot_number: str
    mc_number: str | None
    state: str | None
    type: str | None
    operating_authority: str | None
    authority_status: str | None
    power_units: int
    drivers: int
    safety_rating: str | None
    csa_score: int | None
    name_mismatch: bool
    chameleon_flag: bool
    checked_at: datetime | None
    snapshot_id: str | None


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """What FMCSA said when it was asked. facts: the flat part of its answer."""

    id: str
    fetched_at: datetime
    authority_status: str | None
    power_units: int | None
    sha256: str
    facts: tuple[tuple[str, str], ...]
    age_days: int
    stale: bool


@dataclass(frozen=True, slots=True)
class BasicRow:
    """One safety category. Percentile and threshold are 0 to 100."""

    id: str
    category: str
    percentile: Decimal | None
    threshold: Decimal | None
    alert: bool
    measured_on: date


@dataclass(frozen=True, slots=True)
class InspectionRow:
    """One roadside inspection."""

    id: str
    number: str
    on: date
    state: str | None
    level: int | None
    violations: int
    out_of_service: int


@dataclass(frozen=True, slots=True)
class CrashRow:
    """One reportable crash."""

    id: str
    number: str
    on: date
    state: str | None
    fatalities: int
    injuries: int
    tow_away: bool
    preventable: str | None


@dataclass(frozen=True, slots=True)
class ViolationRow:
    """One violation on a driver record."""

    id: str
    on: date
    convicted_on: date | None
    code: str
    description: str | None
    points: int
    severity: str | None


@dataclass(frozen=True, slots=True)
class DriverRecordRow:
    """One driver's record as ordered; the licence number is known by hash only and not told."""

    id: str
    name: str
    license_state: str
    order_status: str
    ordered_at: datetime
    report_date: date | None
    license_status: str | None
    points: int | None
    valid_until: date | None
    violations: tuple[ViolationRow, ...]


@dataclass(frozen=True, slots=True)
class LossClaimRow:
    """One claim on a loss run. Cents."""

    id: str
    on: date
    reference: str | None
    description: str | None
    paid_cents: int
    reserved_cents: int
    incurred_cents: int
    currency: str
    status: str


@dataclass(frozen=True, slots=True)
class LossRunRow:
    """One prior carrier's loss run. listed: what its claims add up to; agrees: is that its total.

    year: the year in which the period starts.
    """

    id: str
    year: int
    carrier: str
    start: date
    end: date
    valued: date
    claim_count: int
    total_incurred_cents: int
    listed_cents: int
    agrees: bool
    currency: str
    claims: tuple[LossClaimRow, ...]


@dataclass(frozen=True, slots=True)
class LossYearRow:
    """Everything of one year and currency. Cents."""

    id: str
    year: int
    runs: int
    claim_count: int
    paid_cents: int
    reserved_cents: int
    incurred_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class CoverageOffer:
    """One coverage of a quote. Cents."""

    id: str
    code: str
    limit_cents: int
    deductible_cents: int
    premium_cents: int
    currency: str
    selected: bool


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of the rating."""

    id: str
    step: int
    key: str
    factor: Decimal
    before_cents: int
    after_cents: int
    currency: str
    source: str | None
    override_reason: str | None


@dataclass(frozen=True, slots=True)
class SubjectivityRow:
    """One condition. before_bind: due by the effective date of its quote."""

    id: str
    description: str | None
    due: date | None
    status: str
    cleared_at: datetime | None
    before_bind: bool


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """One version of a quote with all that hangs on it. Rates are fractions of 1 as text."""

    id: str
    number: str
    version: int
    status: str
    plan: str
    carrier_id: str
    program_id: str
    producer_id: str | None
    effective: date
    expires: date
    annual_premium_cents: int
    fees_cents: int
    taxes_cents: int
    total_cents: int
    currency: str
    producer_commission_rate: Decimal
    mga_commission_rate: Decimal
    valid_until: date | None
    rated_at: datetime | None
    released_at: datetime | None
    accepted_at: datetime | None
    bound_at: datetime | None
    bound_policy_id: str | None
    authority_status: str | None
    authority_detail: Any
    decline_reason: str | None
    units: int = 0
    units_without_vin: int = 0
    engine_version: str = ""
    coverages: tuple[CoverageOffer, ...] = ()
    steps: tuple[StepRow, ...] = ()
    subjectivities: tuple[SubjectivityRow, ...] = ()
