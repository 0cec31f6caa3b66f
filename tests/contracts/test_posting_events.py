"""Events of money (domain 5.4) on every ledger: journal and ledger agree by type after each one.

The lines and legs are those that the console books. A chain that the ledger refuses is not
booked. 200 sequences a run, 1,000 by `make properties`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openinsure.billing import claim_money, payouts
from openinsure.billing.chart import CHART, LEDGER_TYPES
from openinsure.billing.operations.payments import NO_LEGS
from openinsure.billing.payouts import Payout
from openinsure.billing.postings import LedgerKey, Line, Transfer, balanced, directed
from openinsure.billing.receipts import Part, Terms, lines_of, transfers_of
from openinsure.ledger.port import AMOUNT_MAX, Account, Adapter, TransferFlags
from openinsure.money.legs import receipt_legs
from openinsure.money.rates import Split
from tests.contracts.ledgers import DEADLINE_MS, Bench, T, fresh

pytestmark = pytest.mark.django_db(databases=["ledger_engine"])
SPLIT = Split.from_rates(producer="0.125", mga="0.10", quota_share="0.30")
CASH, PAID, SUSPENSE = "MGA_FIDUCIARY", "CLAIMS_PAID", "SUSPENSE"
CLAIM = claim_money.ClaimTerms(claim_id="claim", policy_id="policy", program_id="program")
PAYABLES = {
    "2100": LedgerKey("CARRIER_PAYABLE", "carrier", "carrier"),
    "2200": LedgerKey("PRODUCER_PAYABLE", "producer", "producer"),
    "2300": LedgerKey("TAX_AUTHORITY_PAYABLE", "tax", "FL:tax"),
    "2400": LedgerKey("REINSURER_PAYABLE", "treaty_participant", "program"),
    "1030": LedgerKey("MGA_REVENUE", "org", "org"),
}
HELD = TransferFlags(payouts.PENDING)
ENDS = TransferFlags(payouts.POST_PENDING | payouts.VOID_PENDING)


@dataclass
class Books:
    """One organisation: its journal, its open suspense items, its accounts in the ledger."""

    bench: Bench
    ids: dict[LedgerKey, int] = field(default_factory=dict)
    journal: Counter[str] = field(default_factory=Counter)  # debits less credits by ledger type
    suspense: list[int] = field(default_factory=list)  # open items, cents
    collected: int = 0  # premium, cents
    earned: int = 0  # carrier share, cents
    waiting: list[tuple[Payout, int, int]] = field(default_factory=list)  # with its transfer, cents

    def account(self, key: LedgerKey) -> int:
        """Its id; opened when first named, as the relay does."""
        if key not in self.ids:
            kind = LEDGER_TYPES[key.account_type, key.sub_purpose]
            self.ids[key] = fresh()
            asked = Account(
                id=self.ids[key], ledger=self.bench.ledger, code=kind.code, flags=kind.flags
            )
            assert self.bench.accounts(asked) == ["CREATED"]
        return self.ids[key]

    def book(self, lines: list[Line], legs: list[Transfer], pending: int = 0) -> list[int]:
        """One entry and its chain: both, or neither; the ids of the chain, empty if refused."""
        balanced(lines)
        wanted = directed(legs)
        sent = []
        for place, leg in enumerate(wanted):
            flags = TransferFlags(leg.flags)
            more = {"pending_id": pending} if flags & ENDS else {}
            amount = AMOUNT_MAX if flags & T.POST_PENDING_TRANSFER else leg.cents
            linked = T.LINKED if place < len(wanted) - 1 else T.NONE
            sent.append(self.bench.transfer(
                self.account(leg.debit), self.account(leg.credit), amount, code=leg.code,
                flags=flags | linked, **more,
            ))  # fmt: skip
        told = set(self.bench.send(*sent)) if sent else {"CREATED"}
        if told != {"CREATED"}:
            assert told <= {"EXCEEDS_CREDITS", "EXCEEDS_DEBITS", "LINKED_EVENT_FAILED"}, told
            return []
        for line in lines:
            self.journal[CHART[line.account].ledger] += line.cents
        return [one.id for one in sent]

    def terms(self) -> Terms:
        return Terms(
            org_id="org", policy_id="policy", split=SPLIT, producer_id="producer",
            carrier_id="carrier", program_id="program", state="FL",
            carrier_earned_cents=self.earned,
        )  # fmt: skip

    def receive(self, premium: int, tax: int, unapplied: int) -> None:
        """Money in: premium, tax and what is left over; negative: taken back, or from suspense."""
        parts = [
            Part("premium", premium,
                 receipt_legs(SPLIT, before_cents=self.collected, now_cents=premium)),
            Part("tax", tax, NO_LEGS),
        ]  # fmt: skip
        collected = receipt_legs(SPLIT, before_cents=0, now_cents=self.collected).carrier_cents
        amounts = {"unapplied_cents": unapplied, "collected_cents": collected}
        lines = lines_of(self.terms(), parts, **amounts)
        if lines and self.book(lines, transfers_of(self.terms(), parts, **amounts)):
            self.collected += premium
            if unapplied > 0:
                self.suspense.append(unapplied)
            elif unapplied:
                self.suspense.pop()

    def earn(self, cents: int) -> None:
        """The carrier's share earned grows; what is collected of it moves."""
        collected = receipt_legs(SPLIT, before_cents=0, now_cents=self.collected).carrier_cents
        moved = min(self.earned + cents, collected) - min(self.earned, collected)
        fund = LedgerKey("LOSS_FUND", "program", "program", "unearned")
        leg = Transfer(leg="e", code=1101, debit=fund, credit=PAYABLES["2100"], cents=moved)
        lines = [Line(account="2500", cents=moved), Line(account="2100", cents=-moved)]
        if not moved or self.book(lines, [leg]):
            self.earned += cents

    def pay_out(self, account: str, cents: int) -> None:
        """Released: pending in the ledger until the bank answers."""
        payee = LedgerKey("EXTERNAL_PAYOUT", "payee", account)
        payout = Payout(account=account, payable=PAYABLES[account], payee=payee, cents=cents)
        made = self.book(*payouts.authorised(payout))
        if made:
            self.waiting.append((payout, made[0], cents))

    def answer(self, *, paid: bool) -> None:
        """The bank's, on the oldest payout that waits."""
        if not self.waiting:
            return
        payout, pending, _ = self.waiting[0]
        entry = payouts.confirmed if paid else payouts.returned
        if self.book(*entry(payout, "1"), pending=pending):
            self.waiting.pop(0)

    def hold(self) -> None:
        """Invariants 6, 7, 8, 33 and 34, of what the ledger says."""
        posted, held = Counter[str](), Counter[str]()
        found = self.bench.adapter.lookup_accounts(list(self.ids.values()), deadline_ms=DEADLINE_MS)
        by_id = {one.id: one for one in found}
        for key, made in self.ids.items():
            one = by_id[made]
            posted[key.account_type] += one.debits_posted - one.credits_posted
            held[key.account_type] += one.debits_pending - one.credits_pending
            if key.account_type in ("RESERVES", SUSPENSE) or key.sub_purpose == "unearned":
                assert one.credits_posted >= one.debits_posted + one.debits_pending
            if key.account_type == CASH:
                assert one.debits_posted >= one.credits_posted + one.credits_pending
        waiting = sum(cents for *_, cents in self.waiting)
        assert held["EXTERNAL_PAYOUT"] == -waiting
        for name in {kind.ledger for kind in CHART.values()} - {""}:
            assert posted[name] + held[name] == self.journal[name], name
        assert sum(posted.values()) == sum(held.values()) == 0
        credits = -sum(cents for name, cents in posted.items() if name not in (CASH, PAID))
        assert posted[CASH] == credits - posted[PAID]
        assert -posted[SUSPENSE] == sum(self.suspense)


CENTS = st.integers(1, 10**7)
SMALL = st.sampled_from([1, 2, 3, 50, 1_000, 100_000])
EVENTS = st.one_of(
    st.tuples(st.just("receive"), CENTS, st.integers(0, 10**5), st.integers(0, 10**6)),
    st.tuples(st.just("receive"), SMALL, st.just(0), st.just(0)),
    st.tuples(st.just("take back"), CENTS), st.tuples(st.just("from suspense")),
    st.tuples(st.just("earn"), CENTS),
    st.tuples(st.just("deposit"), CENTS), st.tuples(st.just("reserve"), CENTS),
    st.tuples(st.just("release"), SMALL), st.tuples(st.just("check"), CENTS),
    st.tuples(st.just("recover"), SMALL),
    st.tuples(st.just("pay out"), st.sampled_from(sorted(PAYABLES)), SMALL),
    st.tuples(st.just("paid"), st.booleans()),
)  # fmt: skip


def do(books: Books, what: tuple[object, ...]) -> None:
    """One event."""
    match what:
        case ("receive", int(premium), int(tax), int(left)):
            books.receive(premium, tax, left)
        case ("take back", int(cents)):
            books.receive(-min(cents, books.collected), 0, 0)
        case ("from suspense",) if books.suspense:
            books.receive(books.suspense[-1], 0, -books.suspense[-1])
        case ("earn", int(cents)):
            books.earn(cents)
        case ("deposit", int(cents)):
            books.book(*claim_money.deposit("program", "carrier", cents))
        case ("reserve", int(cents)):
            books.book(*claim_money.reserve_change(CLAIM, cents))
        case ("release", int(cents)):
            books.book(*claim_money.reserve_change(CLAIM, -cents))
        case ("check", int(cents)):
            books.book(*claim_money.check(CLAIM, cents, takedown_cents=cents))
        case ("recover", int(cents)):
            books.book(*claim_money.recovery(CLAIM, cents))
        case ("pay out", str(account), int(cents)):
            books.pay_out(account, cents)
        case ("paid", bool(paid)):
            books.answer(paid=paid)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EVENTS, min_size=3, max_size=12))
def test_journal_and_ledger_agree_after_every_event(
    adapter: Adapter, wanted: list[tuple[object, ...]]
) -> None:
    books = Books(Bench(adapter))
    for what in [("receive", 1_000_000, 5_000, 40_000), *wanted]:
        do(books, what)
        books.hold()
    assert len(books.ids) > len(PAYABLES)  # the first receipt is booked at least


def test_suspense_is_its_open_items_to_the_last(adapter: Adapter) -> None:
    books = Books(Bench(adapter))
    for cents in (40_000, 1, 7):
        books.receive(100, 0, cents)
        books.hold()
    for left in (2, 1, 0):
        do(books, ("from suspense",))
        books.hold()
        assert len(books.suspense) == left
