"""Reads of oi_policies for the tabs of one policy: coverages, units, drivers, changes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from operator import itemgetter
from typing import Any

from django.db.models import Q, QuerySet

from openinsure.console.dates import format_day
from openinsure.console.words import sentence
from openinsure.policies.models import (
    Endorsement,
    EndorsementItem,
    PolicyCoverage,
    PolicyDriver,
    PolicyVehicle,
)
from openinsure.policies.rows import (
    Change,
    CoverageRow,
    DriverRow,
    EndorsementRow,
    VehicleRow,
)
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading

# A tab shows at most this many rows; a fleet of the book has at most 60 units.
ROWS_MAX = 500
WAITING = ("draft", "quoted", "approved")  # states of an endorsement before it is bound
MASK = "••••"


def draft_endorsements(scope: Scope, policy_id: str) -> tuple[tuple[str, str], ...]:
    """Endorsements that wait to be bound: id and words. One statement."""
    rows = Endorsement.objects.within(scope).filter(policy_id=policy_id, status__in=WAITING)
    told = rows.order_by("endorsement_no").values_list(
        "id", "endorsement_no", "type_code", "effective_date"
    )
    return tuple(
        (key, f"{number}: {sentence(kind)} from {format_day(on)}")
        for key, number, kind, on in told[:ROWS_MAX]
    )


def list_coverages(scope: Scope, policy_id: str, *, on: date) -> Reading[CoverageRow]:
    """Coverages that stand on the date, by code and unit. Two queries."""
    rows = (
        PolicyCoverage.objects.within(scope)
        .filter(policy_id=policy_id, effective_date__lte=on, expiration_date__gt=on)
        .order_by("coverage_code", "effective_date", "id")
        .values(
            "id", "coverage_code", "description", "vehicle_id", "per_person_limit_cents",
            "per_occurrence_limit_cents", "aggregate_limit_cents", "deductible_cents",
            "term_premium_cents", "currency", "form_number", "effective_date", "expiration_date",
            "status",
        )[:ROWS_MAX]
    )  # fmt: skip
    units = PolicyVehicle.objects.within(scope).filter(policy_id=policy_id)
    return Reading((rows, units.values_list("id", "unit_no")), _coverages)


def _coverages(
    found: Iterable[Mapping[str, Any]], units: Iterable[tuple[str, int]]
) -> list[CoverageRow]:
    numbers = dict(units)
    made = [_coverage(row, numbers.get(row["vehicle_id"])) for row in found]
    return sorted(made, key=lambda row: (row.unit or 0, row.code, row.id))


def _coverage(row: Mapping[str, Any], unit: int | None) -> CoverageRow:
    return CoverageRow(
        id=row["id"],
        code=row["coverage_code"],
        description=row["description"],
        unit=unit,
        per_person_limit_cents=row["per_person_limit_cents"],
        per_occurrence_limit_cents=row["per_occurrence_limit_cents"],
        aggregate_limit_cents=row["aggregate_limit_cents"],
        deductible_cents=row["deductible_cents"],
        premium_cents=row["term_premium_cents"],
        currency=row["currency"],
        form_number=row["form_number"],
        effective=row["effective_date"],
        expires=row["expiration_date"],
        status=row["status"],
    )


def list_vehicles(scope: Scope, policy_id: str, *, on: date) -> Reading[VehicleRow]:
    """Units on the schedule on the date, by unit number. One query."""
    rows = (
        _standing(PolicyVehicle.objects.within(scope), policy_id, on)
        .order_by("unit_no", "id")
        .values(
            "id", "unit_no", "vin", "model_year", "make", "model", "body_type", "gvw_lbs",
            "stated_value_cents", "currency", "garaging_postal_code", "garaging_state", "plate",
            "plate_state", "effective_date", "removal_date", "status",
        )[:ROWS_MAX]
    )  # fmt: skip
    return Reading((rows,), lambda found: map(_vehicle, found))


def _vehicle(row: Mapping[str, Any]) -> VehicleRow:
    return VehicleRow(
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


def list_drivers(scope: Scope, policy_id: str, *, on: date) -> Reading[DriverRow]:
    """Drivers on the schedule on the date, by name. Licences masked to four characters."""
    rows = (
        _standing(PolicyDriver.objects.within(scope), policy_id, on)
        .order_by("name_norm", "id")
        .values(
            "id", "full_name", "license_last4", "license_state", "cdl_class", "license_status",
            "years_experience", "mvr_points", "excluded", "hire_date", "effective_date",
            "removal_date", "status",
        )[:ROWS_MAX]
    )  # fmt: skip
    return Reading((rows,), lambda found: map(_driver, found))


def _driver(row: Mapping[str, Any]) -> DriverRow:
    return DriverRow(
        id=row["id"],
        name=row["full_name"],
        license=f"{MASK} {row['license_last4'] or ''}".rstrip(),
        license_state=row["license_state"],
        cdl_class=row["cdl_class"],
        license_status=row["license_status"],
        experience_years=row["years_experience"],
        mvr_points=row["mvr_points"],
        excluded=bool(row["excluded"]),
        hired=row["hire_date"],
        effective=row["effective_date"],
        removed=row["removal_date"],
        status=row["status"],
    )


def list_endorsements(scope: Scope, policy_id: str) -> Reading[EndorsementRow]:
    """All endorsements of the term, newest first, each with its changed fields. Two queries."""
    rows = (
        Endorsement.objects.within(scope)
        .filter(policy_id=policy_id)
        .order_by("-endorsement_no", "-id")
        .values(
            "id", "endorsement_no", "type_code", "status", "effective_date", "description",
            "written_delta_cents", "annual_delta_cents", "currency", "backdated", "bound_at",
        )[:ROWS_MAX]
    )  # fmt: skip
    items = EndorsementItem.objects.within(scope).filter(policy_id=policy_id)
    fields = ("endorsement_id", "id", "entity_table", "field_name", "before_json", "after_json")
    return Reading((rows, items.values_list(*fields)), _endorsements)


def _endorsements(
    found: Iterable[Mapping[str, Any]], items: Iterable[tuple[Any, ...]]
) -> list[EndorsementRow]:
    changes = _changes(items)
    return [
        EndorsementRow(
            id=row["id"],
            number=row["endorsement_no"],
            type=row["type_code"],
            status=row["status"],
            effective=row["effective_date"],
            description=row["description"],
            premium_change_cents=row["written_delta_cents"],
            annual_change_cents=row["annual_delta_cents"],
            currency=row["currency"],
            backdated=bool(row["backdated"]),
            bound_at=row["bound_at"],
            changes=tuple(changes.get(row["id"], ())),
        )
        for row in found
    ]


def _standing(rows: QuerySet[Any], policy_id: str, on: date) -> QuerySet[Any]:
    """Rows of a schedule that stand on a date; the removal date is the first day without."""
    still = Q(removal_date__isnull=True) | Q(removal_date__gt=on)
    return rows.filter(still, policy_id=policy_id, effective_date__lte=on)


def _changes(items: Iterable[tuple[Any, ...]]) -> dict[str, list[Change]]:
    made: dict[str, list[Change]] = defaultdict(list)
    for key, _, table, name, before, after in sorted(items, key=itemgetter(0, 1)):
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


def _joined(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)
