"""What reinstating a cancelled term charges again: all of it, or only from a later day on.

Without lapse the cancellation is undone to the cent. With one, the days without cover are not
charged: the premium that is unearned on the day coverage comes back is, and never more than the
cancellation returned, so a penalty or a minimum stays with the company.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from openinsure.console.dates import format_day
from openinsure.console.money import format_cents
from openinsure.money.earning import unearned_cents
from openinsure.plurals import many
from openinsure.policies.models import Policy, PolicyTransaction
from openinsure.policies.streams import CANCELLATION, Written, streams
from openinsure.problems import BadForm
from openinsure.tenancy.scope import Scope

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Back:
    """Coverage back on a day. lapse_days: without cover; premium_cents: charged again."""

    on: date
    lapse_days: int
    premium_cents: int


def back_on(
    policy: Policy, movements: Iterable[PolicyTransaction], ended: PolicyTransaction, on: date
) -> Back:
    """The premium of a reinstatement. ended: the movement of the cancellation it answers."""
    returned, lapse = -ended.written_premium_cents, (on - ended.effective_date).days
    if not lapse:
        return Back(on, 0, returned)
    before = (
        Written(row.effective_date, row.written_premium_cents, row.transaction_type)
        for row in movements
        if row.id != ended.id
    )
    running = streams(before, policy.expiration_date)
    left = sum(unearned_cents(one, on) for one in running)
    return Back(on, lapse, max(0, min(returned, left)))


def within_term(policy: Policy, on: date, now: datetime) -> None:
    """Raises BadForm for a day before coverage ended, after today, or when the term is over."""
    assert policy.cancellation_effective_date is not None
    first, today = policy.cancellation_effective_date, local_day(policy, now)
    if not first <= on <= max(first, today) or on >= policy.expiration_date:
        days = f"from {format_day(first)}, the day coverage ended, to today"
        raise BadForm({"reinstate_from": f"must be {days}, inside the term"})


def local_day(policy: Policy, now: datetime) -> date:
    """Today where the policy is."""
    return now.astimezone(ZoneInfo(policy.timezone)).date()


def choices_of(scope: Scope, policy_id: str, *, now: datetime) -> Choices:
    """The days coverage may come back, with what each charges; none unless cancelled.

    One statement.
    """
    rows = PolicyTransaction.objects.within(scope).filter(policy_id=policy_id)
    found = list(rows.select_related("policy").order_by("transaction_no", "id"))
    ended = next((row for row in reversed(found) if row.transaction_type == CANCELLATION), None)
    if ended is None or found[0].policy.status != "cancelled":
        return ()
    policy = found[0].policy
    days = sorted({ended.effective_date, max(ended.effective_date, local_day(policy, now))})
    return tuple(
        (on.isoformat(), _words(back_on(policy, found, ended, on), policy.currency))
        for on in days
        if on < policy.expiration_date
    )


def _words(back: Back, currency: str) -> str:
    """`From 20 Nov 2026, without lapse: $4,080.31 of premium charged again`."""
    days = many(back.lapse_days, "day")
    gap = f"after {days} without cover" if back.lapse_days else "without lapse"
    charged = format_cents(back.premium_cents, currency)
    return f"From {format_day(back.on)}, {gap}: {charged} of premium charged again"
