"""Surplus lines taxes of Florida on a demo policy: billed, added by a change, given back.

By the rules of the money module, so that a change of the demo's policies finds nothing to correct.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from openinsure.money.taxes import STAMPING, TAX, Charged, Tax, due_by_component, left_after

Row = dict[str, Any]
FL_TAX, FL_SERVICE_FEE = Fraction(494, 10_000), Fraction(6, 10_000)  # FSLSO
FL_TAXES = (
    Tax(TAX, FL_TAX, on_fees=True, refundable=True),
    Tax(STAMPING, FL_SERVICE_FEE, on_fees=True, refundable=False),
)


def charged(premium_cents: int, fee_cents: int) -> dict[str, int]:
    """Tax and service-office fee on a premium and its policy fee, each rounded by itself."""
    return due_by_component(FL_TAXES, premium_cents=premium_cents, fees_cents=fee_cents)


def added(policy: Row, premium_cents: int) -> dict[str, int]:
    """What a change that writes so much more adds, by component; nothing to an untaxed policy."""
    if not policy["taxes_cents"]:
        return {}
    before, fees = policy["written_premium_cents"], policy["fees_cents"]
    old, new = charged(before, fees), charged(before + premium_cents, fees)
    return {name: new[name] - old[name] for name in new}


def given_back(policy: Row, *, retained_cents: int) -> int:
    """The tax that goes back when the policy keeps so much of its premium."""
    facts = Charged(
        taxes=FL_TAXES, fees_cents=policy["fees_cents"], taxes_cents=policy["taxes_cents"]
    )
    left = left_after(
        facts,
        written_cents=policy["written_premium_cents"],
        retained_cents=retained_cents,
        flat=False,
    )
    return left.back.get(TAX, 0)
