"""How much a person may reserve and pay: rows by person or role, the most specific one counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q

from openinsure.claims.models import AdjusterAuthorityLimit
from openinsure.tenancy.scope import Scope

LIMITS_MAX = 200
NARROWING = ("line_of_business", "coverage_code", "cost_type")


@dataclass(frozen=True, slots=True)
class Authority:
    """What holds for one person and cost type, cents. id: the row it comes from, None without."""

    id: str | None
    reserve_cents: int
    payment_cents: int
    per_claim: bool
    may_exceed_policy_limit: bool


NONE = Authority(None, 0, 0, per_claim=False, may_exceed_policy_limit=False)


@dataclass(frozen=True, slots=True)
class Case:
    """What a limit is asked for."""

    adjuster_id: str | None
    role: str
    line_of_business: str
    coverage_code: str
    cost_type: str
    on: date


def authority_for(scope: Scope, case: Case) -> Authority:
    """The limit that holds; nothing at all where none is recorded. One statement."""
    return choose(_limits(scope, case), case)


def authorities_for(scope: Scope, case: Case, cost_types: Iterable[str]) -> dict[str, Authority]:
    """Cost type -> the limit that holds for a case that differs by it only. One statement."""
    limits = list(_limits(scope, case))
    return {cost: choose(limits, replace(case, cost_type=cost)) for cost in cost_types}


def _limits(scope: Scope, case: Case) -> Iterable[AdjusterAuthorityLimit]:
    """Those of the person and of their role on the day, the newest first."""
    rows = AdjusterAuthorityLimit.objects.within(scope).filter(
        Q(adjuster_id=case.adjuster_id) | Q(adjuster_id=None, role=case.role),
        Q(end_date=None) | Q(end_date__gt=case.on),
        effective_date__lte=case.on,
    )
    return rows.order_by("-effective_date", "id")[:LIMITS_MAX]


def choose(limits: Iterable[AdjusterAuthorityLimit], case: Case) -> Authority:
    """The person's own row before the role's, then the narrowest, then the first given."""
    fitting = [
        row
        for row in limits
        if all(getattr(row, name) in (None, "", getattr(case, name)) for name in NARROWING)
    ]
    if not fitting:
        return NONE
    best = max(fitting, key=_rank)
    return Authority(
        best.id,
        best.reserve_limit_cents,
        best.payment_limit_cents,
        per_claim=best.limit_scope == "claim",
        may_exceed_policy_limit=bool(best.may_exceed_policy_limit),
    )


def _rank(row: AdjusterAuthorityLimit) -> tuple[bool, int]:
    return row.adjuster_id is not None, sum(1 for name in NARROWING if getattr(row, name))
