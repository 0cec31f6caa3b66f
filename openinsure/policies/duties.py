"""The duties of /compliance/filings read: state records, notices, work items, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import DateField, F, Func, Q
from django.db.models.functions import Coalesce

from openinsure.policies.filing_walk import Walk
from openinsure.policies.filings import CODES, Duty, FilingRow, Wish
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
from openinsure.tenancy.listing import Page
from openinsure.tenancy.scope import CANONICAL_UUID, Scope
from openinsure.tenancy.together import Reading, read_together, reading


class DaysBefore(Func):
    """A date less a number of days."""

    function, arg_joiner = "DATE_SUB", ", INTERVAL "
    template = "%(function)s(%(expressions)s DAY)"
    output_field = DateField()


def list_duties(scope: Scope, wish: Wish, *, today: date) -> Page[Duty]:
    """A page of the duties asked for, by due day. One statement on oi_policies."""
    asked = [read(scope, wish, today) for kind, read in READERS.items() if wish.has(kind)]
    made = [one for readings in asked for one in readings]
    return wish.walk.page(read_together(made), lambda duty: (duty.row.due, duty.id))


def get_duty(scope: Scope, key: str, *, today: date) -> FilingRow:
    """One duty by id. Three statements on oi_policies. Raises NotFound."""
    if not CANONICAL_UUID.fullmatch(key):
        raise NotFound("filing")
    wish = Wish(Walk(newest=True, size=1, limit=2), only=key)
    for row in named(scope, list_duties(scope, wish, today=today).rows):
        return row
    raise NotFound("filing")


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


def _first(rows: Any, day: str, wish: Wish, *names: str) -> Any:
    """The next of a kind in the wish's order."""
    if wish.only:
        rows = rows.filter(id=wish.only)
    return wish.walk.first(rows.values_list(*names), day)


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
    if not wish.statuses:
        return Q()
    found = Q(status__in=wish.statuses, notice_due_date__gte=today)
    return found | Q(notice_due_date__lt=today) if "overdue" in wish.statuses else found


def _records(scope: Scope, wish: Wish, today: date) -> list[Reading[Duty]]:
    rows = StateInsuranceReportRecord.objects.within(scope)
    columns = (
        "id", "policy_id", "report_id", "transaction_code", "due_date", "status", "error_code",
        "error_text",
    )  # fmt: skip
    asked = rows.filter(_of_records(wish, today))
    return [reading(_first(asked, "due_date", wish, *columns), partial(_record, today))]


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


def _notices(scope: Scope, wish: Wish, today: date) -> list[Reading[Duty]]:
    """Those that wait, by the last day on which to mail them; the others by the day on which
    coverage ends, or on which they were made; each as `_notice` tells it.
    """
    rows, others = PolicyNotice.objects.within(scope), {*wish.statuses} - {TO_MAIL}
    made = Func(F("created_at"), function="DATE", output_field=DateField())
    asked = []
    if others or not wish.statuses:
        done = rows.filter(status__in=sorted(others)) if others else rows.exclude(status=TO_MAIL)
        asked.append((done.filter(effective_date__isnull=False), "effective_date"))
        asked.append((done.filter(effective_date=None).alias(made=made), "made"))
    if TO_MAIL in wish.statuses or not wish.statuses:
        ends = Coalesce(F("effective_date"), made)
        last = DaysBefore(ends, F("rule_days"))
        asked.append((rows.filter(status=TO_MAIL).alias(last=last), "last"))
    columns = (
        "id", "policy_id", "notice_kind", "status", "effective_date", "created_at", "rule_days",
        "mailed_at", "tracking_number", "method",
    )  # fmt: skip
    told = partial(_notice, today)
    return [reading(_first(found, day, wish, *columns), told) for found, day in asked]


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


def _refusals(scope: Scope, wish: Wish, today: date) -> list[Reading[Duty]]:
    rows = Nonrenewal.objects.within(scope).filter(notice_mailed_at=None, status__in=UNDELIVERED)
    asked = rows.filter(_of_items(wish, today))
    columns = ("id", "policy_id", "notice_due_date", "status", "notice_days")
    told = partial(_item, today, "nonrenewal", "Notice of non-renewal")
    return [reading(_first(asked, "notice_due_date", wish, *columns), told)]


def _offers(scope: Scope, wish: Wish, today: date) -> list[Reading[Duty]]:
    rows = Renewal.objects.within(scope).filter(offered_at=None, renewed_policy_id=None)
    asked = rows.filter(_of_items(wish, today))
    columns = ("id", "policy_id", "notice_due_date", "status")
    told = partial(_item, today, "renewal", "Renewal offer")
    return [reading(_first(asked, "notice_due_date", wish, *columns), told)]


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


READERS = {
    "state_record": _records,
    "notice": _notices,
    "nonrenewal": _refusals,
    "renewal": _offers,
}
