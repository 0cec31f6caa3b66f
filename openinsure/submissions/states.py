"""The life of a submission (domain.md part 3): which status may follow, and its stage."""

from __future__ import annotations

from openinsure.console.states import Machine

SUBMISSION = Machine(
    "submission",
    {
        "draft": ("received",),
        "received": ("in_review", "declined", "withdrawn"),
        "in_review": ("info_requested", "referred", "quoted", "declined", "withdrawn"),
        "info_requested": ("in_review",),
        "referred": ("in_review", "declined"),
        "quoted": ("bound", "expired", "lost", "withdrawn"),
    },
)
QUOTE = Machine(
    "quote",
    {
        "draft": ("rated",),
        "rated": ("released", "referred"),
        "referred": ("released", "declined"),
        "released": ("accepted", "expired", "superseded"),
        "accepted": ("bound",),
    },
)
STAGES = {
    "draft": "intake",
    "received": "intake",
    "in_review": "review",
    "info_requested": "review",
    "referred": "review",
    "quoted": "quote",
    "bound": "closed",
    "declined": "closed",
    "withdrawn": "closed",
    "expired": "closed",
    "lost": "closed",
}
OPEN = tuple(status for status, stage in STAGES.items() if stage != "closed")
# Nobody is assigned before the review: assigning is what moves a submission into it.
UNASSIGNED = ("draft", "received")


def stage_of(status: str) -> str:
    """intake, review, quote or closed; unknown for a status that the machine does not have."""
    return STAGES.get(status, "unknown")
