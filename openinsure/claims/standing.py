"""The claims of policies: one batch per request, ids in, frozen rows out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from openinsure.claims.models import Claim
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, reading

ROWS_MAX = 500
LATEST_ZONE = timedelta(hours=10)  # a day ends last in Hawaii
OVER = ("closed", "denied", "settled")


@dataclass(frozen=True, slots=True)
class PolicyClaim:
    """One claim with today's figures, cents."""

    id: str
    number: str
    policy_id: str
    policy_number: str
    status: str
    loss_at: datetime
    reported_at: datetime
    reserve_cents: int
    paid_cents: int
    recovered_cents: int
    incurred_cents: int
    currency: str

    @property
    def is_open(self) -> bool:
        """True while somebody still works on it."""
        return self.status not in OVER


@dataclass(frozen=True, slots=True)
class ClaimNumber:
    """What names a claim."""

    id: str
    number: str


@dataclass(frozen=True, slots=True)
class ClaimTotals:
    """What claims of one currency come to, cents; no claim is named."""

    claims: int
    open: int
    reserve_cents: int
    paid_cents: int
    recovered_cents: int
    incurred_cents: int
    currency: str


def totals_of(claims: Iterable[PolicyClaim]) -> tuple[ClaimTotals, ...]:
    """The sums of these claims, a row a currency; () for none."""
    by_currency: dict[str, list[PolicyClaim]] = {}
    for claim in claims:
        by_currency.setdefault(claim.currency, []).append(claim)
    return tuple(
        ClaimTotals(
            claims=len(those),
            open=sum(one.is_open for one in those),
            reserve_cents=sum(one.reserve_cents for one in those),
            paid_cents=sum(one.paid_cents for one in those),
            recovered_cents=sum(one.recovered_cents for one in those),
            incurred_cents=sum(one.incurred_cents for one in those),
            currency=currency,
        )
        for currency, those in sorted(by_currency.items())
    )


def claims_of_policies(
    scope: Scope, policy_ids: Iterable[str], *, on: date
) -> Reading[PolicyClaim]:
    """Claims with a loss up to the end of `on`, newest loss first. One query of oi_claims.

    The caller leaves out those from which the viewer is recused.
    """
    before = datetime.combine(on + timedelta(days=1), time.min, UTC) + LATEST_ZONE
    rows = (
        Claim.objects.within(scope)
        .filter(policy_id__in=sorted(set(policy_ids)), date_of_loss__lt=before)
        .order_by("-date_of_loss", "id")
        .values_list("id", "claim_number", "policy_id", "policy_number", "status", "date_of_loss",
                     "date_reported", "outstanding_indemnity_cents",
                     "outstanding_expense_cents", "paid_indemnity_cents", "paid_expense_cents",
                     "recovered_cents", "incurred_cents", "currency")[:ROWS_MAX]
    )  # fmt: skip
    return reading(rows, _claim)


def numbers_of_policies(scope: Scope, policy_ids: Iterable[str]) -> Reading[ClaimNumber]:
    """Every claim of these policies. One query of oi_claims.

    The caller leaves out those from which the viewer is recused.
    """
    rows = Claim.objects.within(scope).filter(policy_id__in=sorted(set(policy_ids)))
    found = rows.order_by("-date_of_loss", "id").values_list("id", "claim_number")
    return reading(found[:ROWS_MAX], ClaimNumber)


def losses_of(scope: Scope, policy_id: str, *, first: date, zone: str) -> list[date]:
    """Days of loss of a policy's claims from a day on, in its own zone, the first one first.

    One statement on oi_claims.
    """
    begins = datetime.combine(first, time.min, ZoneInfo(zone))
    rows = Claim.objects.within(scope).filter(policy_id=policy_id, date_of_loss__gte=begins)
    found = rows.order_by("date_of_loss", "id").values_list("date_of_loss", flat=True)
    return [at.astimezone(ZoneInfo(zone)).date() for at in found[:ROWS_MAX]]


def _claim(*values: Any) -> PolicyClaim:
    *head, indemnity, expense, paid, paid_expense, recovered, incurred, currency = values
    figures = (indemnity + expense, paid + paid_expense, recovered, incurred, currency)
    return PolicyClaim(*(*head, *figures))
