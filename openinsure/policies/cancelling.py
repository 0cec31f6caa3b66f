"""What a cancellation returns: figures from the term's own premium movements; writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from django.db.models import QuerySet

from openinsure.console.dates import format_day
from openinsure.money import cancellation as money
from openinsure.money.legs import Legs, legs_of
from openinsure.money.rates import Split, of
from openinsure.money.taxes import KEPT, POLICY_FEE, PREMIUM, Charged, Fee, Tax, left_after
from openinsure.policies.models import Policy, PolicyTransaction
from openinsure.policies.streams import Written, standing, streams
from openinsure.problems import BadForm, NotFound
from openinsure.tenancy.scope import Scope

Method = Literal["pro_rata", "short_rate", "flat"]
METHODS = {"pro_rata": "Pro rata", "short_rate": "Short rate", "flat": "Flat: as if never bound"}


@dataclass(frozen=True, slots=True)
class Rules:
    """What the program says: refund share of a short rate, minimum earned, quota share, taxes."""

    short_rate: Decimal
    minimum: Decimal
    quota_share: Decimal = Decimal(0)
    taxes: tuple[Tax, ...] = ()
    fee: Fee = KEPT


@dataclass(frozen=True, slots=True)
class Share:
    """Cents of one component: premium, tax, stamping_fee, policy_fee."""

    component: str
    cents: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a cancellation would return, cents. written = earned + penalty + refund.

    due, back: premium, taxes and policy fee that stay due and that go back, by component.
    taxes_known: False when tax was charged and no rate is on file, so that it stays.
    """

    effective: date
    method: str
    written_cents: int
    earned_cents: int
    unearned_cents: int
    penalty_cents: int
    refund_cents: int
    retained_cents: int
    minimum_cents: int
    legs_back: Legs
    currency: str
    version: int
    due: tuple[Share, ...]
    back: tuple[Share, ...]
    taxes_known: bool

    @property
    def taxes_back_cents(self) -> int:
        """Tax and service-office fee that go back."""
        return sum(one.cents for one in self.back if one.component not in (PREMIUM, POLICY_FEE))

    @property
    def fees_back_cents(self) -> int:
        """Policy fee that goes back."""
        return sum(one.cents for one in self.back if one.component == POLICY_FEE)


def preview_cancellation(
    scope: Scope, policy_id: str, *, on: date, method: Method, rules: Rules
) -> Preview:
    """The figures of a cancellation, nothing written. Raises BadForm for a day outside the term.

    One statement on oi_policies, two for a policy without movements. Source: domain.md 4.5.
    """
    rows = list(_movements(scope, policy_id).select_related("policy"))
    policy = rows[0].policy if rows else Policy.objects.within(scope).filter(id=policy_id).first()
    if policy is None:
        raise NotFound("policy")
    return _figures(policy, _standing(rows), on, method, rules)


def inside(policy: Policy, on: date) -> None:
    """Raises BadForm for a day outside the term."""
    if not policy.effective_date <= on < policy.expiration_date:
        last = policy.expiration_date - timedelta(days=1)
        days = f"{format_day(policy.effective_date)} to {format_day(last)}"
        raise BadForm({"effective": f"must be from {days}"})


def computed(scope: Scope, policy: Policy, on: date, method: Method, rules: Rules) -> Preview:
    """The figures for a policy already read. One statement on oi_policies."""
    return _figures(policy, _standing(_movements(scope, policy.id)), on, method, rules)


def _figures(
    policy: Policy, written: list[Written], on: date, method: Method, rules: Rules
) -> Preview:
    inside(policy, on)
    running = streams(written, policy.expiration_date)
    if method == "flat":
        figures = money.flat(running)
    else:
        share = Fraction(rules.short_rate) if method == "short_rate" else Fraction(1)
        minimum = Fraction(rules.minimum)
        figures = money.cancel(running, on, refund_share=share, minimum_earned=minimum)
    split = Split.from_rates(
        producer=policy.producer_commission_rate,
        mga=policy.mga_commission_rate,
        quota_share=rules.quota_share,
    )
    back = legs_of(split, figures.written_cents) - legs_of(split, figures.retained_cents)
    left = left_after(
        Charged(taxes=rules.taxes, fee=rules.fee, fees_cents=policy.fees_cents,
                taxes_cents=policy.taxes_cents),
        written_cents=figures.written_cents, retained_cents=figures.retained_cents,
        flat=method == "flat",
    )  # fmt: skip
    return Preview(
        effective=on,
        method=method,
        written_cents=figures.written_cents,
        earned_cents=figures.earned_cents,
        unearned_cents=figures.unearned_cents,
        penalty_cents=figures.penalty_cents,
        refund_cents=figures.refund_cents,
        retained_cents=figures.retained_cents,
        minimum_cents=0 if method == "flat" else of(Fraction(rules.minimum), figures.written_cents),
        legs_back=back,
        currency=policy.currency,
        version=policy.lock_version,
        due=_shares({PREMIUM: figures.retained_cents, **left.due}),
        back=_shares({PREMIUM: figures.refund_cents, **left.back}),
        taxes_known=bool(rules.taxes) or not policy.taxes_cents,
    )


def _shares(cents: Mapping[str, int]) -> tuple[Share, ...]:
    return tuple(Share(component, amount) for component, amount in cents.items())


def _movements(scope: Scope, policy_id: str) -> QuerySet[PolicyTransaction]:
    rows = PolicyTransaction.objects.within(scope).filter(policy_id=policy_id)
    return rows.order_by("transaction_no", "id")


def _standing(rows: Iterable[PolicyTransaction]) -> list[Written]:
    return standing(
        Written(row.effective_date, row.written_premium_cents, row.transaction_type) for row in rows
    )
