"""The timeline of a policy: its events, calls, diary dates, letters, money and claims, merged.

Events, activities and letters are read for the tab; money and claims are what the page read for
callers anyway. Each source may be away without the others; then a line on top says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from openinsure.billing.standing import Standing
from openinsure.claims.standing import PolicyClaim
from openinsure.console.dates import format_day
from openinsure.console.letters import LetterRow, list_letters, sentence_of
from openinsure.console.links import url
from openinsure.console.money import format_cents
from openinsure.console.panels import Panel, load
from openinsure.console.request import ConsoleRequest
from openinsure.console.words import lowered, sentence
from openinsure.orgs.diary import ActivityRow
from openinsure.orgs.staff import Staff, name_of, org_staff
from openinsure.pages.billing_payments import WAYS
from openinsure.policies.rows import EventRow
from openinsure.tenancy.scope import Scope

ROWS_MAX = 500
ACTIVITIES = "Calls and diary"
KINDS = {"call": "Call", "diary": "Diary date", "caller_check": "Caller checked"}


@dataclass(frozen=True, slots=True)
class Moment:
    """One line: when, what kind of thing, in words, by whom; href opens what it is about."""

    id: str
    at: datetime
    event: str
    title: str
    detail: str = ""
    actor: str = ""
    href: str = ""


def timeline(
    request: ConsoleRequest,
    policy_id: str,
    callers: Mapping[str, Panel],
    events: Panel,
    activities: Panel,
) -> Panel:
    """Everything that happened to a policy, newest first: what was read, and its letters."""
    if events.state == "unavailable":
        return events
    scope = request.scope
    noted = _noted(scope, activities)
    letters = load("Letters", lambda: _letters(scope, policy_id))
    moments = [
        *(_event(row) for row in events.rows),
        *noted.rows,
        *letters.rows,
        *_money(callers["billing"].rows),
        *(_claim(row) for row in callers["claims"].rows),
    ]
    moments.sort(key=lambda one: (one.at, one.id), reverse=True)
    away = [panel.reason for panel in (noted, letters) if panel.state == "unavailable"]
    return Panel("ok" if moments else "empty", tuple(moments[:ROWS_MAX]), note=" ".join(away))


def _noted(scope: Scope, activities: Panel) -> Panel:
    """The activities as moments; while the people's names are away they are not told either."""
    if not activities.rows:
        return activities
    return load(
        ACTIVITIES,
        lambda: [_activity(row, org_staff(scope)) for row in activities.rows],
        keyspace="oi_global",
    )


def _letters(scope: Scope, policy_id: str) -> list[Moment]:
    rows = list_letters(scope, policy_id=policy_id)
    staff = org_staff(scope) if rows else {}
    return [_letter(row, staff) for row in rows]


def _event(row: EventRow) -> Moment:
    return Moment(row.id, row.at, row.event, row.title, row.detail, row.actor, row.href)


def _activity(row: ActivityRow, staff: Staff) -> Moment:
    title = f"{KINDS.get(row.kind) or sentence(row.kind)}: {row.subject}"
    due = f"due {format_day(row.due.date())}" if row.due else ""
    detail = ", ".join(part for part in (row.outcome, due) if part)
    return Moment(row.id, row.at, f"activity.{row.kind}", title, detail, name_of(staff, row.by))


def _letter(row: LetterRow, staff: Staff) -> Moment:
    href = url("billing.invoice", row.object, tab="history") if row.kind == "invoice" else ""
    actor = name_of(staff, row.actor_user_id)
    detail = sentence_of(row)
    return Moment(f"{row.id}-letter", row.at, "letter", row.subject, detail, actor, href)


def _money(found: Iterable[Standing]) -> Iterable[Moment]:
    for standing in found:
        for row in standing.receipts:
            cents = format_cents(row.amount_cents, row.currency)
            title = f"Payment of {cents} received"
            way = lowered(WAYS.get(row.method) or sentence(row.method))
            detail = f"by {way}{', returned since' if row.reversed else ''}"
            href = url("billing.payment", row.number)
            yield Moment(row.id, row.received_at, "payment.received", title, detail, "", href)


def _claim(row: PolicyClaim) -> Moment:
    title, href = f"Claim {row.number} reported", url("claims.detail", row.number)
    detail = f"{sentence(row.status)}, incurred {format_cents(row.incurred_cents, row.currency)}"
    return Moment(row.id, row.reported_at, "claim.reported", title, detail, "", href)
