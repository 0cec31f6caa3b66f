"""Reads of quotes with coverages, rating steps and subjectivities; versions side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet

from openinsure.console.money import format_cents
from openinsure.console.row_reading import ROWS_MAX, reading_of
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
from openinsure.tenancy.together import Reading, reading

QUOTE_COLUMNS = {
    "number": "quote_number",
    "version": "version_no",
    "plan": "plan_code",
    "effective": "effective_date",
    "expires": "expiration_date",
    "authority_status": "da_check_status",
    "authority_detail": "da_check_detail",
}
Rows = Iterable[Any]
HANGING = ("units", "units_without_vin", "engine_version", "coverages", "steps", "subjectivities")


def list_quotes(
    scope: Scope, submission_id: str, offers: Reading[QuoteRow] | None = None
) -> Reading[QuoteRow]:
    """Every version, oldest first, with all that hangs on it. Six queries.

    offers: `list_offers` of it, if another reads them.
    """
    base = offers or list_offers(scope, submission_id)
    engines = QuoteVersion.objects.within(scope).filter(quote__submission_id=submission_id)
    engine_columns = ("version_no", "id", "quote_id", "engine_version")
    hanging = (
        _coverages(scope, submission_id),
        _steps(scope, submission_id),
        engines.values_list(*engine_columns),
    )

    def made(*found: Rows) -> list[QuoteRow]:
        *offered, coverages, steps, versions = found
        covered, stepped = _grouped(coverages, CoverageOffer), _grouped(steps, StepRow)
        newest = {quote: engine for _, _, quote, engine in sorted(versions, key=itemgetter(0, 1))}
        return [
            replace(
                quote,
                coverages=tuple(covered[quote.id]),
                steps=tuple(stepped[quote.id]),
                engine_version=newest.get(quote.id, ""),
            )
            for quote in base.make(*offered)
        ]

    return Reading((*base.queries, *hanging), made)


def list_offers(scope: Scope, submission_id: str) -> Reading[QuoteRow]:
    """Every version with its subjectivities and counts of units, for the bind checklist.

    Three queries.
    """
    query = Quote.objects.within(scope).filter(submission_id=submission_id)
    quotes = reading_of(
        query.order_by("version_no", "quote_number", "id"),
        QuoteRow,
        QUOTE_COLUMNS,
        without=HANGING,
    )
    units = QuoteVehicle.objects.within(scope).filter(quote__submission_id=submission_id)

    def made(versions: Rows, subjectivities: Rows, vehicles: Rows) -> list[QuoteRow]:
        rows = list(quotes.make(versions))
        found, vins = _subjectivities(rows, subjectivities), _vins(vehicles)
        return [
            replace(
                quote,
                subjectivities=tuple(found[quote.id]),
                units=len(vins[quote.id]),
                units_without_vin=sum(not vin for vin in vins[quote.id]),
            )
            for quote in rows
        ]

    conditions = _conditions(scope, submission_id)
    return Reading((*quotes.queries, conditions, units.values_list("quote_id", "vin")), made)


def _vins(vehicles: Rows) -> dict[str, list[str | None]]:
    """Quote -> the VINs of its units."""
    made: dict[str, list[str | None]] = defaultdict(list)
    for quote, vin in vehicles:
        made[quote].append(vin)
    return made


def _coverages(scope: Scope, submission_id: str) -> QuerySet[Any, Any]:
    return (
        QuoteCoverage.objects.within(scope)
        .filter(quote__submission_id=submission_id)
        .order_by("coverage_code", "id")
        .values_list(
            "quote_id", "id", "coverage_code", "limit_cents", "deductible_cents",
            "annual_premium_cents", "currency", "selected",
        )[:ROWS_MAX]
    )  # fmt: skip


def _steps(scope: Scope, submission_id: str) -> QuerySet[Any, Any]:
    return (
        QuoteRatingStep.objects.within(scope)
        .filter(quote__submission_id=submission_id)
        .order_by("version_no", "step_no", "id")
        .values_list(
            "quote_id", "id", "step_no", "step_key", "factor", "amount_before_cents",
            "amount_after_cents", "currency", "source_table", "override_reason",
        )[:ROWS_MAX]
    )  # fmt: skip


def _grouped(rows: Rows, row: Any) -> dict[str, list[Any]]:
    made: dict[str, list[Any]] = defaultdict(list)
    for quote, *values in rows:
        made[quote].append(row(*values))
    return made


def _conditions(scope: Scope, submission_id: str) -> QuerySet[Any, Any]:
    return (
        QuoteSubjectivity.objects.within(scope)
        .filter(quote__submission_id=submission_id)
        .order_by("due_date", "id")
        .values_list("quote_id", "id", "description", "due_date", "status", "cleared_at")[:ROWS_MAX]
    )


def _subjectivities(quotes: Iterable[QuoteRow], rows: Rows) -> dict[str, list[SubjectivityRow]]:
    made: dict[str, list[SubjectivityRow]] = defaultdict(list)
    effective = {quote.id: quote.effective for quote in quotes}
    for quote, key, words, due, status, cleared in rows:
        before = due is None or due <= effective.get(quote, due)
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


def open_offers(scope: Scope, submission_id: str) -> Reading[OpenOffer]:
    """Quotes of a submission that are not at an end, newest first. One query."""
    rows = (
        Quote.objects.within(scope)
        .filter(submission_id=submission_id, status__in=tuple(QUOTE.steps))
        .order_by("-version_no", "-id")
        .values_list("id", "quote_number", "version_no", "status", "total_cents", "currency")
    )
    return reading(
        rows[:ROWS_MAX],
        lambda key, number, version, status, cents, currency: OpenOffer(
            key, f"{number} version {version}, {format_cents(cents, currency)}", status
        ),
    )
