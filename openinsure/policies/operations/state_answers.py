"""What the state answered, and sending a rejected record again once it was corrected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from openinsure.console.acting import Actor, Trail, audit_event
from openinsure.console.words import spoken
from openinsure.keyspaces.ids import fixed_id
from openinsure.policies.models import (
    Policy,
    PolicyVehicle,
    StateInsuranceReport,
    StateInsuranceReportRecord,
)
from openinsure.policies.operations.state_reports import KEYSPACE, KIND, READY, SENT, STATE
from openinsure.problems import Conflict, NotFound
from openinsure.tenancy.scope import CANONICAL_UUID, Scope

ACCEPTED, REJECTED, RESUBMITTED, RETURNED = "accepted", "rejected", "resubmitted", "returned"
Rejections = Mapping[str, tuple[str, str]]  # record id -> code and text


def take_return(
    scope: Scope, *, of: str, name: str, accepted: set[str], rejected: Rejections, now: datetime
) -> int | None:
    """Mark the records of a file that we sent; how many were rejected, None if it is not ours.

    A return read again changes nothing; an answer to a record of another file is not taken.
    """
    with transaction.atomic(using=KEYSPACE):
        reports = StateInsuranceReport.objects.within(scope).select_for_update()
        report = reports.filter(file_name=of).first()
        if report is None:
            return None
        rows = StateInsuranceReportRecord.objects.within(scope).filter(report_id=report.id)
        waiting = rows.filter(status=SENT)
        waiting.filter(id__in=accepted).update(status=ACCEPTED, updated_at=now)
        for key, (code, text) in rejected.items():
            waiting.filter(id=key).update(
                status=REJECTED, error_code=code, error_text=text or None, updated_at=now
            )
        counted = rows.values_list("status").annotate(count=Count("id")).order_by("status")
        told = dict(counted)
        report.accepted_count = told.get(ACCEPTED, 0)
        report.rejected_count = told.get(REJECTED, 0) + told.get(RESUBMITTED, 0)
        report.return_file_name, report.returned_at, report.updated_at = name, now, now
        report.status = report.status if told.get(SENT) else RETURNED
        report.save()
        return int(report.rejected_count)


def resend_record(scope: Scope, record_id: str, *, actor: Actor, now: datetime) -> str:
    """Put a rejected record, with its vehicle as it stands now, into a file of its own; its id.

    The next run sends it. Its due day stays. A repeat answers like the first time. Raises
    NotFound; Conflict for a record that was not rejected.
    """
    key, trail = fixed_id(scope.org_id, "resend", record_id), Trail()
    try:
        with transaction.atomic(using=KEYSPACE):
            rows = StateInsuranceReportRecord.objects.within(scope)
            old = _locked(scope, record_id)
            if old.status == RESUBMITTED and rows.filter(id=key).exists():
                return key
            if old.status != REJECTED:
                now_is = spoken(old.status)
                raise Conflict(f"This record is {now_is}; only a rejected one is sent again.")
            trail.intend(audit_event(
                scope, actor, "filing.resent", keyspace=KEYSPACE,
                table="state_insurance_report_records", entity_id=old.id,
                object=_number(scope, old), now=now,
                before={"status": old.status, "code": old.error_code},
                after={"status": RESUBMITTED, "record": key},
            ))  # fmt: skip
            _again(scope, old, key, now)
            rows.filter(id=old.id).update(status=RESUBMITTED, updated_at=now)
    except BaseException:
        trail.fail()
        raise
    trail.finish()
    return key


def _locked(scope: Scope, record_id: str) -> StateInsuranceReportRecord:
    rows = StateInsuranceReportRecord.objects.within(scope).select_for_update()
    found = rows.filter(id=record_id).first() if CANONICAL_UUID.fullmatch(record_id) else None
    if found is None:
        raise NotFound("filing")
    row: StateInsuranceReportRecord = found
    return row


def _number(scope: Scope, row: StateInsuranceReportRecord) -> str:
    rows = Policy.objects.within(scope).filter(id=row.policy_id)
    return str(rows.values_list("policy_number", flat=True).get())


def _again(scope: Scope, old: StateInsuranceReportRecord, key: str, now: datetime) -> None:
    """The corrected record in a file that waits to be sent."""
    stamp = {"created_at": now, "updated_at": now}
    report_id = fixed_id(key, "file")
    StateInsuranceReport.objects.within(scope).create(
        id=report_id, state=STATE, report_kind=KIND, record_count=1, status=READY,
        file_name=f"FL-{scope.org_id[-12:]}-{now:%Y%m%d}-{report_id[:8]}.xml", **stamp,
    )  # fmt: skip
    units = PolicyVehicle.objects.within(scope).filter(id=old.vehicle_id)
    StateInsuranceReportRecord.objects.within(scope).create(
        id=key, report_id=report_id, policy_id=old.policy_id, vehicle_id=old.vehicle_id,
        transaction_code=old.transaction_code, effective_date=old.effective_date,
        due_date=old.due_date, vin=units.values_list("vin", flat=True).first() or old.vin,
        status="due", resubmitted_from_id=old.id, **stamp,
    )  # fmt: skip
