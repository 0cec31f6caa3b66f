"""What the submissions list may be asked: parameters, their values, and what they limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from openinsure.console.areas import US_STATES
from openinsure.console.filters import Days, Filter, OneOf, Option
from openinsure.console.lists import Ask, Search, View
from openinsure.console.words import sentence
from openinsure.submissions.states import OPEN, STAGES, UNASSIGNED
from openinsure.tenancy.listing import Condition, Span

STATUSES = tuple(Option(status, sentence(status)) for status in STAGES)
FILTERS: tuple[Filter, ...] = (
    OneOf("status", "Status", STATUSES, many=True),
    Days("received", "Received"),
    OneOf("program", "Program", many=True, noun="program"),
    OneOf("producer", "Producer", many=True, noun="producer"),
    OneOf("state", "State", US_STATES, many=True, noun="US state"),
    OneOf("underwriter", "Underwriter", many=True, noun="underwriter"),
)
VIEWS = (
    View("all", "All"),
    View("open", "Open", sort="-received_at"),
    View("mine", "Mine", sort="-updated"),
    View("unassigned", "Unassigned", sort="received_at"),
)
# Shaped so that a name does not pass: personal text has no place in an address.
SEARCH = Search(
    label="Submission number begins with",
    pattern=r"[A-Za-z]{1,3}(-[A-Za-z0-9]{0,4}(-[0-9]{0,9})?)?",
    rule="must be a submission number or its beginning, as in SUB-ACM-000067",
    sort="number",
)
HIGHEST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class SubmissionFilter:
    """Which submissions: column -> condition. Programs, producers, underwriters as ids."""

    where: Mapping[str, Condition] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        ask: Ask,
        *,
        program_ids: tuple[str, ...] = (),
        producer_ids: tuple[str, ...] = (),
        viewer_id: str,
    ) -> Self:
        """What an understood request limits; a view gives way to the address' own filters."""
        where: dict[str, Condition] = dict(_of_view(ask.view, viewer_id))
        chosen = {
            "status": ask.many("status"),
            "state": ask.many("state"),
            "assigned_underwriter_id": ask.many("underwriter"),
            "program_id": program_ids,
            "producer_id": producer_ids,
        }
        where |= {column: values for column, values in chosen.items() if values}
        received = _instants(ask.day("received_from"), ask.day("received_to"))
        where |= {"received_at": received} if received != Span() else {}
        if ask.q:
            number = ask.q.upper()
            where["submission_number"] = Span(low=number, below=number + HIGHEST_CHARACTER)
        return cls(where)


def _of_view(view: str, viewer_id: str) -> Mapping[str, Condition]:
    if view == "mine":
        return {"assigned_underwriter_id": (viewer_id,), "status": OPEN}
    if view == "open":
        return {"status": OPEN}
    return {"status": UNASSIGNED} if view == "unassigned" else {}


def _instants(first: date | None, last: date | None) -> Span:
    """The instants of whole UTC days, both included."""
    return Span(
        low=_midnight(first) if first else None,
        below=_midnight(last + timedelta(days=1)) if last else None,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
