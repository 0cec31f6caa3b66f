"""Reads of oi_policies for the tabs of one policy: coverages, units, drivers, changes, events."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from openinsure.console.dates import format_day
from openinsure.console.words import sentence
from openinsure.policies.models import (
    Endorsement,
    EndorsementItem,
    PolicyCoverage,
    PolicyDriver,
    PolicyEvent,
    PolicyVehicle,
)
from openinsure.policies.rows import Change, CoverageRow, DriverRow, EndorsementRow, EventRow
from openinsure.policies.rows import VehicleRow as Unit
from openinsure.tenancy.scope import Scope

# A tab shows at most this many rows; a fleet of the book has at most 60 units.
ROWS_MAX = 500
MASK = "••••"
EVENT_WORDS = {
    "policy.bound": "Bound",
    "policy.issued": "Issued: declarations sent",
    "policy.activated": "Coverage began",
    "policy.expired": "Expired",
    "policy.renewed": "Renewed",
    "policy.cancelled": "Cancelled",
    "policy.reinstated": "Reinstated",
    "cancellation.notice_mailed": "Notice of cancellation mailed",
    "cancellation.rescinded": "Cancellation rescinded",
    "nonrenewal.notice_mailed": "Notice of nonrenewal mailed",
    "endorsement.bound": "Endorsement bound",
}


def list_coverages(scope: Scope, policy_id: str, *, on: date) -> list[CoverageRow]:
    """Coverages that stand on the date, by code and unit."""
    rows = (
        PolicyCoverage.objects.within(scope)
        .filter(policy_id=policy_id, effective_date__lte=on, expiration_date__gt=on)
        .order_by("coverage_code", "effective_date", "id")
        .values_list(
            "id",
            "coverage_code",
            "description",
            "vehicle_id",
            "per_person_limit_cents",
            "per_occurrence_limit_cents",
            "aggregate_limit_cents",
            "deductible_cents",
            "term_premium_cents",
            "currency",
            "form_number",
            "effective_date",
            "expiration_date",
            "status",
        )[:ROWS_MAX]
    )
    found = list(rows)
    units = _units(scope, policy_id) if any(row[3] for row in found) else {}
    made = [CoverageRow(*row[:3], units.get(row[3]), *row[4:]) for row in found]
    return sorted(made, key=lambda row: (row.code, row.unit or 0, row.id))


def list_vehicles(scope: Scope, policy_id: str, *, on: date) -> list[Unit]:
    """Units on the schedule on the date, by unit number."""
    rows = (
        _standing(PolicyVehicle.objects.within(scope), policy_id, on)
        .order_by("unit_no", "id")
        .values(
            "id", "unit_no", "vin", "model_year", "make", "model", "body_type", "gvw_lbs",
            "stated_value_cents", "currency", "garaging_postal_code", "garaging_state", "plate",
            "plate_state", "effective_date", "removal_date", "status",
        )[:ROWS_MAX]
    )  # fmt: skip
    return [
        Unit(
            id=row["id"],
            unit=row["unit_no"],
            vin=row["vin"],
            year=row["model_year"],
            make=row["make"],
            model=row["model"],
            body=row["body_type"],
            weight_lbs=row["gvw_lbs"],
            value_cents=row["stated_value_cents"],
            currency=row["currency"],
            garaged_in=_joined(row["garaging_state"], row["garaging_postal_code"]),
            plate=_joined(row["plate_state"], row["plate"]),
            effective=row["effective_date"],
            removed=row["removal_date"],
            status=row["status"],
        )
        for row in rows
    ]


def list_drivers(scope: Scope, policy_id: str, *, on: date) -> list[DriverRow]:
    """Drivers on the schedule on the date, by name. Licences masked to four characters."""
    rows = (
        _standing(PolicyDriver.objects.within(scope), policy_id, on)
        .order_by("name_norm", "id")
        .values_list(
            "id", "full_name", "license_last4", "license_state", "cdl_class", "license_status",
            "years_experience", "mvr_points", "excluded", "hire_date", "effective_date",
            "removal_date", "status",
        )[:ROWS_MAX]
    )  # fmt: skip
    return [
        DriverRow(key, name, f"{MASK} {last4 or ''}".rstrip(), *facts[:5], bool(facts[5]), *facts[6:])
        for key, name, last4, *facts in rows
    ]


def list_endorsements(scope: Scope, policy_id: str) -> list[EndorsementRow]:
    """All endorsements of the term, newest first, each with its changed fields."""
    rows = (
        Endorsement.objects.within(scope)
        .filter(policy_id=policy_id)
        .order_by("-endorsement_no", "-id")
        .values_list(
            "id", "endorsement_no", "type_code", "status", "effective_date", "description",
            "written_delta_cents", "annual_delta_cents", "currency", "backdated", "bound_at",
        )[:ROWS_MAX]
    )  # fmt: skip
    found = list(rows)
    changes = _changes(scope, policy_id) if found else {}
    return [
        EndorsementRow(*row[:9], bool(row[9]), row[10], tuple(changes.get(row[0], ())))
        for row in found
    ]


def list_events(scope: Scope, policy_id: str) -> list[EventRow]:
    """The term's events in words, newest first."""
    rows = (
        PolicyEvent.objects.within(scope)
        .filter(policy_id=policy_id)
        .order_by("-seq", "-id")
        .values_list(
            "id", "seq", "occurred_at", "event_type", "from_status", "to_status", "actor_role",
            "effective_date",
        )[:ROWS_MAX]
    )  # fmt: skip
    return [
        EventRow(
            id=key,
            seq=seq,
            at=at,
            event=kind,
            title=EVENT_WORDS.get(kind) or sentence(kind.replace(".", " ")),
            detail=_detail(before, after, effective),
            actor=sentence(role or ""),
            effective=effective,
        )
        for key, seq, at, kind, before, after, role, effective in rows
    ]


def _standing(rows: QuerySet[Any], policy_id: str, on: date) -> QuerySet[Any]:
    """Rows of a schedule that stand on a date; the removal date is the first day without."""
    still = Q(removal_date__isnull=True) | Q(removal_date__gt=on)
    return rows.filter(still, policy_id=policy_id, effective_date__lte=on)


def _units(scope: Scope, policy_id: str) -> dict[str, int]:
    rows = PolicyVehicle.objects.within(scope).filter(policy_id=policy_id)
    return dict(rows.values_list("id", "unit_no"))


def _changes(scope: Scope, policy_id: str) -> dict[str, list[Change]]:
    rows = (
        EndorsementItem.objects.within(scope)
        .filter(policy_id=policy_id)
        .order_by("endorsement_id", "id")
        .values_list("endorsement_id", "entity_table", "field_name", "before_json", "after_json")
    )
    made: dict[str, list[Change]] = defaultdict(list)
    for key, table, name, before, after in rows:
        what = f"{sentence(table.removeprefix('policy_'))}: {name.replace('_', ' ')}"
        made[key].append(Change(what, _told(before), _told(after)))
    return made


def _told(value: Any) -> str:
    """A stored value as text; a container of one value is that value. Protected fields masked."""
    if value is None:
        return ""
    if isinstance(value, dict):
        if len(value) == 1:
            ((name, only),) = value.items()
            return MASK if name.endswith("_enc") else _told(only)
        value = {key: MASK if key.endswith("_enc") else item for key, item in value.items()}
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _detail(before: str | None, after: str | None, effective: date | None) -> str:
    told = []
    if after and before and before != after:
        told.append(f"{sentence(before)} to {sentence(after).lower()}")
    if effective:
        told.append(f"effective {format_day(effective)}")
    return ", ".join(told)


def _joined(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)
