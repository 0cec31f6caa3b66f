"""What a renewed term costs: premium, taxes, fee, the parties' shares, what is due when. Pure.

A renewal begins on the day its term ends and is as long; taxes and fee are those of its own first
day, on its own premium, as for a first term (domain.md 4.2 to 4.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from openinsure.money.legs import Legs, legs_of
from openinsure.money.plans import Installment, Plan, add_months, installments
from openinsure.money.rates import Split
from openinsure.money.rounding import half_even
from openinsure.money.taxes import POLICY_FEE, PREMIUM, Tax, due_by_component

YEAR = 12  # months


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a program charges a renewed term, and how its premium is shared: fractions of 1."""

    fee_cents: int
    taxes: tuple[Tax, ...]
    producer: Decimal
    mga: Decimal
    quota_share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """The figures of a renewed term, cents. taxes: by component; dues: its installments."""

    effective: date
    expires: date
    annual_cents: int
    premium_cents: int
    fee_cents: int
    taxes: Mapping[str, int]
    legs: Legs
    dues: tuple[Installment, ...]

    @property
    def taxes_cents(self) -> int:
        """Every tax and service-office fee."""
        return sum(self.taxes.values())

    @property
    def total_cents(self) -> int:
        """Premium, policy fee and taxes; the plan's own fees come on top."""
        return self.premium_cents + self.fee_cents + self.taxes_cents

    @property
    def first_invoice(self) -> tuple[tuple[str, int], ...]:
        """What the first invoice asks for, by component, without parts of nothing."""
        parts = (*self.taxes.items(), (POLICY_FEE, self.fee_cents))
        whole = (*parts, (PREMIUM, self.dues[0].premium_cents))
        return tuple((component, cents) for component, cents in whole if cents)


def months_of(effective: date, expires: date) -> int:
    """The length of a term in whole months; a year for one that is not of whole months."""
    months = (expires.year - effective.year) * 12 + expires.month - effective.month
    return months if months > 0 and add_months(effective, months) == expires else YEAR


def renewed(
    basis: Basis, *, effective: date, expires: date, annual_cents: int, plan: Plan
) -> Renewed:
    """The term after one from `effective` to `expires`. annual_cents: its premium for a year."""
    months = months_of(effective, expires)
    premium = half_even(annual_cents * months, YEAR)
    taxes = due_by_component(basis.taxes, premium_cents=premium, fees_cents=basis.fee_cents)
    split = Split.from_rates(producer=basis.producer, mga=basis.mga, quota_share=basis.quota_share)
    dues = installments(
        plan=plan, effective=expires, premium_cents=premium, fee_cents=basis.fee_cents,
        tax_cents=sum(taxes.values()),
    )  # fmt: skip
    return Renewed(
        effective=expires,
        expires=add_months(expires, months),
        annual_cents=annual_cents,
        premium_cents=premium,
        fee_cents=basis.fee_cents,
        taxes=taxes,
        legs=legs_of(split, premium),
        dues=tuple(dues),
    )
