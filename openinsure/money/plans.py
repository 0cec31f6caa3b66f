"""Installment plans: what is due when. Source: domain.md 4.2 (codes, shares and fees are public).

The down payment carries policy fee, taxes and the larger share; later installments carry the
plan's service fee. Pure: dates and cents in, dates and cents out.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date

from openinsure.money.rounding import split


@dataclass(frozen=True, slots=True)
class Plan:
    """Weights of the installments, the fee on all but the first, months between them."""

    code: str
    weights: tuple[int, ...]
    fee_cents: int
    interval_months: int

    def fits(self, months: int) -> bool:
        """Whether all of it is due inside a term of so many months."""
        return (len(self.weights) - 1) * self.interval_months < months


@dataclass(frozen=True, slots=True)
class Installment:
    """One amount due. Cents; `seq` counts from 1."""

    seq: int
    due_date: date
    premium_cents: int
    fee_cents: int
    tax_cents: int

    @property
    def total_cents(self) -> int:
        """Everything due on that date."""
        return self.premium_cents + self.fee_cents + self.tax_cents


PLANS = {
    plan.code: plan
    for plan in (
        Plan("PIF", (1,), 0, 0),
        Plan("TWO_PAY", (1, 1), 0, 6),
        Plan("QUARTERLY", (1,) * 4, 500, 3),
        Plan("MONTHLY_10", (2, *(1,) * 8), 800, 1),
        Plan("MONTHLY_12", (1,) * 12, 800, 1),
    )
}
FINANCED = "PREMIUM_FINANCE"  # the lender pays all at once; the insured pays the lender


def plan_of(code: str) -> Plan | None:
    """How a plan of this code is billed; None for one that is not known."""
    return PLANS.get("PIF" if code == FINANCED else code)


def add_months(day: date, months: int) -> date:
    """The same day `months` later, clamped to the end of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def installments(
    *, plan: Plan, effective: date, premium_cents: int, fee_cents: int = 0, tax_cents: int = 0
) -> list[Installment]:
    """The installments of a plan. Premiums sum to `premium_cents`; taxes and the policy fee are
    due with the first; the plan's fee stands on every later one.
    """
    return [
        Installment(
            seq=k + 1,
            due_date=add_months(effective, k * plan.interval_months),
            premium_cents=share,
            fee_cents=plan.fee_cents if k else fee_cents,
            tax_cents=0 if k else tax_cents,
        )
        for k, share in enumerate(split(premium_cents, plan.weights))
    ]
