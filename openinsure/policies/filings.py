"""What the law wants sent and proven: state records, notices, offers, each with its due day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from openinsure.console.filters import Filter, OneOf, Option
from openinsure.console.lists import Ask, View
from openinsure.policies.models import (
    Nonrenewal,
    Policy,
    PolicyNotice,
    PolicyVehicle,
    Renewal,
    StateInsuranceReport,
    StateInsuranceReportRecord,
)
from openinsure.policies.notices import NOTICES
from openinsure.policies.operations.notice_rows import TO_MAIL
from openinsure.problems import NotFound
from openinsure.tenancy.scope import CANONICAL_UUID, Scope

EACH_MAX = 480  # rows of each kind, so that all of them stay below a list in memory
KINDS = (
    Option("state_record", "State record"),
    Option("notice", "Notice"),
    Option("nonrenewal", "Non-renewal to notify"),
    Option("renewal", "Renewal to offer"),
)
STATUSES = tuple(
    Option(key, key.replace("_", " ").capitalize())
    for key in (
        "overdue", "due", "open", "pending", "to_mail", "queued", "sent", "accepted", "rejected",
        "bounced", "not_sent", "resubmitted", "unknown", "no_address", "offered", "mailed",
        "withdrawn",
    )
)  # fmt: skip
OPEN = (
    "overdue",
    "due",
    "open",
    "pending",
    "to_mail",
    "not_sent",
    "bounced",
    "no_address",
    "rejected",
)
FILTERS: tuple[Filter, ...] = (
    OneOf("kind", "Kind", KINDS, many=True),
    OneOf("status", "Status", STATUSES, many=True),
)
VIEWS = (
    View("all", "All"),
    View("due", "Due list", sort="due"),
    View("notices", "Notices", sort="-due"),
    View("state", "State reports", sort="-due"),
)
OF_VIEW = {"notices": ("notice", "nonrenewal", "renewal"), "state": ("state_record",)}
CODES = {"10": "Cancelled", "12": "Vehicle removed", "20": "New policy", "31": "Vehicle added"}


@dataclass(frozen=True, slots=True)
class FilingRow:
    """One duty. days_left: until its last day, negative when past, None once it is done."""

    id: str
    kind: str
    what: str
    policy_number: str
    due: date
    days_left: int | None
    status: str
    sent_at: datetime | None
    file: str
    sha256: str
    note: str


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
        again=rows.filter(policy_id=row.policy_id, resubmitted_from_id=row.id)
        .values_list("id", flat=True).first() or "",
    )  # fmt: skip


def filings(scope: Scope, *, today: date) -> list[FilingRow]:
    """The newest of each kind, by due day. Six statements on oi_policies."""
    records = list(_newest(StateInsuranceReportRecord.objects.within(scope), "due_date"))
    notices = list(_newest(PolicyNotice.objects.within(scope), "created_at"))
    items = [
        *_newest(Nonrenewal.objects.within(scope).filter(notice_mailed_at=None), "notice_due_date"),
        *_newest(Renewal.objects.within(scope).filter(offered_at=None), "notice_due_date"),
    ]
    files = {
        row.id: row
        for row in StateInsuranceReport.objects.within(scope).filter(
            id__in={row.report_id for row in records}
        )
    }
    owners = Policy.objects.within(scope).filter(
        id__in={row.policy_id for row in [*records, *notices, *items]}
    )
    numbers = dict(owners.values_list("id", "policy_number"))
    found = [
        *_records(records, files, numbers, today),
        *_notices(notices, numbers, today),
        *_items(items, numbers, today),
    ]
    return sorted(found, key=lambda row: (row.due, row.id))


def wanted(rows: Iterable[FilingRow], asked: Ask) -> list[FilingRow]:
    """Those that the view and the filters leave."""
    kinds = asked.many("kind") or OF_VIEW.get(asked.view, ())
    statuses = asked.many("status") or (OPEN if asked.view == "due" else ())
    return [
        row
        for row in rows
        if (not kinds or row.kind in kinds) and (not statuses or row.status in statuses)
    ]


def _newest(rows: Any, column: str) -> Any:
    return rows.order_by(f"-{column}", "-id")[:EACH_MAX]


def _records(
    rows: list[Any], files: dict[str, Any], numbers: dict[str, str], today: date
) -> Iterator[FilingRow]:
    for row in rows:
        file = files.get(row.report_id)
        waiting = row.status in ("due", "rejected")
        late = row.status == "due" and row.due_date < today
        code = CODES.get(row.transaction_code, "Record")
        yield FilingRow(
            id=row.id,
            kind="state_record",
            what=f"FL DHSMV {row.transaction_code}: {code}",
            policy_number=numbers.get(row.policy_id, ""),
            due=row.due_date,
            days_left=(row.due_date - today).days if waiting else None,
            status="overdue" if late else row.status,
            sent_at=file.sent_at if file else None,
            file=file.file_name if file else "",
            sha256=(file.sha256 or "") if file else "",
            note=f"{row.error_code} {row.error_text or ''}".strip() if row.error_code else "",
        )


def _notices(rows: list[Any], numbers: dict[str, str], today: date) -> Iterator[FilingRow]:
    for row in rows:
        waits = row.status == TO_MAIL
        due = row.effective_date or row.created_at.date()
        if waits:  # the last day on which the planned end is still lawful
            due -= timedelta(days=row.rule_days)
        yield FilingRow(
            id=row.id,
            kind="notice",
            what=NOTICES.get(row.notice_kind) or row.notice_kind.replace("_", " ").capitalize(),
            policy_number=numbers.get(row.policy_id, ""),
            due=due,
            days_left=(due - today).days if waits else None,
            status=row.status,
            sent_at=row.mailed_at,
            file="",
            sha256="",
            note=f"Proof {row.tracking_number}" if row.tracking_number else f"By {row.method}",
        )


def _items(rows: list[Any], numbers: dict[str, str], today: date) -> Iterator[FilingRow]:
    for row in rows:
        refused = isinstance(row, Nonrenewal)
        late = row.notice_due_date < today
        yield FilingRow(
            id=row.id,
            kind="nonrenewal" if refused else "renewal",
            what="Notice of non-renewal" if refused else "Renewal offer",
            policy_number=numbers.get(row.policy_id, ""),
            due=row.notice_due_date,
            days_left=(row.notice_due_date - today).days,
            status="overdue" if late else row.status,
            sent_at=None,
            file="",
            sha256="",
            note=f"{row.notice_days} days of notice" if refused else "",
        )
