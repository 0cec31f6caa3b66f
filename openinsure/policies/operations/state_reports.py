"""What must be reported to the Florida DHSMV, the files it went in, and what came of them.

324.0221(1)(a) Fla. Stat.: ends of coverage within ten days of the later of processing and
effective date, new policies within ten. A record's id is fixed by (policy, vehicle, code, date),
so it is reported once; a file that was not sent stays due.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from openinsure.keyspaces.ids import fixed_id
from openinsure.policies.models import (
    Cancellation,
    Nonrenewal,
    Policy,
    PolicyVehicle,
    StateInsuranceReport,
    StateInsuranceReportRecord,
)
from openinsure.tenancy.scope import Scope

KEYSPACE, STATE, KIND = "oi_policies", "FL", "dhsmv"
DUE_DAYS, LOOK_BACK_DAYS, RECORDS_MAX = 10, 60, 100_000
# Transaction codes as we read them; the writer maps them if the layout says otherwise.
NEW, CANCELLED, VEHICLE_REMOVED, VEHICLE_ADDED = "20", "10", "12", "31"
READY, SENT = "ready", "sent"


@dataclass(frozen=True, slots=True)
class Entry:
    """One vehicle of one policy to report. processed: when we knew of it."""

    policy: Any
    vehicle: Any
    code: str
    effective: date
    processed: date

    @property
    def due(self) -> date:
        """The last day to report it."""
        return max(self.processed, self.effective) + timedelta(days=DUE_DAYS)


def reportable(scope: Scope, day: date, *, kept_out: Collection[str]) -> list[Entry]:
    """What happened to Florida policies up to a day, sixty days back. Four statements."""
    since = day - timedelta(days=LOOK_BACK_DAYS)
    rows = Policy.objects.within(scope).filter(state=STATE)
    begun = rows.filter(effective_date__gt=since, effective_date__lte=day).exclude(bound_at=None)
    cancelled = Cancellation.objects.within(scope).filter(
        status="effective", effective_date__gt=since, effective_date__lte=day
    )
    ended = Nonrenewal.objects.within(scope).filter(
        status="mailed", effective_date__gt=since, effective_date__lte=day
    )
    ends = [
        (row.policy_id, row.effective_date, row.updated_at.date()) for row in [*cancelled, *ended]
    ]
    wanted = {row.id: row for row in begun} | {
        row.id: row for row in rows.filter(id__in=[key for key, _, _ in ends])
    }
    vehicles = _vehicles(scope, [key for key in wanted if key not in kept_out])
    found = [
        Entry(row, vehicle, NEW, row.effective_date, _day(row.bound_at))
        for row in begun
        if row.prior_policy_id is None
        for vehicle in vehicles.get(row.id, ())
        if vehicle.effective_date <= row.effective_date
    ]
    found += [
        Entry(wanted[key], vehicle, CANCELLED, on, min(known, day))
        for key, on, known in ends
        if key in wanted
        for vehicle in vehicles.get(key, ())
    ]
    found += list(_changed(wanted, vehicles, since, day))
    return sorted(found, key=lambda one: (one.due, one.policy.id, one.vehicle.id, one.code))


def _changed(
    policies: dict[str, Any], vehicles: dict[str, list[Any]], since: date, day: date
) -> Iterable[Entry]:
    """Vehicles that joined or left a running term."""
    for key, units in vehicles.items():
        policy = policies[key]
        for unit in units:
            if policy.effective_date < unit.effective_date <= day and unit.effective_date > since:
                yield Entry(policy, unit, VEHICLE_ADDED, unit.effective_date, unit.effective_date)
            if unit.removal_date and since < unit.removal_date <= day:
                yield Entry(policy, unit, VEHICLE_REMOVED, unit.removal_date, unit.removal_date)


def _vehicles(scope: Scope, policies: list[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    rows = PolicyVehicle.objects.within(scope).filter(policy_id__in=policies)
    for row in rows.order_by("policy_id", "unit_no", "id"):
        found.setdefault(row.policy_id, []).append(row)
    return found


def _day(at: datetime | None) -> date:
    assert at is not None  # asked for above
    return at.date()


def take_up(
    scope: Scope, entries: list[Entry], *, day: date, cron_run_id: str | None, now: datetime
) -> StateInsuranceReport | None:
    """Put what was never reported into the day's file; None if that is nothing."""
    keyed = {_record_id(scope, entry): entry for entry in entries}
    rows = StateInsuranceReportRecord.objects.within(scope)
    stands = set(rows.filter(id__in=list(keyed)).values_list("id", flat=True))
    fresh = {key: one for key, one in keyed.items() if key not in stands}
    if not fresh:
        return None
    taken = dict(list(fresh.items())[:RECORDS_MAX])
    with transaction.atomic(using=KEYSPACE):
        report_id = fixed_id(scope.org_id, KIND, day, min(taken))
        report: StateInsuranceReport = StateInsuranceReport.objects.within(scope).create(
            id=report_id,
            state=STATE,
            report_kind=KIND,
            file_name=f"FL-{scope.org_id[-12:]}-{day:%Y%m%d}-{report_id[:8]}.xml",
            cron_run_id=cron_run_id,
            record_count=len(taken),
            status=READY,
            created_at=now,
            updated_at=now,
        )
        rows.bulk_create(
            [_record(scope, report.id, key, entry, now) for key, entry in taken.items()],
            batch_size=500,
        )
    return report


def _record_id(scope: Scope, entry: Entry) -> str:
    return fixed_id(
        scope.org_id, KIND, entry.policy.id, entry.vehicle.id, entry.code, entry.effective
    )


def _record(
    scope: Scope, report_id: str, key: str, entry: Entry, now: datetime
) -> StateInsuranceReportRecord:
    return StateInsuranceReportRecord(
        org_id=scope.org_id,
        id=key,
        report_id=report_id,
        policy_id=entry.policy.id,
        vehicle_id=entry.vehicle.id,
        transaction_code=entry.code,
        effective_date=entry.effective,
        due_date=entry.due,
        vin=entry.vehicle.vin,
        status="due",
        created_at=now,
        updated_at=now,
    )


def unsent(scope: Scope) -> list[StateInsuranceReport]:
    """Files that wait to be sent, the oldest first."""
    rows = StateInsuranceReport.objects.within(scope).filter(status=READY)
    return list(rows.order_by("created_at", "id"))


def files_known(scope: Scope, names: Collection[str]) -> set[str]:
    """Which of these files are the organisation's."""
    rows = StateInsuranceReport.objects.within(scope).filter(file_name__in=list(names))
    return set(rows.values_list("file_name", flat=True))


def mark_sent(scope: Scope, report: Any, *, sha256: str, now: datetime) -> None:
    """The file went: it and its records are sent."""
    with transaction.atomic(using=KEYSPACE):
        rows = StateInsuranceReport.objects.within(scope).filter(id=report.id, status=READY)
        if rows.update(status=SENT, sent_at=now, sha256=sha256, updated_at=now):
            records = StateInsuranceReportRecord.objects.within(scope)
            records.filter(report_id=report.id, status="due").update(status=SENT, updated_at=now)


def overdue(scope: Scope, day: date) -> int:
    """Records that were due before a day and are not sent: breaches."""
    rows = StateInsuranceReportRecord.objects.within(scope)
    return int(rows.filter(status="due", due_date__lt=day).count())
