"""The life of a claim as data (domain: claim states), and what closing asks for."""

from __future__ import annotations

from typing import Final

from openinsure.console.states import Machine
from openinsure.keyspaces.ids import fixed_id

MACHINE: Final = Machine(
    "claim",
    {
        "open": ("investigating", "denied"),
        "investigating": ("reserved", "litigated", "closed", "denied"),
        "reserved": ("in_settlement", "litigated", "closed", "denied"),
        "litigated": ("in_defense", "denied"),
        "in_defense": ("in_settlement", "settled", "denied"),
        "in_settlement": ("settled", "denied"),
        "settled": ("closed",),
        "denied": ("closed",),
        "closed": ("reopened",),
        "reopened": ("investigating", "denied"),
    },
)
WITHOUT_PAYMENT = ("investigating", "reserved")
CLOSE_REASONS = (
    ("completed", "Completed"),
    ("no_payment", "Closed without payment"),
    ("denied", "Denied"),
    ("duplicate", "Duplicate"),
    ("withdrawn", "Withdrawn by the claimant"),
)
# Reserves move and payments are asked for; whoever has such a claim has it in SpiceDB too.
WORKABLE = ("open", "investigating", "reserved", "litigated", "in_defense", "in_settlement",
            "settled", "reopened")  # fmt: skip
# Of a disbursement and its payment: money that may still leave.
IN_FLIGHT = ("requested", "pending_approval", "approved")
REVERSED, MIRROR = "reversed", "reversal"  # of a recovery: taken back, and the row that does so
RECOVERY: Final = Machine("recovery", {"expected": ("received",), "received": (REVERSED,)})


def mirror_id(recovery_id: str) -> str:
    """The id of the row that takes a recovery back: one at most, and each leads to the other."""
    return fixed_id("recovery", MIRROR, recovery_id)
