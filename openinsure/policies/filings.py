"""What the law wants sent and proven: state records, notices, offers, each with its due day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Q

from openinsure.console.filters import Filter, OneOf, Option
from openinsure.console.lists import Ask, View
from openinsure.policies.models import (
    Nonrenewal,
    Policy,
    PolicyNotice,
    Renewal,
    StateInsuranceReport,
    StateInsuranceReportRecord,
)
from openinsure.policies.notices import NOTICES
from openinsure.policies.operations.notice_rows import TO_MAIL
from openinsure.policies.operations.notices import UNDELIVERED
from openinsure.problems import NotFound
from openinsure.tenancy.scope import CANONICAL_UUID, Scope
from openinsure.tenancy.together import Reading, read_together, reading

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
class Duty:
    """A row whose policy and file are not named yet; the list orders and pages these."""

    row: FilingRow
    policy_id: str
    report_id: str = ""

    @property
    def id(self) -> str:
        """Of the row."""
        return self.row.id


@dataclass(frozen=True, slots=True)
class Wish:
    """What of the duties is asked for; empty kinds, statuses and id: all. newest: come first."""

    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    newest: bool = True
    only: str = ""

    def has(self, kind: str) -> bool:
        """Whether rows of a kind are asked for."""
        return not self.kinds or kind in self.kinds

    def takes(self, status: str) -> bool:
        """Whether rows of a status are asked for."""
        return not self.statuses or status in self.statuses


def wish_of(asked: Ask) -> Wish:
    """What the view and the filters of the list ask for."""
    return Wish(
        kinds=tuple(asked.many("kind")) or OF_VIEW.get(asked.view, ()),
        statuses=tuple(asked.many("status")) or (OPEN if asked.view == "due" else ()),
        newest=asked.descending,
    )


def duties(scope: Scope, wish: Wish, *, today: date) -> list[Duty]:
    """The first EACH_MAX of each kind asked for, by due day. One statement on oi_policies."""
    readers = {
        "state_record": _records, "notice": _notices, "nonrenewal": _refusals, "renewal": _offers,
    }  # fmt: skip
    made = [readers[kind](scope, wish, today) for kind in readers if wish.has(kind)]
    found = [duty for rows in read_together(made) for duty in rows if wish.takes(duty.row.status)]
    return sorted(found, key=lambda duty: (duty.row.due, duty.id))


def find(scope: Scope, key: str, *, today: date) -> FilingRow:
    """One duty by id. Three statements on oi_policies. Raises NotFound."""
    found = duties(scope, Wish(only=key), today=today) if CANONICAL_UUID.fullmatch(key) else []
    if not found:
        raise NotFound("filing")
    return named(scope, found)[0]


def named(scope: Scope, found: Iterable[Duty]) -> tuple[FilingRow, ...]:
    """The rows with the numbers of their policies and their files. Two statements."""
    kept = tuple(found)
    owners = Policy.objects.within(scope).filter(id__in={duty.policy_id for duty in kept})
    sent = {duty.report_id for duty in kept} - {""}
    files = StateInsuranceReport.objects.within(scope).filter(id__in=sent)
    numbers = dict(owners.values_list("id", "policy_number"))
    told = {
        key: {"file": name, "sha256": digest or "", "sent_at": at}
        for key, name, digest, at in files.values_list("id", "file_name", "sha256", "sent_at")
    }
    return tuple(
        replace(
            duty.row,
            policy_number=numbers.get(duty.policy_id, ""),
            **told.get(duty.report_id, {}),
        )
        for duty in kept
    )


def _first(rows: Any, column: str, wish: Wish, *names: str) -> Any:
    """The first of a kind in the wish's order."""
    mark = "-" if wish.newest else ""
    if wish.only:
        rows = rows.filter(id=wish.only)
    return rows.order_by(f"{mark}{column}", f"{mark}id").values_list(*names)[:EACH_MAX]


def _of_records(wish: Wish, today: date) -> Q:
    """The records that have a status asked for: one that is due is overdue after its day."""
    if not wish.statuses:
        return Q()
    late, due = "overdue" in wish.statuses, "due" in wish.statuses
    found = Q(status__in=sorted({*wish.statuses, "due"} if late else wish.statuses))
    if late and not due:
        found &= ~Q(status="due") | Q(due_date__lt=today)
    if due and not late:
        found &= ~Q(status="due") | Q(due_date__gte=today)
    return found


def _of_items(wish: Wish, today: date) -> Q:
    """The work items that have a status asked for: every one is overdue after its day."""
    others = [status for status in wish.statuses if status != "overdue"]
    if not wish.statuses or (others and "overdue" in wish.statuses):
        return Q()
    if others:
        return Q(status__in=others, notice_due_date__gte=today)
    return Q(notice_due_date__lt=today)


def _records(scope: Scope, wish: Wish, today: date) -> Reading[Duty]:
    rows = StateInsuranceReportRecord.objects.within(scope)
    columns = (
        "id", "policy_id", "report_id", "transaction_code", "due_date", "status", "error_code",
        "error_text",
    )  # fmt: skip
    asked = rows.filter(_of_records(wish, today))
    return reading(_first(asked, "due_date", wish, *columns), partial(_record, today))


def _record(
    today: date, key: str, policy: str, report: str, code: str, due: date, status: str,
    error: str | None, words: str | None,
) -> Duty:  # fmt: skip
    waiting = status in ("due", "rejected")
    row = FilingRow(
        id=key,
        kind="state_record",
        what=f"FL DHSMV {code}: {CODES.get(code, 'Record')}",
        policy_number="",
        due=due,
        days_left=(due - today).days if waiting else None,
        status="overdue" if status == "due" and due < today else status,
        sent_at=None,
        file="",
        sha256="",
        note=f"{error} {words or ''}".strip() if error else "",
    )
    return Duty(row, policy, report)


def _notices(scope: Scope, wish: Wish, today: date) -> Reading[Duty]:
    rows = PolicyNotice.objects.within(scope)
    asked = rows.filter(status__in=wish.statuses) if wish.statuses else rows
    columns = (
        "id", "policy_id", "notice_kind", "status", "effective_date", "created_at", "rule_days",
        "mailed_at", "tracking_number", "method",
    )  # fmt: skip
    return reading(_first(asked, "created_at", wish, *columns), partial(_notice, today))


def _notice(
    today: date, key: str, policy: str, kind: str, status: str, effective: date | None,
    created: datetime, days: int, mailed: datetime | None, proof: str | None, method: str,
) -> Duty:  # fmt: skip
    waits = status == TO_MAIL
    due = effective or created.date()
    if waits:  # the last day on which the planned end is still lawful
        due -= timedelta(days=days)
    row = FilingRow(
        id=key,
        kind="notice",
        what=NOTICES.get(kind) or kind.replace("_", " ").capitalize(),
        policy_number="",
        due=due,
        days_left=(due - today).days if waits else None,
        status=status,
        sent_at=mailed,
        file="",
        sha256="",
        note=f"Proof {proof}" if proof else f"By {method}",
    )
    return Duty(row, policy)


def _refusals(scope: Scope, wish: Wish, today: date) -> Reading[Duty]:
    rows = Nonrenewal.objects.within(scope).filter(notice_mailed_at=None, status__in=UNDELIVERED)
    asked = rows.filter(_of_items(wish, today))
    columns = ("id", "policy_id", "notice_due_date", "status", "notice_days")
    return reading(
        _first(asked, "notice_due_date", wish, *columns),
        partial(_item, today, "nonrenewal", "Notice of non-renewal"),
    )


def _offers(scope: Scope, wish: Wish, today: date) -> Reading[Duty]:
    rows = Renewal.objects.within(scope).filter(offered_at=None)
    asked = rows.filter(_of_items(wish, today))
    columns = ("id", "policy_id", "notice_due_date", "status")
    return reading(
        _first(asked, "notice_due_date", wish, *columns),
        partial(_item, today, "renewal", "Renewal offer"),
    )


def _item(
    today: date, kind: str, what: str, key: str, policy: str, due: date, status: str,
    notice_days: int | None = None,
) -> Duty:  # fmt: skip
    row = FilingRow(
        id=key,
        kind=kind,
        what=what,
        policy_number="",
        due=due,
        days_left=(due - today).days,
        status="overdue" if due < today else status,
        sent_at=None,
        file="",
        sha256="",
        note="" if notice_days is None else f"{notice_days} days of notice",
    )
    return Duty(row, policy)
