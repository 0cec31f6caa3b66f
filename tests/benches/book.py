"""A large book that earns, in bulk rows: policies with streams, and receipts of most of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope, entered
from tests.benches.rows import write

LOADED = datetime(2026, 11, 1, 12, tzinfo=UTC)
AT_ONCE = 20_000  # policies held in memory
ENDORSED, PAID = 4, 10  # one policy in four has a second stream; nine in ten paid something
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Book:
    """Who writes what: ids of an organisation's programs, each with its carrier."""

    programs: tuple[tuple[str, str], ...]

    @classmethod
    def fresh(cls) -> Book:
        """Three programs of two carriers."""
        one, other = new_id(), new_id()
        return cls(((new_id(), one), (new_id(), other), (new_id(), one)))

    def load(self, scope: Scope, policies: int) -> int:
        """Write the rows; how many streams. The same seed, so the same amounts every time."""
        rng, streams = random.Random(29), 0
        with entered(scope):
            for first in range(0, policies, AT_ONCE):
                basket: dict[str, list[Row]] = {
                    "billing_accounts": [], "premium_transactions": [], "payment_allocations": [],
                }  # fmt: skip
                for serial in range(first, min(first + AT_ONCE, policies)):
                    for table, row in self._policy(rng, serial):
                        basket[table].append({"org_id": scope.org_id, "id": new_id()} | row)
                streams += len(basket["premium_transactions"])
                write(basket)
        return streams

    def _policy(self, rng: random.Random, serial: int) -> Iterator[tuple[str, Row]]:
        policy, number = new_id(), f"BEN-2026-{serial:07d}"
        stamps = {"created_at": LOADED, "updated_at": LOADED}
        yield "billing_accounts", stamps | {
            "account_number": f"ACC-{serial:07d}", "insured_id": new_id(),
            "insured_name_norm": f"haulier {serial:07d}", "policy_id": policy,
            "policy_number": number, "bill_type": "direct_bill", "producer_id": new_id(),
            "payer_name": f"Haulier {serial:07d}", "plan_code": "PIF", "status": "active",
            "currency": "USD",
        }  # fmt: skip
        program, carrier = self.programs[serial % len(self.programs)]
        written = rng.randint(320_000, 2_400_000)
        begin = date(2026, 1, 2) + timedelta(rng.randrange(300))
        end = begin.replace(year=begin.year + 1)
        for place in range(2 if serial % ENDORSED == 0 else 1):
            premium = rng.randint(-written // 4, written // 4) if place else written
            yield "premium_transactions", stamps | {
                "policy_id": policy, "policy_number": number, "policy_transaction_id": new_id(),
                "program_id": program, "carrier_id": carrier, "state": "FL",
                "transaction_no": place + 1, "written_cents": premium,
                "carrier_written_cents": premium * 5_425 // 10_000, "currency": "USD",
                "earn_from": begin + timedelta(30 * place), "earn_to": end, "status": "open",
            }  # fmt: skip
        if serial % PAID:
            yield "payment_allocations", {
                "payment_id": new_id(), "invoice_id": new_id(), "policy_id": policy,
                "component": "premium", "amount_cents": written // 5,
                "carrier_cents": written // 10, "currency": "USD", "allocated_at": LOADED,
            }  # fmt: skip
