"""What of a policy term its money needs: whose it is and how its premium is shared."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from openinsure.policies.models import Policy
from openinsure.problems import NotFound
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True)
class PremiumTerms:
    """Parties of a term and its commission rates, fractions of 1, frozen when it was bound."""

    policy_id: str
    number: str
    program_id: str
    producer_id: str
    carrier_id: str
    state: str
    producer_rate: Decimal
    mga_rate: Decimal


def premium_terms(scope: Scope, policy_id: str) -> PremiumTerms:
    """The terms of one policy by id. One statement on oi_policies. Raises NotFound."""
    values = (
        Policy.objects.within(scope)
        .filter(id=policy_id)
        .values_list(
            "id", "policy_number", "program_id", "producer_id", "carrier_id", "state",
            "producer_commission_rate", "mga_commission_rate",
        )
        .first()
    )  # fmt: skip
    if values is None:
        raise NotFound("policy")
    return PremiumTerms(*values)
