"""Adequacy flags of a reserve: pure rules over its steps (thresholds are the published ones)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from openinsure.console.money import format_cents

ROUND_CENTS = 1_000_000  # whole ten thousands look guessed
RAPID_DAYS, RAPID_PERCENT = 30, 150  # more than 50 % up within 30 days
ESTIMATE_PERCENT = 125  # paid + reserve above the first estimate by more than 25 %
LIMIT_PERCENT = 80  # of the policy limit


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a reserve: when, and what was outstanding after it."""

    at: datetime
    new_cents: int


@dataclass(frozen=True, slots=True)
class Position:
    """A reserve about to be set. earlier: its steps in order. claim_cents: paid + reserve of the
    whole claim afterwards; paid_cents: on this exposure and cost type.
    """

    new_cents: int
    paid_cents: int
    claim_cents: int
    policy_limit_cents: int
    earlier: Sequence[Step]
    currency: str


def raised(position: Position, *, now: datetime) -> tuple[tuple[str, str], ...]:
    """Codes of the flags that the new reserve raises, each with its reason in words."""
    told = position.currency
    flags = []
    if position.new_cents and position.new_cents % ROUND_CENTS == 0:
        flags.append(("ROUND_NUMBER", f"A multiple of {format_cents(ROUND_CENTS, told)}"))
    base = _base(position.earlier, now - timedelta(days=RAPID_DAYS))
    if base and position.new_cents * 100 > base * RAPID_PERCENT:
        days = f"in {RAPID_DAYS} days"
        flags.append(("RAPID_INCREASE", f"From {format_cents(base, told)} {days}"))
    first = position.earlier[0].new_cents if position.earlier else 0
    total = position.new_cents + position.paid_cents
    if first and total * 100 > first * ESTIMATE_PERCENT:
        flags.append(("EXCEEDED_ESTIMATE", f"First estimate {format_cents(first, told)}"))
    limit = position.policy_limit_cents
    if limit and position.claim_cents * 100 > limit * LIMIT_PERCENT:
        flags.append(("APPROACHING_POLICY_LIMIT", f"Limit {format_cents(limit, told)}"))
    return tuple(flags)


def _base(earlier: Sequence[Step], since: datetime) -> int:
    """What stood when the window opened; the first step if the reserve is younger."""
    before = [step.new_cents for step in earlier if step.at <= since]
    if before:
        return before[-1]
    return earlier[0].new_cents if earlier else 0
