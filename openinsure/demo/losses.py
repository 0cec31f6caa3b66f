"""What the demo's claims cost by program and month: the base of what reinsurers are billed."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from openinsure.demo.billing_rows import Row
from openinsure.demo.parties import month_end


class Losses:
    """Paid less recovered by claim, cents."""

    def __init__(self) -> None:
        self.spent: dict[tuple[str, date], dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def take_up(self, tables: dict[str, list[Row]]) -> None:
        """The payments and recoveries of the claims now in the basket."""
        programs = {row["id"]: row["program_id"] for row in tables["claims"]}
        for paid in tables["claim_payments"]:
            if paid["approved_at"]:
                key = (programs[paid["claim_id"]], month_end(paid["approved_at"].date()))
                self.spent[key][paid["claim_id"]] += paid["amount_cents"]
        for back in tables["claim_recoveries"]:
            if back["received_cents"]:
                key = (programs[back["claim_id"]], month_end(back["received_at"].date()))
                self.spent[key][back["claim_id"]] -= back["received_cents"]

    def between(self, program: str, since: date, end: date) -> dict[str, int]:
        """By claim, after one month's end up to another."""
        sums: dict[str, int] = defaultdict(int)
        for (one, month), claims in self.spent.items():
            if one == program and since < month <= end:
                for claim, cents in claims.items():
                    sums[claim] += cents
        return sums
