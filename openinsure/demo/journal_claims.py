"""Journal entries of claims: deposits, reserves, checks that take reserves down, recoveries."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from openinsure.billing import claim_money
from openinsure.billing.claim_money import Booking, ClaimTerms
from openinsure.demo.billing_rows import Row
from openinsure.demo.clock import at
from openinsure.demo.journal import Entry, Journal

DEPOSIT_STEP_CENTS = 1_000_000  # deposits come in ten thousands of dollars
DEPOSITED, RESERVED, PAID, RECOVERED = range(5, 9)  # the order on one day
BY_PAYMENT = "payment"  # such a step of a reserve belongs to its check


class ClaimsMoney:
    """The claims money of one organisation; needs: what each program's reserves ask by month."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.needs: dict[tuple[date, str, str], int] = defaultdict(int)

    def take_up(self, tables: dict[str, list[Row]]) -> None:
        """The entries of every claim in the basket."""
        claims = {row["id"]: row for row in tables["claims"]}
        for step in tables["claim_reserve_history"]:
            if step["reason_code"] != BY_PAYMENT:
                self._reserve(claims[step["claim_id"]], step)
        for payment in tables["claim_payments"]:
            if payment["approved_at"]:
                terms, cents = _terms(claims[payment["claim_id"]]), payment["amount_cents"]
                down = payment["reserve_takedown_cents"]
                booked = claim_money.check(terms, cents, takedown_cents=down)
                words = f"Claim payment {payment['payment_number']}"
                self._add("claim_payment", payment, payment["approved_at"], PAID, words, booked)
        for received in tables["claim_recoveries"]:
            terms = _terms(claims[received["claim_id"]])
            booked = claim_money.recovery(terms, received["received_cents"])
            when = received["received_at"]
            self._add("claim_recovery", received, when, RECOVERED, "Claim recovery", booked)

    def close(self) -> None:
        """The deposits, each on the first of the month that needs it."""
        for (first, program, carrier), cents in self.needs.items():
            steps = -(-cents // DEPOSIT_STEP_CENTS)
            when = at(first, 12)
            source = {"id": self.journal.book.id(when)}
            booked = claim_money.deposit(program, carrier, steps * DEPOSIT_STEP_CENTS)
            words = f"Claims fund deposit {first:%Y-%m}"
            self._add("fund_deposit", source, when, DEPOSITED, words, booked)

    def _reserve(self, claim: Row, step: Row) -> None:
        cents, when = step["delta_cents"], step["changed_at"]
        if cents > 0:
            key = (when.date().replace(day=1), claim["program_id"], claim["carrier_id"])
            self.needs[key] += cents
        booked = claim_money.reserve_change(_terms(claim), cents)
        words = f"Reserve of claim {claim['claim_number']}"
        self._add("claim_reserve", step, when, RESERVED, words, booked)

    def _add(
        self, source: str, row: Row, when: datetime, rank: int, words: str, booked: Booking
    ) -> None:
        lines, transfers = booked
        self.journal.add(
            Entry(when=when, rank=rank, source_type=source, source_id=row["id"], words=words,
                  lines=lines, transfers=transfers)
        )  # fmt: skip


def _terms(claim: Row) -> ClaimTerms:
    return ClaimTerms(
        claim_id=claim["id"], policy_id=claim["policy_id"], program_id=claim["program_id"]
    )
