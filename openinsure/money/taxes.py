"""Premium tax, service-office fees and the policy fee: what is charged, kept and given back.

Each is due on the cumulative written premium, so what an endorsement adds or a return premium
takes back is a difference of two rounded amounts (domain.md 4.3 to 4.5: 671.53 - 469.96).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from openinsure.money.rates import of
from openinsure.money.rounding import half_even

TAX: Literal["tax"] = "tax"
STAMPING: Literal["stamping_fee"] = "stamping_fee"
POLICY_FEE, PREMIUM = "policy_fee", "premium"


@dataclass(frozen=True, slots=True)
class Tax:
    """A rate on premium. component: as on invoice lines. on_fees: on the policy fee too.

    refundable: whether its share of a return premium goes back.
    """

    component: Literal["tax", "stamping_fee"]
    rate: Fraction
    on_fees: bool
    refundable: bool


@dataclass(frozen=True, slots=True)
class Fee:
    """What becomes of the policy fee when coverage ends. fully_earned: from the first day."""

    refundable: bool = False
    fully_earned: bool = True


KEPT = Fee()  # neither goes back nor earns over time: what holds without a rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """What a term has been charged beside premium, cents, and by which rules."""

    taxes: Sequence[Tax] = ()
    fee: Fee = KEPT
    fees_cents: int = 0
    taxes_cents: int = 0


@dataclass(frozen=True, slots=True)
class Left:
    """By component, cents: what stays due and what goes back. A component left alone is absent."""

    due: Mapping[str, int]
    back: Mapping[str, int]


def due_by_component(
    taxes: Sequence[Tax], *, premium_cents: int, fees_cents: int
) -> dict[str, int]:
    """What is due on a premium and its policy fee, by component."""
    sums: dict[str, int] = {}
    for tax in taxes:
        base = premium_cents + (fees_cents if tax.on_fees else 0)
        sums[tax.component] = sums.get(tax.component, 0) + of(tax.rate, base)
    return sums


def left_after(charged: Charged, *, written_cents: int, retained_cents: int, flat: bool) -> Left:
    """What of taxes and policy fee stays and goes back when a term keeps `retained_cents`.

    Never more goes back than was charged beyond what stays due.
    """
    kept = _fee_kept(charged, written_cents, retained_cents, flat)
    due, back = {}, {}
    if charged.fees_cents:
        due[POLICY_FEE], back[POLICY_FEE] = kept, charged.fees_cents - kept
    if not charged.taxes_cents:
        return Left(due, back)
    before = due_by_component(
        charged.taxes, premium_cents=written_cents, fees_cents=charged.fees_cents
    )
    after = due_by_component(charged.taxes, premium_cents=retained_cents, fees_cents=kept)
    most = max(0, charged.taxes_cents - sum(after.values()))
    for component in {tax.component: None for tax in charged.taxes if tax.refundable}:
        taken = min(most, max(0, before[component] - after[component]))
        due[component], back[component] = after[component], taken
        most -= taken
    return Left(due, back)


def split_tax(
    taxes: Sequence[Tax], *, tax_cents: int, premium_cents: int, fees_cents: int
) -> list[tuple[str, int]]:
    """Tax charged in one amount, by component: service-office fees by their rate, the rest tax."""
    due = due_by_component(taxes, premium_cents=premium_cents, fees_cents=fees_cents)
    stamping = min(tax_cents, due.get(STAMPING, 0))
    parts = ((TAX, tax_cents - stamping), (STAMPING, stamping))
    return [(component, cents) for component, cents in parts if cents]


def _fee_kept(charged: Charged, written: int, retained: int, flat: bool) -> int:
    if not charged.fee.refundable:
        return charged.fees_cents
    if flat:
        return 0
    if charged.fee.fully_earned or written <= 0:
        return charged.fees_cents
    return half_even(charged.fees_cents * retained, written)
