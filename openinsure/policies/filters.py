"""What the policies list may be asked: parameters, their values, and what they limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Self

from openinsure.console.areas import US_STATES
from openinsure.console.filters import Days, Filter, OneOf, Option
from openinsure.console.lists import Ask, Search, View
from openinsure.tenancy.listing import Condition, Span

# A policy row exists from bound on; draft and quoted live in quotes.
STATUSES = (
    Option("bound", "Bound"),
    Option("issued", "Issued"),
    Option("active", "Active"),
    Option("pending_cancellation", "Pending cancellation"),
    Option("cancelled", "Cancelled"),
    Option("nonrenewal_pending", "Nonrenewal pending"),
    Option("nonrenewed", "Nonrenewed"),
    Option("renewed", "Renewed"),
    Option("expired", "Expired"),
)
# In force today, as far as the stored status goes: what can still expire.
RUNNING = ("active", "nonrenewal_pending", "pending_cancellation")
EXPIRING_DAYS = 30

FILTERS: tuple[Filter, ...] = (
    OneOf("status", "Status", STATUSES, many=True),
    Days("effective", "Effective"),
    Days("expires", "Expires"),
    OneOf("program", "Program", many=True, noun="program"),
    OneOf("producer", "Producer", many=True, noun="producer"),
    OneOf("state", "State", US_STATES, many=True, noun="US state"),
)
VIEWS = (
    View("all", "All"),
    View("expiring", "Expiring in 30 days", sort="expires"),
    View("pending_cancellation", "Pending cancellation"),
)
# Shaped so that a name does not pass: personal text has no place in an address.
SEARCH = Search(
    label="Policy number begins with",
    pattern=r"[A-Za-z]{2,4}(-[0-9]{0,4}(-[0-9]{0,9})?)?",
    rule="must be a policy number or its beginning, as in ACM-2026-000123",
    sort="number",
)
HIGHEST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class PolicyFilter:
    """Which policies: column -> condition. Programs and producers as ids."""

    where: Mapping[str, Condition] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        ask: Ask,
        *,
        program_ids: tuple[str, ...] = (),
        producer_ids: tuple[str, ...] = (),
        today: date,
    ) -> Self:
        """What an understood request limits; a view gives way to the address' own filters."""
        where: dict[str, Condition] = dict(_of_view(ask.view, today))
        ids = {"program_id": program_ids, "producer_id": producer_ids}
        chosen = {"status": ask.many("status"), "state": ask.many("state"), **ids}
        where |= {column: values for column, values in chosen.items() if values}
        for name, column in (("effective", "effective_date"), ("expires", "expiration_date")):
            span = Span(ask.day(f"{name}_from"), ask.day(f"{name}_to"))
            where |= {column: span} if span != Span() else {}
        if ask.q:
            number = ask.q.upper()
            where["policy_number"] = Span(low=number, below=number + HIGHEST_CHARACTER)
        return cls(where)


def _of_view(view: str, today: date) -> Mapping[str, Condition]:
    if view == "expiring":
        last = today + timedelta(days=EXPIRING_DAYS)
        return {"status": RUNNING, "expiration_date": Span(today, last)}
    return {"status": ("pending_cancellation",)} if view == "pending_cancellation" else {}
