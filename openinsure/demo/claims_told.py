"""Claims bordereaux of the demo: every payment and recovery of a program's month on exactly one.

Older months are settled: the carrier's deposits paid for them. The last month waits, one program's
for its approval, the others' for the carrier.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from openinsure.billing.bordereau_lines import Paid, Reported, claims_lines, columns, frozen
from openinsure.billing.operations.bordereaux import TEMPLATE
from openinsure.billing.settling import CLAIMS
from openinsure.demo.billing_rows import Row
from openinsure.demo.book import Book
from openinsure.demo.clock import at
from openinsure.demo.parties import month_end


class ClaimsTold:
    """Claim money by program and month, then its bordereaux."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.moved: dict[tuple[str, date], list[Paid]] = defaultdict(list)

    def take_up(self, tables: dict[str, list[Row]]) -> None:
        """The payments and recoveries of the claims now in the basket."""
        claims = {row["id"]: row for row in tables["claims"]}
        for paid in tables["claim_payments"]:
            if paid["approved_at"]:
                self._add(claims[paid["claim_id"]], paid, paid["approved_at"], "PAYMENT")
        for back in tables["claim_recoveries"]:
            if back["received_cents"]:
                self._add(claims[back["claim_id"]], back, back["received_at"], "RECOVERY")

    def _add(self, claim: Row, row: Row, when: datetime, kind: str) -> None:
        paid = kind == "PAYMENT"
        self.moved[claim["program_id"], month_end(when.date())].append(
            Paid(
                kind=kind,
                payment_id=row["id"],
                claim_id=claim["id"],
                claim_number=claim["claim_number"],
                policy_id=claim["policy_id"],
                policy_number=claim["policy_number"],
                insured_name=claim["insured_name"],
                state=claim["loss_state"],
                paid_cents=row["amount_cents"] if paid else 0,
                outstanding_cents=claim["outstanding_indemnity_cents"]
                + claim["outstanding_expense_cents"],
                recovered_cents=0 if paid else row["received_cents"],
            )
        )

    def close(self) -> None:
        """The bordereaux of every month that is over, oldest first."""
        carriers = {row["id"]: row["carrier_id"] for row in self.book.programs}
        last = self.book.today.replace(day=1) - timedelta(days=1)
        waiting = True
        for program, end in sorted(self.moved, key=lambda key: (key[1], key[0])):
            if end < last:
                self._told(program, end, carriers[program], self._done(end))
            elif end == last:
                self._told(program, end, carriers[program], {} if waiting else self._sent(end))
                waiting = False

    def _sent(self, end: date) -> Row:
        """Approved by another person, and on its way to the carrier."""
        made = _made(end)
        return {
            "status": "sent",
            "approved_by_user_id": self.book.users["finance_analyst"][0]["id"],
            "approved_at": made + timedelta(hours=2),
            "sent_at": made + timedelta(hours=4),
            "updated_at": made + timedelta(hours=4),
        }

    def _done(self, end: date) -> Row:
        taken = _made(end) + timedelta(days=1)
        stamps = {"acknowledged_at": taken, "updated_at": taken}
        return self._sent(end) | stamps | {"status": "settled"}

    def _told(self, program: str, end: date, carrier: str, steps: Row) -> None:
        rows = sorted(self.moved[program, end], key=lambda row: (row.claim_id, row.kind))
        lines, made = claims_lines(rows), _made(end)
        number = self.book.next("bordereau")
        values: dict[str, Any] = {"status": "generated", "updated_at": made, **steps}
        row = self.book.basket.add(
            "bordereaux",
            id=self.book.id(made),
            bordereau_number=f"BDX-{self.book.spec.prefix}-{number:06d}",
            kind=CLAIMS,
            carrier_id=carrier,
            program_id=program,
            period_start=end.replace(day=1),
            period_end=end,
            template_version=TEMPLATE,
            currency="USD",
            author_user_id=self.book.users["finance_analyst"][1]["id"],
            generated_at=made,
            created_at=made,
            **frozen(lines),
            **values,
        )
        write_lines(self.book, row, lines)


def write_lines(book: Book, bordereau: Row, lines: Iterable[Reported]) -> None:
    """The lines of a bordereau, in their order."""
    for place, line in enumerate(lines, 1):
        book.basket.add(
            "bordereau_lines",
            id=book.id(bordereau["created_at"]),
            bordereau_id=bordereau["id"],
            created_at=bordereau["created_at"],
            **columns(line, place),
        )


def _made(end: date) -> datetime:
    return at(end + timedelta(days=4), 14)
