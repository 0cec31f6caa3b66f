"""Bordereaux and settlements: their states and words. Source: domain.md 3 and 5.4."""

from __future__ import annotations

from typing import Final

from openinsure.console.filters import Option
from openinsure.console.states import Machine

BORDEREAU: Final = Machine(
    "bordereau",
    {
        "open": ("generated",),
        "generated": ("approved", "open"),
        "approved": ("sent",),
        "sent": ("acknowledged",),
        "acknowledged": ("settled",),
    },
)
SETTLEMENT: Final = Machine(
    "settlement",
    {
        "ready": ("approved", "rejected"),
        "approved": ("released", "rejected"),
        "released": ("settled", "partially_settled", "voided"),
    },
)
PAYOUT: Final = Machine(
    "payout",
    {"scheduled": ("pending", "voided"), "pending": ("posted", "voided")},
)
UNDER_WAY = ("ready", "approved", "released")
PREMIUM, CLAIMS = "premium", "claims"
KINDS = (Option(PREMIUM, "Premium"), Option(CLAIMS, "Claims"))


def _options(*keys: str) -> tuple[Option, ...]:
    return tuple(Option(key, key.replace("_", " ").capitalize()) for key in keys)


BORDEREAU_STATUSES = _options("open", "generated", "approved", "sent", "acknowledged", "settled")
SETTLEMENT_STATUSES = _options(
    "ready", "approved", "released", "settled", "partially_settled", "voided", "rejected"
)
