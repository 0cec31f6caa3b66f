"""What the claims list may be asked: parameters, their values, and what they limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from openinsure.console.areas import US_STATES
from openinsure.console.filters import Days, Filter, OneOf, Option
from openinsure.console.lists import Ask, Search, View
from openinsure.tenancy.listing import Condition, Span, Without

STATUSES = tuple(
    Option(key, key.replace("_", " ").capitalize())
    for key in (
        "open", "investigating", "reserved", "litigated", "in_defense", "in_settlement",
        "settled", "denied", "closed", "reopened",
    )
)  # fmt: skip
# Work is left to do; what policy_standing and an adjuster's load count.
OPEN = ("open", "investigating", "reserved", "litigated", "in_defense", "in_settlement", "reopened")
LITIGATED = ("litigated", "in_defense")

FILTERS: tuple[Filter, ...] = (
    OneOf("status", "Status", STATUSES, many=True),
    Days("loss", "Date of loss"),
    Days("reported", "Reported"),
    OneOf("adjuster", "Adjuster", many=True, noun="adjuster"),
    OneOf("program", "Program", many=True, noun="program"),
    OneOf("producer", "Producer", many=True, noun="producer"),
    OneOf("state", "State of loss", US_STATES, many=True, noun="US state"),
)
VIEWS = (
    View("all", "All"),
    View("open", "Open"),
    View("mine", "Mine"),
    View("litigated", "Litigated"),
)
# Shaped so that a name does not pass: personal text has no place in an address.
SEARCH = Search(
    label="Claim number begins with",
    pattern=r"[A-Za-z]{3}(-[A-Za-z0-9]{0,6}(-[0-9]{0,9})?)?",
    rule="must be a claim number or its beginning, as in CLM-ACM-000045",
    sort="number",
)
HIGHEST_CHARACTER = "\U0010ffff"
NOBODY = ("",)


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """Which claims: column -> condition. Programs, producers, adjusters as ids."""

    where: Mapping[str, Condition] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        ask: Ask,
        *,
        ids: Mapping[str, tuple[str, ...]],
        mine: str | None,
        zone: ZoneInfo,
        hidden: tuple[str, ...],
    ) -> Self:
        """What an understood request limits; a view gives way to the address' own filters.

        ids: program_id, producer_id -> chosen ids. mine: the viewer's adjuster. zone: whose days
        the ranges name. hidden: claims that the viewer is recused from.
        """
        where: dict[str, Condition] = dict(_of_view(ask.view, mine))
        chosen = {
            "status": ask.many("status"),
            "loss_state": ask.many("state"),
            "adjuster_id": ask.many("adjuster"),
            **ids,
        }
        where |= {column: values for column, values in chosen.items() if values}
        for name, column in (("loss", "date_of_loss"), ("reported", "date_reported")):
            span = _days(ask.day(f"{name}_from"), ask.day(f"{name}_to"), zone)
            where |= {column: span} if span != Span() else {}
        if ask.q:
            number = ask.q.upper()
            where["claim_number"] = Span(low=number, below=number + HIGHEST_CHARACTER)
        return cls(where | without(hidden))


def without(hidden: tuple[str, ...]) -> dict[str, Condition]:
    """The condition that leaves the viewer's recusals out."""
    return {"id": Without(hidden)} if hidden else {}


def _of_view(view: str, mine: str | None) -> Mapping[str, Condition]:
    if view == "mine":
        return {"adjuster_id": (mine,) if mine else NOBODY, "status": OPEN}
    statuses = {"open": OPEN, "litigated": LITIGATED}.get(view)
    return {"status": statuses} if statuses else {}


def _days(first: date | None, last: date | None, zone: ZoneInfo) -> Span:
    """The instants of whole days in the zone."""
    low = first and datetime(first.year, first.month, first.day, tzinfo=zone)
    after = last and last + timedelta(days=1)
    below = after and datetime(after.year, after.month, after.day, tzinfo=zone)
    return Span(low=low, below=below)
