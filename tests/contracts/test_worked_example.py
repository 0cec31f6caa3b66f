"""The worked example of the domain (5.5), step by step on every ledger, in the nine accounts.

After each step: debits are credits, trust cash is all credit balances less claims paid, and no
account is below its limit.
"""

from __future__ import annotations

import pytest

from openinsure.ledger.accounts import TYPES
from openinsure.ledger.port import AMOUNT_MAX, Account, Adapter
from tests.contracts.ledgers import Bench, T, fresh

pytestmark = pytest.mark.django_db(databases=["ledger_engine"])
CASH, PAID = "MGA_FIDUCIARY", "CLAIMS_PAID"
FUND, CLAIMS = "LOSS_FUND unearned", "LOSS_FUND claims"
CARRIER, PRODUCER, REVENUE = "CARRIER_PAYABLE", "PRODUCER_PAYABLE", "MGA_REVENUE"
TAX, REINSURER, RESERVES = "TAX_AUTHORITY_PAYABLE", "REINSURER_PAYABLE", "RESERVES"
EXTERNAL = "EXTERNAL_PAYOUT"
# Each step is one chain: debit, credit, cents, code.
STEPS = {
    "1 receipt": (
        (CASH, PRODUCER, 30_864, 1001), (CASH, REVENUE, 24_691, 1002),
        (CASH, REINSURER, 57_407, 1005), (CASH, FUND, 133_951, 1006),
        (CASH, REVENUE, 15_000, 1003), (CASH, TAX, 61_729, 1004), (CASH, TAX, 750, 1004),
    ),
    "2 earned, 60 days": ((FUND, CARRIER, 110_096, 1101),),
    "3 claims fund": ((CASH, CLAIMS, 5_000_000, 1501),),
    "4 reserve": ((CLAIMS, RESERVES, 2_000_000, 1201),),
    "4 raised": ((CLAIMS, RESERVES, 500_000, 1201),),
    "5 check": ((PAID, CASH, 1_250_000, 1203), (RESERVES, CLAIMS, 1_250_000, 1202)),
    "6 claim closed": ((RESERVES, CLAIMS, 1_250_000, 1202),),
    "7 subrogation": ((CASH, PAID, 400_000, 1204),),
}  # fmt: skip
PAYOUTS = {"8 settlement": (CARRIER, 110_096), "9 producer": (PRODUCER, 30_864)}
ENDED = {
    CASH: 4_333_432, PAID: 850_000, REVENUE: -39_691, REINSURER: -57_407, FUND: -23_855,
    TAX: -62_479, CLAIMS: -5_000_000,
}  # fmt: skip


class Books:
    """The accounts of one organisation by name, with the flags the console opens them with."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.ids = {f"{one.name} {one.sub_purpose}".strip(): fresh() for one in TYPES}
        asked = [
            Account(id=made, ledger=bench.ledger, code=one.code, flags=one.flags)
            for made, one in zip(self.ids.values(), TYPES, strict=True)
        ]
        assert set(bench.accounts(*asked)) == {"CREATED"}

    def move(self, *legs: tuple[str, str, int, int]) -> list[str]:
        """One chain; its statuses."""
        last = len(legs) - 1
        return self.bench.send(*(
            self.bench.transfer(self.ids[debit], self.ids[credit], cents, code=code,
                                flags=T.LINKED if place < last else T.NONE)
            for place, (debit, credit, cents, code) in enumerate(legs)
        ))  # fmt: skip

    def pay_out(self, payable: str, cents: int) -> None:
        """Authorised, pending; then the bank confirms: posted, and the cash is gone."""
        held = self.bench.transfer(
            self.ids[payable], self.ids[EXTERNAL], cents, code=1301, flags=T.PENDING
        )
        assert self.bench.send(held) == ["CREATED"]
        posted = self.bench.transfer(
            0, 0, AMOUNT_MAX, pending_id=held.id, ledger=0, code=0,
            flags=T.POST_PENDING_TRANSFER | T.LINKED,
        )  # fmt: skip
        paid = self.bench.transfer(self.ids[EXTERNAL], self.ids[CASH], cents, code=1302)
        assert self.bench.send(posted, paid) == ["CREATED", "CREATED"]

    def balances(self) -> dict[str, int]:
        """Debits less credits of those that are not zero."""
        sums = {name: self.bench.sums(made) for name, made in self.ids.items()}
        return {name: one[1] - one[3] for name, one in sums.items() if one[1] != one[3]}

    def hold(self) -> None:
        """Invariants 6, 7 and 8, of what the ledger says."""
        standing = self.balances()
        assert sum(standing.values()) == 0
        credits = -sum(cents for name, cents in standing.items() if name not in (CASH, PAID))
        assert standing.get(CASH, 0) == credits - standing.get(PAID, 0)
        assert standing.get(CASH, 0) >= 0
        assert all(standing.get(name, 0) <= 0 for name in (RESERVES, FUND, "SUSPENSE"))


def test_it_ends_with_the_balances_of_the_domain(adapter: Adapter) -> None:
    books = Books(Bench(adapter))
    for step, legs in STEPS.items():
        assert set(books.move(*legs)) == {"CREATED"}, step
        books.hold()
    for payable, cents in PAYOUTS.values():
        books.pay_out(payable, cents)
        books.hold()
    assert books.balances() == ENDED


def test_it_never_takes_more_than_is_there(adapter: Adapter) -> None:
    books = Books(Bench(adapter))
    books.move(*STEPS["1 receipt"])
    before = books.balances()
    assert books.move((FUND, CARRIER, 133_952, 1101)) == ["EXCEEDS_CREDITS"]
    assert books.move((RESERVES, CLAIMS, 1, 1202)) == ["EXCEEDS_CREDITS"]
    assert books.move((TAX, CASH, 324_393, 1302)) == ["EXCEEDS_DEBITS"]
    assert books.balances() == before
