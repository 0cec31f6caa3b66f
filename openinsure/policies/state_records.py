"""One record of a file to the state: what it said, what was answered, what was sent again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from openinsure.policies.filings import CODES
from openinsure.policies.models import (
    Policy,
    PolicyVehicle,
    StateInsuranceReport,
    StateInsuranceReportRecord,
)
from openinsure.problems import NotFound
from openinsure.tenancy.scope import CANONICAL_UUID, Scope


@dataclass(frozen=True, slots=True)
class StateRecord:
    """One record of a file to the state. vehicle_vin: as it stands now; again: sent again as."""

    id: str
    what: str
    policy_number: str
    status: str
    vin: str
    vehicle_vin: str
    effective: date
    due: date
    days_left: int
    file: str
    sha256: str
    sent_at: datetime | None
    returned_at: datetime | None
    error_code: str
    error_text: str
    resubmitted_from: str
    again: str


def get_record(scope: Scope, record_id: str, *, today: date) -> StateRecord:
    """One record with its file. Up to five statements on oi_policies. Raises NotFound."""
    rows = StateInsuranceReportRecord.objects.within(scope)
    row = rows.filter(id=record_id).first() if CANONICAL_UUID.fullmatch(record_id) else None
    if row is None:
        raise NotFound("filing")
    file = StateInsuranceReport.objects.within(scope).get(id=row.report_id)
    policy = Policy.objects.within(scope).filter(id=row.policy_id)
    unit = PolicyVehicle.objects.within(scope).filter(id=row.vehicle_id)
    # no order: by id the server would rather read every record of the organisation
    again = rows.filter(policy_id=row.policy_id, resubmitted_from_id=row.id)
    code = CODES.get(row.transaction_code, "Record")
    return StateRecord(
        id=row.id,
        what=f"FL DHSMV {row.transaction_code}: {code}",
        policy_number=policy.values_list("policy_number", flat=True).first() or "",
        status="overdue" if row.status == "due" and row.due_date < today else row.status,
        vin=row.vin or "",
        vehicle_vin=unit.values_list("vin", flat=True).first() or "",
        effective=row.effective_date,
        due=row.due_date,
        days_left=(row.due_date - today).days,
        file=file.file_name,
        sha256=file.sha256 or "",
        sent_at=file.sent_at,
        returned_at=file.returned_at,
        error_code=row.error_code or "",
        error_text=row.error_text or "",
        resubmitted_from=row.resubmitted_from_id or "",
        again=next(iter(again.values_list("id", flat=True)[:1]), ""),
    )  # fmt: skip
