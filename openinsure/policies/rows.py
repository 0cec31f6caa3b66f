"""What leaves this app: frozen rows of policies and of what hangs on them. No model, no lazy value.

Personal data is masked here, at the last place that sees it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One policy term of a list. program, producer, carrier are ids; money is cents."""

    id: str
    number: str
    term: int
    status: str
    insured: str
    program_id: str
    producer_id: str
    carrier_id: str
    state: str
    effective: date
    expires: date
    premium_cents: int
    currency: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class TermRow:
    """One term of a policy number, as the term bar needs it."""

    id: str
    term: int
    status: str
    effective: date
    expires: date


@dataclass(frozen=True, slots=True)
class PolicyTerm:
    """One policy term. Dates are coverage dates in `timezone`; rates are fractions of 1 as text."""

    id: str
    number: str
    term: int
    status: str
    line_of_business: str
    insured: str
    insured_id: str
    usdot_number: str | None
    program_id: str
    producer_id: str
    carrier_id: str
    state: str
    admitted: bool
    effective: date
    expires: date
    effective_time: str
    timezone: str
    bound_at: datetime | None
    issued_at: datetime | None
    cancelled_at: datetime | None
    cancellation_effective: date | None
    currency: str
    annual_premium_cents: int
    premium_cents: int
    fees_cents: int
    taxes_cents: int
    total_cents: int
    producer_commission_rate: str
    billing_plan: str
    liability_limit_cents: int
    deductible_cents: int
    vehicle_count: int
    driver_count: int
    updated_at: datetime
    lock_version: int


@dataclass(frozen=True, slots=True)
class InForce:
    """Whether coverage is in force on a date, computed from dates, and why, in words.

    gaps: days inside the term without coverage, first included, last not.
    """

    on: date
    answer: bool
    reason: str
    gaps: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True, slots=True)
class Earned:
    """Earned through the day before `on`, of what is written by then. Cents."""

    on: date
    written_cents: int
    earned_cents: int

    @property
    def share_bp(self) -> int | None:
        """Earned share in basis points, None without written premium."""
        if self.written_cents == 0:
            return None
        return 10_000 * self.earned_cents // self.written_cents


@dataclass(frozen=True, slots=True)
class Refusal:
    """A decision not to renew. mailed: the day its notice went, None while it waits to be mailed.

    effective: the first day it may end coverage; days, due: of the notice that the law asks.
    """

    status: str
    effective: date
    mailed: date | None
    days: int
    due: date


@dataclass(frozen=True, slots=True)
class PolicyOnDate:
    """One term of a policy number on a date, its neighbours, and whether it will be renewed."""

    policy: PolicyTerm
    terms: tuple[TermRow, ...]
    in_force: InForce
    earned: Earned
    refusal: Refusal | None = None

    @property
    def successor(self) -> TermRow | None:
        """The next term of the number, if it stands."""
        return next((one for one in self.terms if one.term > self.policy.term), None)


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One coverage of the term."""

    id: str
    code: str
    description: str | None
    unit: int | None
    per_person_limit_cents: int
    per_occurrence_limit_cents: int
    aggregate_limit_cents: int
    deductible_cents: int
    premium_cents: int
    currency: str
    form_number: str | None
    effective: date
    expires: date
    status: str


@dataclass(frozen=True, slots=True)
class VehicleRow:
    """One scheduled unit. removed: the first day without it."""

    id: str
    unit: int
    vin: str
    year: int | None
    make: str | None
    model: str | None
    body: str | None
    weight_lbs: int | None
    value_cents: int
    currency: str
    garaged_in: str
    plate: str
    effective: date
    removed: date | None
    status: str


@dataclass(frozen=True, slots=True)
class DriverRow:
    """One scheduled driver; licence by its last four, birth date masked."""

    id: str
    name: str
    license: str
    license_state: str | None
    cdl_class: str | None
    license_status: str | None
    experience_years: int | None
    mvr_points: int | None
    excluded: bool
    hired: date | None
    effective: date
    removed: date | None
    status: str


@dataclass(frozen=True, slots=True)
class Change:
    """One field of an endorsement, before and after, as text."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class EndorsementRow:
    """One mid-term change with its premium effect."""

    id: str
    number: int
    type: str
    status: str
    effective: date
    description: str | None
    premium_change_cents: int
    annual_change_cents: int
    currency: str
    backdated: bool
    bound_at: datetime | None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event in words, newest first. actor: the role that acted."""

    id: str
    seq: int
    at: datetime
    event: str
    title: str
    detail: str
    actor: str
    effective: date | None
    href: str = ""
