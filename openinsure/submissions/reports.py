"""Reads of what others reported: driver records with violations, loss runs with their years."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from openinsure.console.row_reading import ROWS_MAX
from openinsure.submissions.models import (
    LossRun,
    LossRunClaim,
    MvrOrder,
    MvrReport,
    MvrViolation,
)
from openinsure.submissions.report_rows import (
    DriverRecordRow,
    LossClaimRow,
    LossRunRow,
    LossYearRow,
    ViolationRow,
)
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading

Rows = Iterable[tuple[Any, ...]]
REPORT_COLUMNS = (
    "mvr_order_id", "id", "report_date", "license_status", "points", "valid_until",
)  # fmt: skip


def list_driver_records(scope: Scope, submission_id: str) -> Reading[DriverRecordRow]:
    """Orders by driver with their newest report and its violations. Three queries."""
    orders = (
        MvrOrder.objects.within(scope)
        .filter(submission_id=submission_id)
        .order_by("driver_name", "ordered_at", "id")
        .values_list("id", "driver_name", "license_state", "status", "ordered_at")[:ROWS_MAX]
    )
    reports = MvrReport.objects.within(scope).filter(mvr_order__submission_id=submission_id)
    violations = (
        MvrViolation.objects.within(scope)
        .filter(mvr_report__mvr_order__submission_id=submission_id)
        .order_by("-violation_date", "id")
        .values_list(
            "mvr_report_id", "id", "violation_date", "conviction_date", "code", "description",
            "points", "severity",
        )[:ROWS_MAX]
    )  # fmt: skip
    return Reading((orders, reports.values_list(*REPORT_COLUMNS), violations), _driver_records)


def _driver_records(orders: Rows, reports: Rows, violations: Rows) -> list[DriverRecordRow]:
    newest = {row[0]: row for row in sorted(reports, key=_by_date)}
    found: dict[str, list[ViolationRow]] = defaultdict(list)
    for report, *values in violations:
        found[report].append(ViolationRow(*values))
    return [_driver_record(order, newest.get(order[0]), found) for order in orders]


def _by_date(report: tuple[Any, ...]) -> tuple[Any, ...]:
    """Reports by day, those without one first, as the server orders them."""
    _, key, on, *_ = report
    return (on is not None, on, key)


def _driver_record(
    order: tuple[Any, ...], report: tuple[Any, ...] | None, found: dict[str, list[ViolationRow]]
) -> DriverRecordRow:
    key, name, state, status, ordered = order
    on, license_status, points, until = report[2:] if report else (None, None, None, None)
    return DriverRecordRow(
        id=key,
        name=name,
        license_state=state,
        order_status=status,
        ordered_at=ordered,
        report_date=on,
        license_status=license_status,
        points=points,
        valid_until=until,
        violations=tuple(found[report[1]]) if report else (),
    )


def list_loss_runs(scope: Scope, submission_id: str) -> Reading[LossRunRow]:
    """Loss runs, the newest period first, with their claims. Two queries."""
    runs = (
        LossRun.objects.within(scope)
        .filter(submission_id=submission_id)
        .order_by("-policy_period_start", "id")
        .values_list(
            "id", "prior_carrier", "policy_period_start", "policy_period_end", "valued_date",
            "claim_count", "total_incurred_cents", "currency",
        )[:ROWS_MAX]
    )  # fmt: skip
    claims = (
        LossRunClaim.objects.within(scope)
        .filter(loss_run__submission_id=submission_id)
        .order_by("date_of_loss", "id")
        .values_list(
            "loss_run_id", "id", "date_of_loss", "claim_ref", "description", "paid_cents",
            "reserved_cents", "currency", "status",
        )[:ROWS_MAX]
    )  # fmt: skip
    return Reading((runs, claims), _loss_runs)


def _loss_runs(runs: Rows, claims: Rows) -> list[LossRunRow]:
    made: dict[str, list[LossClaimRow]] = defaultdict(list)
    for run, key, on, reference, words, paid, reserved, currency, status in claims:
        total = paid + reserved
        made[run].append(
            LossClaimRow(key, on, reference, words, paid, reserved, total, currency, status)
        )
    return [_loss_run(run, made[run[0]]) for run in runs]


def _loss_run(run: tuple[Any, ...], claims: list[LossClaimRow]) -> LossRunRow:
    key, carrier, start, end, valued, count, total, currency = run
    listed = sum(claim.incurred_cents for claim in claims)
    return LossRunRow(
        id=key,
        year=start.year,
        carrier=carrier,
        start=start,
        end=end,
        valued=valued,
        claim_count=count,
        total_incurred_cents=total,
        listed_cents=listed,
        agrees=(len(claims), listed) == (count, total),
        currency=currency,
        claims=tuple(claims),
    )


def by_year(runs: Iterable[LossRunRow]) -> tuple[LossYearRow, ...]:
    """Totals per year and currency, the newest year first. Amounts are what the runs list.

    A year without claims stands in it with zero: no losses is not the same as no loss run.
    """
    years: dict[tuple[int, str], list[LossRunRow]] = defaultdict(list)
    for run in runs:
        years[run.year, run.currency].append(run)
    return tuple(
        LossYearRow(
            id=f"{year}-{currency}",
            year=year,
            runs=len(found),
            claim_count=sum(run.claim_count for run in found),
            paid_cents=sum(claim.paid_cents for run in found for claim in run.claims),
            reserved_cents=sum(claim.reserved_cents for run in found for claim in run.claims),
            incurred_cents=sum(run.total_incurred_cents for run in found),
            currency=currency,
        )
        for (year, currency), found in sorted(years.items(), reverse=True)
    )
