"""When a notice may end coverage: never before the rule's days after it was mailed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from openinsure.plurals import many


@dataclass(frozen=True, slots=True)
class Asked:
    """What the law asks of a notice. days: from mailing to the end, 0 where no rule is sourced."""

    rule_id: str | None
    days: int
    citation: str
    proof_required: bool

    @property
    def words(self) -> str:
        """`10 days after the notice is mailed (Fla. Stat. 627.7281)`."""
        law = f" ({self.citation})" if self.citation else ""
        return f"{many(self.days, 'day')} after the notice is mailed{law}"


NOON = time(12)  # a mailing is known by its day; noon is that day in the policy's zone


def earliest_end(mailed_on: date, days: int) -> date:
    """The first day on which coverage may end."""
    return mailed_on + timedelta(days=days)


def lawful_end(planned: date, *, mailed_on: date, days: int) -> date:
    """The day on which it ends: as planned, later if it was mailed too late for that."""
    return max(planned, earliest_end(mailed_on, days))


def mailed_instant(policy: Any, mailed_on: date) -> datetime:
    """What is stored for a mailing of which the day is known."""
    return datetime.combine(mailed_on, NOON, ZoneInfo(policy.timezone))


def day_of(policy: Any, at: datetime) -> date:
    """The day of an instant where the policy is."""
    return at.astimezone(ZoneInfo(policy.timezone)).date()


def was_given(policy: Any, row: Any) -> bool:
    """Whether a cancellation or non-renewal may end coverage on its effective_date.

    One that needs no notice (the insured asked, or no rule is sourced) has notice_days 0.
    """
    if not row.notice_days:
        return True
    if row.notice_mailed_at is None:
        return False
    mailed_on = day_of(policy, row.notice_mailed_at)
    return bool(row.effective_date >= earliest_end(mailed_on, row.notice_days))
