"""What a bound quote asks of the policy: read by the worker that writes it, once it is bound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from openinsure.console.row_reading import rows_of
from openinsure.problems import NotFound
from openinsure.submissions.models import (
    Quote,
    QuoteCoverage,
    QuoteDriver,
    QuoteVehicle,
    Submission,
    SubmissionEvent,
)
from openinsure.submissions.operations.bindings import BOUND
from openinsure.tenancy.scope import Scope

UNITS_MAX = 2_000  # of one quote
TERMS_COLUMNS = {
    "plan": "plan_code",
    "effective": "effective_date",
    "expires": "expiration_date",
}
APPLICANT_COLUMNS = {"number": "submission_number", "name_norm": "insured_name_norm"}


@dataclass(frozen=True, slots=True)
class Binding:
    """An event whose policy does not stand yet, oldest first."""

    event_id: str
    submission_id: str
    quote_id: str
    at: datetime
    actor_user_id: str | None


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who asked for insurance, as the submission says. insured_id: None while it names none."""

    number: str
    insured_id: str | None
    insured_name: str
    name_norm: str
    usdot_number: str | None
    line_of_business: str
    state: str
    assigned_underwriter_id: str | None


@dataclass(frozen=True, slots=True)
class BoundTerms:
    """The terms of the quote. Cents; rates are fractions of 1."""

    id: str
    program_id: str
    carrier_id: str
    producer_id: str
    plan: str
    effective: date
    expires: date
    annual_premium_cents: int
    fees_cents: int
    taxes_cents: int
    total_cents: int
    currency: str
    producer_commission_rate: Decimal
    mga_commission_rate: Decimal

    @property
    def premium_cents(self) -> int:
        """Of this term: what is left of the total."""
        return self.total_cents - self.fees_cents - self.taxes_cents


@dataclass(frozen=True, slots=True)
class BoundCoverage:
    """One coverage that was chosen."""

    coverage_code: str
    limit_cents: int
    deductible_cents: int
    annual_premium_cents: int


@dataclass(frozen=True, slots=True)
class BoundUnit:
    """One scheduled unit."""

    unit_no: int
    vin: str
    model_year: int | None
    make: str | None
    model: str | None
    stated_value_cents: int


@dataclass(frozen=True, slots=True)
class BoundDriver:
    """One scheduled driver; the licence as its keyed hash."""

    full_name: str
    license_hash: str | None
    license_state: str | None
    mvr_report_id: str | None
    points: int


@dataclass(frozen=True, slots=True)
class BoundQuote:
    """Everything of a bound quote that its policy takes over."""

    applicant: Applicant
    terms: BoundTerms
    coverages: tuple[BoundCoverage, ...]
    units: tuple[BoundUnit, ...]
    drivers: tuple[BoundDriver, ...]


def waiting(scope: Scope, *, most: int) -> list[Binding]:
    """Bound submissions without their policy. One statement."""
    rows = (
        SubmissionEvent.objects.within(scope)
        .filter(delivered_at=None, event_type=BOUND)
        .order_by("id")
        .values_list("id", "submission_id", "payload", "occurred_at", "actor_user_id")[:most]
    )
    return [Binding(key, of, told["quote_id"], at, by) for key, of, told, at, by in rows]


def bound_quote(scope: Scope, binding: Binding) -> BoundQuote:
    """The quote of a binding. Five statements. Raises NotFound."""
    applicants = Submission.objects.within(scope).filter(id=binding.submission_id)
    terms = Quote.objects.within(scope).filter(id=binding.quote_id, status="bound")
    found = rows_of(terms, BoundTerms, TERMS_COLUMNS)
    applicant = rows_of(applicants, Applicant, APPLICANT_COLUMNS)
    if not found or not applicant:
        raise NotFound("quote")
    key = {"quote_id": binding.quote_id}
    coverages = QuoteCoverage.objects.within(scope).filter(**key, selected=True)
    units = QuoteVehicle.objects.within(scope).filter(**key).order_by("unit_no", "id")
    drivers = QuoteDriver.objects.within(scope).filter(**key).order_by("id")
    return BoundQuote(
        applicant[0],
        found[0],
        tuple(rows_of(coverages.order_by("coverage_code", "id"), BoundCoverage, {})),
        tuple(rows_of(units, BoundUnit, {}, limit=UNITS_MAX)),
        tuple(rows_of(drivers, BoundDriver, {}, limit=UNITS_MAX)),
    )
