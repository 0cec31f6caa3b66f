"""Which taxes a program's premium carries in a state on a day, and whether its fees go back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from django.db.models import Q

from openinsure.money.taxes import KEPT, STAMPING, TAX, Fee, Tax
from openinsure.orgs.models import ProgramFee, RefTaxRate
from openinsure.tenancy.scope import Scope

# Codes of ref_tax_rates that pay for a service office; every other code is the state's tax.
OFFICES = ("SERVICE_OFFICE", "STAMPING")
POLICY_FEE = "POLICY_FEE"


@dataclass(frozen=True, slots=True)
class TaxRules:
    """The rates in force and what becomes of the policy fee."""

    taxes: tuple[Tax, ...]
    fee: Fee


def tax_rules(scope: Scope, program_id: str, *, state: str, on: date) -> TaxRules:
    """The rules of a program in a state on a day. Two statements on oi_global.

    A service-office fee goes back only where the program's fees say that it is refundable.
    """
    rates = (
        RefTaxRate.objects.filter(state=state, effective_date__lte=on)
        .filter(Q(end_date=None) | Q(end_date__gt=on))
        .order_by("tax_code", "-effective_date", "-id")
        .values_list("tax_code", "rate", "includes_fees")
    )
    newest: dict[str, tuple[Fraction, bool]] = {}
    for code, rate, on_fees in rates:
        newest.setdefault(code, (Fraction(rate), on_fees))
    fees = _fees(scope, program_id, state, on)
    taxes = tuple(
        Tax(component(code), rate, on_fees, code not in OFFICES or fees.get(code, KEPT).refundable)
        for code, (rate, on_fees) in newest.items()
    )
    return TaxRules(taxes, fees.get(POLICY_FEE, KEPT))


def component(code: str) -> Literal["tax", "stamping_fee"]:
    """The invoice component that a tax code is billed as."""
    return STAMPING if code in OFFICES else TAX


def _fees(scope: Scope, program_id: str, state: str, on: date) -> dict[str, Fee]:
    """The program's newest fee rows by code; one of the state wins over one of all states."""
    rows = (
        ProgramFee.objects.within(scope)
        .filter(program_id=program_id, effective_date__lte=on)
        .filter(Q(state=state) | Q(state=None))
        .order_by("-effective_date", "-id")
        .values_list("fee_code", "state", "refundable", "fully_earned")
    )
    found: dict[str, Fee] = {}
    for code, _, refundable, earned in sorted(rows, key=lambda row: row[1] is None):
        found.setdefault(code, Fee(refundable, earned))
    return found
