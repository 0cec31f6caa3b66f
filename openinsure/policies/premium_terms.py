"""What of a policy term its money needs: whose it is and how its premium is shared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from openinsure.policies.models import Policy, PolicyTransaction
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


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term by its days, and where its premium is taxed."""

    number: str
    program_id: str
    state: str
    effective: date
    expires: date
    currency: str


@dataclass(frozen=True, slots=True)
class MovementRow:
    """One written premium movement of a term, cents."""

    id: str
    number: int
    kind: str
    source_id: str
    effective: date
    cents: int


def term_of(scope: Scope, policy_id: str) -> TermRow:
    """The days of one policy by id. One statement on oi_policies. Raises NotFound."""
    names = ("policy_number", "program_id", "state", "effective_date", "expiration_date",
             "currency")  # fmt: skip
    values = Policy.objects.within(scope).filter(id=policy_id).values_list(*names).first()
    if values is None:
        raise NotFound("policy")
    return TermRow(*values)


def movements_of(scope: Scope, policy_id: str) -> list[MovementRow]:
    """Written movements in their order. One statement on oi_policies."""
    names = ("id", "transaction_no", "transaction_type", "source_id", "effective_date",
             "written_premium_cents")  # fmt: skip
    rows = PolicyTransaction.objects.within(scope).filter(policy_id=policy_id)
    return [MovementRow(*row) for row in rows.order_by("transaction_no", "id").values_list(*names)]


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
