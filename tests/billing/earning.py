"""A random small book that earns, and its exact reference: fractions, one policy at a time."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

from openinsure.billing import models as billing
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope, entered
from tests.billing import making
from tests.factories import made

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)


@dataclass
class Stream:
    """One stream as the reference sees it."""

    policy_id: str
    program: str
    carrier: str
    written: int
    share: int
    begin: date
    end: date
    stopped: date | None

    def days(self, as_of: date) -> int:
        last = min(as_of, self.end, self.stopped or self.end)
        return max((last - self.begin).days, 0)

    def earned(self, cents: int, as_of: date) -> int:
        return round(Fraction(cents * self.days(as_of), (self.end - self.begin).days))


@dataclass
class Book:
    """Policies of one organisation: streams and what was collected of them."""

    scope: Scope
    streams: list[Stream] = field(default_factory=list)
    collected: dict[str, int] = field(default_factory=dict)
    programs: tuple[str, ...] = field(default_factory=lambda: (new_id(), new_id()))
    carriers: tuple[str, ...] = field(default_factory=lambda: (new_id(), new_id()))

    def policy(self, rng: random.Random) -> str:
        """One policy with one to three streams and some of its premium collected."""
        account = making.account(self.scope)
        place = rng.randrange(2)
        for number in range(rng.choice((1, 1, 1, 2, 3))):
            begin = date(2026, 1, 1) + timedelta(rng.randrange(330))
            written = rng.choice((1_234_567, rng.randint(1, 9_999), -rng.randint(1, 500_000)))
            self.stream(
                account, place, number, written if number else abs(written), begin,
                begin + timedelta(rng.choice((365, 366, 90))),
                begin + timedelta(rng.randrange(90)) if rng.random() < 0.2 else None,
            )  # fmt: skip
        self.collect(account.policy_id, rng.choice((0, 1, 40_000, 10**7)))
        return str(account.policy_id)

    def stream(
        self, account: Any, place: int, number: int, written: int, begin: date, end: date,
        stopped: date | None = None, share: int | None = None,
    ) -> None:  # fmt: skip
        """One stream, in the table and for the reference."""
        share = round(Fraction(written * 5425, 10_000)) if share is None else share
        one = Stream(
            account.policy_id, self.programs[place], self.carriers[place], written, share, begin,
            end, stopped,
        )  # fmt: skip
        self.streams.append(one)
        values = {
            "id": new_id(),
            "policy_id": one.policy_id,
            "policy_number": account.policy_number,
            "policy_transaction_id": new_id(),
            "program_id": one.program,
            "carrier_id": one.carrier,
            "state": "FL",
            "transaction_no": number + 1,
            "written_cents": written,
            "carrier_written_cents": share,
            "currency": "USD",
            "earn_from": begin,
            "earn_to": end,
            "stopped_on": stopped,
            "status": "open",
            "created_at": NOW,
            "updated_at": NOW,
        }
        made(self.scope, billing.PremiumTransaction, values)

    def collect(self, policy_id: str, carrier_cents: int) -> None:
        """A carrier leg of premium collected."""
        self.collected[policy_id] = self.collected.get(policy_id, 0) + carrier_cents
        if carrier_cents:
            values = {
                "id": new_id(),
                "payment_id": new_id(),
                "invoice_id": new_id(),
                "policy_id": policy_id,
                "component": "premium",
                "amount_cents": carrier_cents * 2,
                "carrier_cents": carrier_cents,
                "currency": "USD",
                "allocated_at": NOW,
            }
            made(self.scope, billing.PaymentAllocation, values)

    def reference(self, as_of: date) -> dict[str, int]:
        """Debits less credits by journal account, as the nights up to a day must leave them."""
        sums: dict[str, int] = defaultdict(int)
        shares: dict[str, int] = defaultdict(int)
        for one in self.streams:
            shares[one.policy_id] += one.earned(one.share, as_of)
        for policy, earned in shares.items():
            paid = self.collected[policy]
            moved, uncollected = min(earned, paid), max(0, earned - paid)
            for code, cents in (("2500", moved), ("1210", uncollected)):
                sums[code] += cents
            for code, cents in (("2100", moved), ("2110", uncollected)):
                sums[code] -= cents
        return {code: cents for code, cents in sums.items() if cents}

    def gross(self, as_of: date) -> int:
        """Earned premium of the whole book, cents."""
        return sum(one.earned(one.written, as_of) for one in self.streams)

    def posted(self) -> list[billing.EarnedPremiumPosting]:
        """Every posting, oldest day first."""
        with entered(self.scope):
            rows = billing.EarnedPremiumPosting.objects.within(self.scope)
            return list(rows.order_by("as_of_date", "id"))
