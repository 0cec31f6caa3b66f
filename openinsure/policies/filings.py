"""What the law wants sent and proven: state records, notices, offers, each with its due day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from openinsure.console.filters import Filter, OneOf, Option
from openinsure.console.lists import Ask, View
from openinsure.policies.filing_walk import Walk

EACH_MAX = 480  # rows of each kind in one read
KINDS = (
    Option("state_record", "State record"),
    Option("notice", "Notice"),
    Option("nonrenewal", "Non-renewal to notify"),
    Option("renewal", "Renewal to offer"),
)
STATUSES = tuple(
    Option(key, key.replace("_", " ").capitalize())
    for key in (
        "overdue", "due", "open", "pending", "to_mail", "queued", "sent", "accepted", "rejected",
        "bounced", "not_sent", "resubmitted", "unknown", "no_address", "offered", "mailed",
        "withdrawn",
    )
)  # fmt: skip
OPEN = (
    "overdue", "due", "open", "pending", "to_mail", "not_sent", "bounced", "no_address", "rejected",
)  # fmt: skip
FILTERS: tuple[Filter, ...] = (
    OneOf("kind", "Kind", KINDS, many=True),
    OneOf("status", "Status", STATUSES, many=True),
)
VIEWS = (
    View("all", "All"),
    View("due", "Due list", sort="due"),
    View("notices", "Notices", sort="-due"),
    View("state", "State reports", sort="-due"),
)
OF_VIEW = {"notices": ("notice", "nonrenewal", "renewal"), "state": ("state_record",)}
CODES = {"10": "Cancelled", "12": "Vehicle removed", "20": "New policy", "31": "Vehicle added"}


@dataclass(frozen=True, slots=True)
class FilingRow:
    """One duty. days_left: until its last day, negative when past, None once it is done."""

    id: str
    kind: str
    what: str
    policy_number: str
    due: date
    days_left: int | None
    status: str
    sent_at: datetime | None
    file: str
    sha256: str
    note: str


@dataclass(frozen=True, slots=True)
class Duty:
    """A row whose policy and file are not named yet; the list orders and pages these."""

    row: FilingRow
    policy_id: str
    report_id: str = ""

    @property
    def id(self) -> str:
        """Of the row."""
        return self.row.id


@dataclass(frozen=True, slots=True)
class Wish:
    """What of the duties is asked for, and from where on; empty kinds, statuses and id: all."""

    walk: Walk
    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    only: str = ""

    def has(self, kind: str) -> bool:
        """Whether rows of a kind are asked for."""
        return not self.kinds or kind in self.kinds


def wish_of(asked: Ask) -> Wish:
    """What the view, the filters and the place in the list ask for."""
    size = asked.size
    return Wish(
        Walk(newest=asked.descending, size=size, limit=min(size + 1, EACH_MAX), at=asked.at),
        kinds=tuple(asked.many("kind")) or OF_VIEW.get(asked.view, ()),
        statuses=tuple(asked.many("status")) or (OPEN if asked.view == "due" else ()),
    )
