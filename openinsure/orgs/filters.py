"""What the lists of producers, programs and rules may be asked."""

from __future__ import annotations

from openinsure.console.areas import US_STATES
from openinsure.console.filters import Filter, OneOf, Option
from openinsure.console.lists import View

PRODUCER_FILTERS: tuple[Filter, ...] = (
    OneOf(
        "status",
        "Status",
        (Option("active", "Active"), Option("suspended", "Suspended"),
         Option("terminated", "Terminated")),
        many=True,
    ),
    OneOf("state", "State", US_STATES, many=True, noun="US state"),
)  # fmt: skip
PRODUCER_VIEWS = (View("all", "All"), View("expiring", "License ends in 60 days", sort="name"))
PROGRAM_FILTERS: tuple[Filter, ...] = (
    OneOf(
        "status",
        "Status",
        (Option("draft", "Draft"), Option("active", "Active"), Option("closed", "Closed")),
        many=True,
    ),
)
RULE_FILTERS: tuple[Filter, ...] = (
    OneOf(
        "stage",
        "Stage",
        (
            Option("triage", "Triage"),
            Option("eligibility", "Eligibility"),
            Option("review", "Review"),
            Option("quote", "Quote"),
            Option("bind", "Bind"),
        ),
        many=True,
    ),
)
