"""Reads of reference data that every organisation shares: states, codes, rates, rules, carriers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from openinsure.console.row_reading import rows_of
from openinsure.orgs.models import (
    PlatformCarrier,
    RefCoverageCode,
    RefHoliday,
    RefNaicsCode,
    RefNoticeRule,
    RefState,
    RefTaxRate,
)

R = TypeVar("R")
ROWS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class CarrierRow:
    """A carrier that issues paper."""

    id: str
    naic: str
    name: str
    status: str
    am_best: str | None
    remit_basis: str
    remit_day: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class StateRow:
    """A state."""

    id: str
    state: str
    name: str
    timezone: str
    surplus_lines: bool


@dataclass(frozen=True, slots=True)
class NaicsRow:
    """An industry."""

    id: str
    code: str
    description: str | None
    parent: str | None
    hazard_grade: int | None


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """A coverage code."""

    id: str
    code: str
    name: str
    kind: str
    statutory_line: str | None


@dataclass(frozen=True, slots=True)
class TaxRow:
    """A tax or stamping rate."""

    id: str
    state: str
    code: str
    rate: Decimal
    flat_cents: int
    currency: str
    includes_fees: bool
    payee: str | None
    effective: date
    ended: date | None
    source: str | None


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """How many days of notice the law asks, and where it says so."""

    id: str
    state: str
    line: str
    kind: str
    reason: str
    min_policy_age_days: int
    notice_days: int
    mailing_days: int
    proof_required: bool
    citation: str | None
    effective: date


@dataclass(frozen=True, slots=True)
class HolidayRow:
    """A holiday on which due dates roll."""

    id: str
    on: date
    region: str
    name: str
    banking: bool


def list_carriers() -> list[CarrierRow]:
    """Every carrier of the platform by name. One statement."""
    names = {
        "naic": "naic_code",
        "name": "legal_name",
        "am_best": "am_best_rating",
        "currency": "default_currency",
    }
    return _read(PlatformCarrier, CarrierRow, names, "legal_name")


def list_states() -> list[StateRow]:
    """States by code. One statement."""
    return _read(RefState, StateRow, {}, "state")


def list_naics() -> list[NaicsRow]:
    """Industries by code. One statement."""
    names = {"code": "naics_code", "parent": "parent_code"}
    return _read(RefNaicsCode, NaicsRow, names, "naics_code")


def list_coverages() -> list[CoverageRow]:
    """Coverage codes. One statement."""
    return _read(RefCoverageCode, CoverageRow, {"code": "coverage_code"}, "coverage_code")


def list_taxes() -> list[TaxRow]:
    """Tax rates by state, the newest first. One statement."""
    names = {
        "code": "tax_code",
        "effective": "effective_date",
        "ended": "end_date",
        "source": "source_url",
    }
    return _read(RefTaxRate, TaxRow, names, "state", "tax_code", "-effective_date")


def list_notices() -> list[NoticeRow]:
    """Notice rules by state. One statement."""
    names = {
        "line": "line_of_business",
        "kind": "notice_kind",
        "reason": "reason_code",
        "effective": "effective_date",
    }
    order = ("state", "line_of_business", "notice_kind", "reason_code", "-effective_date")
    return _read(RefNoticeRule, NoticeRow, names, *order)


def list_holidays() -> list[HolidayRow]:
    """Holidays, the earliest first. One statement."""
    return _read(RefHoliday, HolidayRow, {"on": "holiday_date"}, "holiday_date", "region")


def _read(model: Any, row: type[R], columns: Mapping[str, str], *order: str) -> list[R]:
    return rows_of(model.objects.order_by(*order, "id"), row, columns, limit=ROWS_MAX)
