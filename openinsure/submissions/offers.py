"""Reads of quotes with coverages, rating steps and subjectivities; versions side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from openinsure.console.money import format_cents
from openinsure.console.row_reading import ROWS_MAX, rows_of
from openinsure.submissions.models import (
    Quote,
    QuoteCoverage,
    QuoteRatingStep,
    QuoteSubjectivity,
    QuoteVehicle,
    QuoteVersion,
)
from openinsure.submissions.report_rows import (
    CoverageOffer,
    QuoteRow,
    StepRow,
    SubjectivityRow,
)
from openinsure.submissions.states import QUOTE
from openinsure.tenancy.scope import Scope

QUOTE_COLUMNS = {
    "number": "quote_number",
    "version": "version_no",
    "plan": "plan_code",
    "effective": "effective_date",
    "expires": "expiration_date",
    "authority_status": "da_check_status",
    "authority_detail": "da_check_detail",
}
HANGING = ("units", "units_without_vin", "engine_version", "coverages", "steps", "subjectivities")


def list_quotes(scope: Scope, submission_id: str) -> list[QuoteRow]:
    """Every version, oldest first, with all that hangs on it. At most six statements."""
    quotes = list_offers(scope, submission_id)
    ids = [quote.id for quote in quotes]
    if not ids:
        return []
    coverages, steps = _coverages(scope, ids), _steps(scope, ids)
    engines = dict(
        QuoteVersion.objects.within(scope)
        .filter(quote_id__in=ids)
        .order_by("version_no", "id")
        .values_list("quote_id", "engine_version")
    )
    return [
        replace(
            quote,
            coverages=tuple(coverages[quote.id]),
            steps=tuple(steps[quote.id]),
            engine_version=engines.get(quote.id, ""),
        )
        for quote in quotes
    ]


def list_offers(scope: Scope, submission_id: str) -> list[QuoteRow]:
    """Every version with its subjectivities and counts of units, for the bind checklist.

    Three statements.
    """
    query = Quote.objects.within(scope).filter(submission_id=submission_id)
    quotes = rows_of(
        query.order_by("version_no", "quote_number", "id"),
        QuoteRow,
        QUOTE_COLUMNS,
        without=HANGING,
    )
    found, units = _subjectivities(scope, quotes), _units(scope, [quote.id for quote in quotes])
    return [
        replace(
            quote,
            subjectivities=tuple(found[quote.id]),
            units=len(units[quote.id]),
            units_without_vin=sum(not vin for vin in units[quote.id]),
        )
        for quote in quotes
    ]


def _units(scope: Scope, quotes: Sequence[str]) -> dict[str, list[str | None]]:
    """Quote -> the VINs of its units."""
    made: dict[str, list[str | None]] = defaultdict(list)
    if quotes:
        rows = QuoteVehicle.objects.within(scope).filter(quote_id__in=quotes)
        for quote, vin in rows.values_list("quote_id", "vin"):
            made[quote].append(vin)
    return made


def _coverages(scope: Scope, quotes: Sequence[str]) -> dict[str, list[CoverageOffer]]:
    rows = (
        QuoteCoverage.objects.within(scope)
        .filter(quote_id__in=quotes)
        .order_by("coverage_code", "id")
        .values_list(
            "quote_id", "id", "coverage_code", "limit_cents", "deductible_cents",
            "annual_premium_cents", "currency", "selected",
        )[:ROWS_MAX]
    )  # fmt: skip
    return _grouped(rows, CoverageOffer)


def _steps(scope: Scope, quotes: Sequence[str]) -> dict[str, list[StepRow]]:
    rows = (
        QuoteRatingStep.objects.within(scope)
        .filter(quote_id__in=quotes)
        .order_by("version_no", "step_no", "id")
        .values_list(
            "quote_id", "id", "step_no", "step_key", "factor", "amount_before_cents",
            "amount_after_cents", "currency", "source_table", "override_reason",
        )[:ROWS_MAX]
    )  # fmt: skip
    return _grouped(rows, StepRow)


def _grouped(rows: Iterable[tuple[Any, ...]], row: Any) -> dict[str, list[Any]]:
    made: dict[str, list[Any]] = defaultdict(list)
    for quote, *values in rows:
        made[quote].append(row(*values))
    return made


def _subjectivities(scope: Scope, quotes: Iterable[QuoteRow]) -> dict[str, list[SubjectivityRow]]:
    made: dict[str, list[SubjectivityRow]] = defaultdict(list)
    effective = {quote.id: quote.effective for quote in quotes}
    if not effective:
        return made
    rows = (
        QuoteSubjectivity.objects.within(scope)
        .filter(quote_id__in=list(effective))
        .order_by("due_date", "id")
        .values_list("quote_id", "id", "description", "due_date", "status", "cleared_at")[:ROWS_MAX]
    )
    for quote, key, words, due, status, cleared in rows:
        before = due is None or due <= effective[quote]
        made[quote].append(SubjectivityRow(key, words, due, status, cleared, before))
    return made


@dataclass(frozen=True, slots=True)
class CompareCell:
    """One version's value. changed: it differs from the version before."""

    value: Any
    changed: bool


@dataclass(frozen=True, slots=True)
class CompareLine:
    """One field over all versions. kind: how a cell is written (money, day, text, rate)."""

    label: str
    kind: str
    cells: tuple[CompareCell, ...]


COMPARED = (
    ("Annual premium", "money", "annual_premium_cents"),
    ("Fees", "money", "fees_cents"),
    ("Taxes", "money", "taxes_cents"),
    ("Total", "money", "total_cents"),
    ("Payment plan", "text", "plan"),
    ("Effective", "day", "effective"),
    ("Expires", "day", "expires"),
    ("Producer commission", "rate", "producer_commission_rate"),
    ("MGA commission", "rate", "mga_commission_rate"),
    ("Valid until", "day", "valid_until"),
)


def side_by_side(quotes: Sequence[QuoteRow]) -> tuple[CompareLine, ...]:
    """The versions' fields and coverages as lines; each cell says whether it changed."""
    lines = [
        _line(label, kind, [getattr(quote, name) for quote in quotes])
        for label, kind, name in COMPARED
    ]
    for code in sorted({c.code for quote in quotes for c in quote.coverages}):
        offers = [{c.code: c for c in quote.coverages}.get(code) for quote in quotes]
        for word, name in (
            ("limit", "limit_cents"),
            ("deductible", "deductible_cents"),
            ("premium", "premium_cents"),
        ):
            values = [getattr(offer, name) if offer else None for offer in offers]
            lines.append(_line(f"{code} {word}", "money", values))
    return tuple(lines)


def _line(label: str, kind: str, values: list[Any]) -> CompareLine:
    cells = tuple(
        CompareCell(value, changed=place > 0 and value != values[place - 1])
        for place, value in enumerate(values)
    )
    return CompareLine(label, kind, cells)


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """A quote that may still change: what a choice of it says."""

    id: str
    words: str
    status: str


def open_offers(scope: Scope, submission_id: str) -> list[OpenOffer]:
    """Quotes of a submission that are not at an end, newest first. One statement."""
    rows = (
        Quote.objects.within(scope)
        .filter(submission_id=submission_id, status__in=tuple(QUOTE.steps))
        .order_by("-version_no", "-id")
        .values_list("id", "quote_number", "version_no", "status", "total_cents", "currency")
    )
    return [
        OpenOffer(key, f"{number} version {version}, {format_cents(cents, currency)}", status)
        for key, number, version, status, cents, currency in rows[:ROWS_MAX]
    ]
