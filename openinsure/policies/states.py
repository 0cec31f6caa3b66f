"""The life of a policy term (domain.md part 3): which status may follow."""

from __future__ import annotations

from openinsure.console.states import Machine

POLICY = Machine(
    "policy",
    {
        "bound": ("issued", "cancelled"),
        "issued": ("active", "cancelled"),
        "active": (
            "pending_cancellation",
            "cancelled",
            "nonrenewal_pending",
            "renewed",
            "expired",
        ),
        "pending_cancellation": ("cancelled", "active"),
        "cancelled": ("active",),
        "nonrenewal_pending": ("nonrenewed", "active"),
    },
)
BOUND = "bound"
RUNNING = (BOUND, "issued", "active", "nonrenewal_pending", "pending_cancellation")
CANCELLABLE = tuple(at for at, may in POLICY.steps.items() if "cancelled" in may)
