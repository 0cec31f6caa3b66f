"""What a program says about cancelling: short rate, minimum earned, quota share."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from openinsure.orgs.models import Program
from openinsure.problems import NotFound
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True)
class CancelRules:
    """Fractions of 1. method: what the program gives an insured who asks."""

    short_rate: Decimal
    minimum: Decimal
    quota_share: Decimal
    method: str


def cancel_rules(scope: Scope, program_id: str) -> CancelRules:
    """The rules of one program. One statement on oi_global. Raises NotFound."""
    columns = ("short_rate_factor", "min_earned_rate", "quota_share_rate", "cancel_method_insured")
    values = Program.objects.within(scope).filter(id=program_id).values_list(*columns).first()
    if values is None:
        raise NotFound("program")
    return CancelRules(*values)
