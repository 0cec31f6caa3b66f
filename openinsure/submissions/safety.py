"""Reads of a motor carrier's file: identity, FMCSA snapshot, BASIC scores, inspections, crashes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from openinsure.console.row_reading import reading_of
from openinsure.console.words import sentence
from openinsure.submissions.models import (
    FmcsaBasicScore,
    FmcsaCrash,
    FmcsaInspection,
    FmcsaSnapshot,
    MotorCarrier,
)
from openinsure.submissions.report_rows import (
    BasicRow,
    CarrierRow,
    CrashRow,
    InspectionRow,
    SnapshotRow,
)
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, nothing, reading

# FMCSA publishes its safety measurement once a month; an older copy has missed a publication.
SNAPSHOT_FRESH_DAYS = 30
FACTS_MAX = 24
SNAPSHOTS_MAX = 12  # of one page, newest first


def list_carriers(scope: Scope, carrier_id: str | None) -> Reading[CarrierRow]:
    """The carrier's file, nothing without one. One query."""
    if carrier_id is None:
        return nothing()
    query = MotorCarrier.objects.within(scope).filter(id=carrier_id)
    names = {
        "state": "primary_state",
        "type": "carrier_type",
        "power_units": "total_power_units",
        "drivers": "total_drivers",
        "checked_at": "last_checked_at",
        "snapshot_id": "latest_snapshot_id",
    }
    return reading_of(query.order_by("id"), CarrierRow, names)


def list_snapshots(scope: Scope, carrier_id: str | None, *, now: datetime) -> Reading[SnapshotRow]:
    """The snapshots kept, newest first, nothing if FMCSA was never asked. One query."""
    if carrier_id is None:
        return nothing()
    rows = (
        FmcsaSnapshot.objects.within(scope)
        .filter(motor_carrier_id=carrier_id)
        .order_by("-fetched_at", "-id")
        .values_list(
            "id", "fetched_at", "authority_status", "power_units", "payload_sha256", "payload"
        )[:SNAPSHOTS_MAX]
    )
    return reading(rows, lambda *values: _snapshot(now, *values))


def _snapshot(
    now: datetime,
    key: str,
    fetched: datetime,
    authority: Any,
    units: Any,
    digest: str,
    payload: Any,
) -> SnapshotRow:
    age = max(0, (now - fetched).days)
    stale = age > SNAPSHOT_FRESH_DAYS
    return SnapshotRow(key, fetched, authority, units, digest, _facts(payload), age, stale)


def _facts(payload: Any) -> tuple[tuple[str, str], ...]:
    """The flat part of an answer, in its own order."""
    if not isinstance(payload, dict):
        return ()
    flat = [(key, value) for key, value in payload.items() if isinstance(value, str | int | bool)]
    return tuple((sentence(str(key)), _told(value)) for key, value in flat[:FACTS_MAX])


def _told(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return f"{value:,}" if isinstance(value, int) else value


def list_basics(scope: Scope, carrier_id: str | None) -> Reading[BasicRow]:
    """Safety categories, the newest measurement of each. One query."""
    if carrier_id is None:
        return nothing()
    query = FmcsaBasicScore.objects.within(scope).filter(motor_carrier_id=carrier_id)
    return reading_of(query.order_by("category", "-measured_on", "-id"), BasicRow, {}).then(_newest)


def _newest(rows: Iterable[BasicRow]) -> Iterable[BasicRow]:
    newest: dict[str, BasicRow] = {}
    for row in rows:
        newest.setdefault(row.category, row)
    return newest.values()


def list_inspections(scope: Scope, carrier_id: str | None) -> Reading[InspectionRow]:
    """Roadside inspections, the newest first. One query."""
    if carrier_id is None:
        return nothing()
    query = FmcsaInspection.objects.within(scope).filter(motor_carrier_id=carrier_id)
    names = {"number": "inspection_number", "on": "inspected_on", "out_of_service": "oos_count"}
    return reading_of(query.order_by("-inspected_on", "-id"), InspectionRow, names)


def list_crashes(scope: Scope, carrier_id: str | None) -> Reading[CrashRow]:
    """Reportable crashes, the newest first. One query."""
    if carrier_id is None:
        return nothing()
    query = FmcsaCrash.objects.within(scope).filter(motor_carrier_id=carrier_id)
    names = {"number": "report_number", "on": "crash_date"}
    return reading_of(query.order_by("-crash_date", "-id"), CrashRow, names)
