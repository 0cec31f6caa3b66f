"""When a term may be renewed, what its renewal costs, and how much of its quarter is written."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Sum

from openinsure.console.dates import format_day
from openinsure.money.plans import add_months, plan_of
from openinsure.money.renewal import Basis, Renewed, renewed
from openinsure.policies.models import Policy
from openinsure.problems import BadForm
from openinsure.tenancy.scope import Scope

# As long before its end as the work of renewing a term begins.
RENEWABLE_DAYS = 120


def hindrance(*, expires: date, today: date, followed: bool, refused: bool) -> str:
    """Why an active term cannot be renewed today, in words; "" if it can.

    followed: its next term stands. refused: somebody decided not to renew it.
    """
    if followed:
        return "Its next term stands already."
    if refused:
        return "It was decided not to renew it."
    if today >= expires:
        return f"It ended {format_day(expires)}; a renewal is bound before that."
    first = expires - timedelta(days=RENEWABLE_DAYS)
    if today < first:
        return f"It can be renewed from {format_day(first)}, {RENEWABLE_DAYS} days before it ends."
    return ""


def renewal_of(
    basis: Basis, *, effective: date, expires: date, annual_cents: int, plan: str
) -> Renewed:
    """The next term. Raises BadForm for a premium of nothing and a plan that is not known."""
    billed = plan_of(plan)
    if billed is None:
        raise BadForm({"plan": "must be a plan that the program offers"})
    if annual_cents <= 0:
        raise BadForm({"annual_premium": "must be more than nothing"})
    return renewed(
        basis, effective=effective, expires=expires, annual_cents=annual_cents, plan=billed
    )


def quarter_of(day: date) -> tuple[date, date]:
    """The first day of the quarter of a day, and the first day after it."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return first, add_months(first, 3)


def written_in_quarter(scope: Scope, program_id: str, day: date) -> int:
    """Premium of the program's terms that begin in the quarter of a day, cents. One statement."""
    first, after = quarter_of(day)
    rows = Policy.objects.within(scope).filter(
        program_id=program_id, effective_date__gte=first, effective_date__lt=after
    )
    return int(rows.aggregate(cents=Sum("written_premium_cents"))["cents"] or 0)
