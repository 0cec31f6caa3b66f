"""Asking a person to prove anew who they are before something grave."""

from __future__ import annotations

from datetime import datetime, timedelta

from openinsure.accounts.identity import Identity
from openinsure.problems import Forbidden

FRESH = timedelta(minutes=10)


class StepUpNeeded(Forbidden):
    """403 `step_up_required`; browsers are led to /login/confirm and back (middleware)."""

    code = "step_up_required"


def is_fresh(who: Identity, *, now: datetime) -> bool:
    """Password, exchange or issue of the bearer token at most ten minutes ago."""
    return who.stepped_up_at is not None and now - who.stepped_up_at <= FRESH


def require(who: Identity, *, now: datetime) -> None:
    """Raises StepUpNeeded when the last proof is older than ten minutes."""
    if not is_fresh(who, now=now):
        raise StepUpNeeded("Confirm your password to go on.")
