"""What cancelling or changing a policy needs of its program: cancellation rules, taxes, fees."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from openinsure.orgs.cancel_rules import cancel_rules
from openinsure.orgs.tax_rules import tax_rules
from openinsure.policies.cancelling import Rules
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True)
class CancelTerms:
    """The rules of a term. method: what the program gives an insured who asks."""

    rules: Rules
    method: str


def cancel_terms(
    scope: Scope, program_id: str, *, state: str, effective: date, charged: bool
) -> CancelTerms:
    """The rules of a term. effective: its first day, whose taxes it bears. Raises NotFound.

    charged: whether it was charged taxes or a fee. Three statements on oi_global, one if not.
    """
    asked = cancel_rules(scope, program_id)
    rules = Rules(asked.short_rate, asked.minimum, asked.quota_share)
    if charged:
        told = tax_rules(scope, program_id, state=state, on=effective)
        rules = replace(rules, taxes=told.taxes, fee=told.fee)
    return CancelTerms(rules, asked.method)
