"""Treaties, bordereaux and settlements of the demo: every month reported, the older ones paid.

Taken up chunk by chunk beside the journal; made at the end, because what is due to a carrier is
what the journal then says. The last month waits: for approval, or for release.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from openinsure.billing import payouts
from openinsure.billing.bordereau_lines import Written, frozen, premium_line
from openinsure.billing.operations.bordereaux import TEMPLATE
from openinsure.billing.payouts import LEG, Payout
from openinsure.billing.postings import LedgerKey
from openinsure.demo import parties
from openinsure.demo.billing_rows import Row
from openinsure.demo.book import Book
from openinsure.demo.claims_told import write_lines
from openinsure.demo.clock import at
from openinsure.demo.journal import Entry, Journal
from openinsure.demo.losses import Losses
from openinsure.demo.parties import Treaty, month_end, month_ends, written
from openinsure.ledger import ids

SETTLED_MONTHS = 4  # month-ends that are paid, before the one that waits
SETTLING = 9  # the order on one day, after receipts
OFFERS = 15  # days from the month's end until it is due


class Carriers:
    """What an organisation owes its carriers and reinsurers."""

    def __init__(self, book: Book, journal: Journal) -> None:
        self.book, self.journal = book, journal
        self.told: dict[tuple[str, date], list[Written]] = defaultdict(list)
        self.ceded: dict[tuple[str, date], list[int]] = defaultdict(lambda: [0, 0])
        self.losses = Losses()
        self.paid: dict[str, int] = defaultdict(int)  # by carrier: settled so far
        self.accounts: dict[str, str] = {}  # outside account by payee
        self.programs_of_treaty: dict[str, str] = {}
        self.lines: list[tuple[date, int, str, str, str]] = []  # for the bank's statement

    def take_up(self, tables: dict[str, list[Row]]) -> None:
        """The movements and receipts of the policies now in the basket."""
        policies = {row["id"]: row for row in tables["policies"]}
        before: dict[str, int] = defaultdict(int)
        for row in tables["policy_transactions"]:
            policy = policies.get(row["policy_id"])
            if policy is None:
                continue
            key = (policy["program_id"], month_end(row["process_date"]))
            self.told[key].append(written(row, policy, before[policy["id"]]))
            before[policy["id"]] += row["written_premium_cents"]
        for row in tables["payment_allocations"]:
            if row["component"] == "premium" and row["policy_id"] in policies:
                program = policies[row["policy_id"]]["program_id"]
                sums = self.ceded[program, month_end(row["allocated_at"].date())]
                sums[0] += row["amount_cents"]
                sums[1] += row["reinsurer_cents"]

        self.losses.take_up(tables)

    def close(self) -> None:
        """Make everything; entries go into the journal, before it is closed."""
        treaties = {row["id"]: parties.treaty(self.book, row) for row in self.book.programs}
        for made in treaties.values():
            self.programs_of_treaty[made.id] = made.program_id
            for key, name, _ in made.participants:
                self.accounts[key] = parties.account(self.book, "reinsurer", key, name)
        for carrier in dict.fromkeys(row["carrier_id"] for row in self.book.programs):
            self.accounts[carrier] = parties.account(self.book, "carrier", carrier, "Trust desk")
            self._carrier(carrier, treaties)

    def _carrier(self, carrier: str, treaties: dict[str, Treaty]) -> None:
        programs = [row["id"] for row in self.book.programs if row["carrier_id"] == carrier]
        last = self.book.today.replace(day=1) - timedelta(days=1)
        ends = sorted(month_ends(last, SETTLED_MONTHS + 1))
        open_ones = [key for key in sorted(self.told) if key[0] in programs and key[1] <= last]
        since = date.min
        for end in ends:
            now = [key for key in open_ones if key[1] <= end]
            open_ones = [key for key in open_ones if key[1] > end]
            cessions = [
                made
                for program in programs
                for made in parties.cessions(
                    self.book,
                    treaties[program],
                    self._ceded(program, since, end),
                    end,
                    paid=self.losses.between(program, since, end),
                )
            ]
            since = end
            told = [self._told(key, carrier) for key in now]
            if end == last and len(programs) > 1 and len(told) > 1:
                waiting = told.pop()  # for its approval
                waiting |= {"status": "generated", "approved_by_user_id": None}
                waiting |= dict.fromkeys(("approved_at", "sent_at", "acknowledged_at"))
            self._settle(carrier, end, told, cessions)

    def _ceded(self, program: str, since: date, end: date) -> tuple[int, int]:
        """Premium collected and its ceded legs after one month's end up to another."""
        found = [
            sums for (one, month), sums in self.ceded.items()
            if one == program and since < month <= end
        ]  # fmt: skip
        return sum(premium for premium, _ in found), sum(net for _, net in found)

    def _settle(self, carrier: str, end: date, told: list[Row], cessions: list[Row]) -> None:
        due = self._payable(carrier, end) - self.paid[carrier]
        if due <= 0 or not told:
            return
        waits = end == self.book.today.replace(day=1) - timedelta(days=1)
        made = (
            at(self.book.today - timedelta(days=1), 20)
            if waits
            else at(end + timedelta(days=8), 14)
        )
        row = self._settlement(carrier, end, due, made, waits)
        for one in told:
            one["settlement_id"] = row["id"]
            one["status"] = "acknowledged" if waits else "settled"
        sums: dict[str, int] = defaultdict(int)
        for cession in cessions:
            cession["settlement_id"] = row["id"]
            cession["status"] = "agreed" if waits else "settled"
            sums[cession["participant_id"]] += cession["net_cents"]
        by_payee = {one["participant_id"]: one for one in cessions}
        self._payout(row, "carrier", carrier, due, None)
        for participant, cents in sums.items():
            if cents > 0:
                self._payout(row, "reinsurer", participant, cents, by_payee[participant])
        if not waits:
            self.paid[carrier] += due

    def _settlement(self, carrier: str, end: date, due: int, made: datetime, waits: bool) -> Row:
        finance, boss = self.book.users["finance_analyst"], self.book.users["org_admin"][0]["id"]
        number = self.book.next("settlement")
        approved = number % 2 == 0 or not waits
        values: dict[str, Any] = {"status": "approved" if approved else "ready"}
        if approved:
            values |= {"approved_by_user_id": boss, "approved_at": made + timedelta(hours=3)}
        if not waits:
            values |= {
                "status": "settled",
                "released_by_user_id": finance[0]["id"],
                "released_at": at(end + timedelta(days=12), 15),
                "settled_at": at(end + timedelta(days=14), 15),
            }
        return self.book.basket.add(
            "carrier_settlements",
            id=self.book.id(made),
            settlement_number=f"STL-{self.book.spec.prefix}-{number:06d}",
            carrier_id=carrier,
            period_end=end,
            premium_due_cents=due,
            claims_offset_cents=0,
            net_due_cents=due,
            currency="USD",
            due_date=end + timedelta(days=OFFERS),
            author_user_id=finance[1]["id"],
            created_at=made,
            updated_at=values.get("settled_at", values.get("approved_at", made)),
            **values,
        )

    def _payout(self, of_row: Row, kind: str, payee: str, cents: int, cession: Row | None) -> None:
        made, key = of_row["created_at"], self.book.id(of_row["created_at"])
        settled = of_row["status"] == "settled"
        account = self.accounts[payee]
        row = self.book.basket.add(
            "settlement_payouts",
            id=key,
            settlement_id=of_row["id"],
            payee_type=kind,
            payee_id=payee,
            account_type="CARRIER_PAYABLE" if kind == "carrier" else "REINSURER_PAYABLE",
            amount_cents=cents,
            currency="USD",
            external_account_id=account,
            status="posted" if settled else "scheduled",
            created_at=made,
            updated_at=of_row["updated_at"],
        )
        if settled:
            self._book(of_row, row, cession)

    def _book(self, of_row: Row, row: Row, cession: Row | None) -> None:
        """The entries of release and of the bank's answer, with the bank's line."""
        released, paid = of_row["released_at"], of_row["settled_at"]
        program = self.programs_of_treaty[cession["treaty_id"]] if cession else ""
        payout = Payout(
            account="2400" if cession else "2100",
            payable=LedgerKey("REINSURER_PAYABLE", "treaty_participant", program)
            if cession
            else LedgerKey("CARRIER_PAYABLE", "carrier", row["payee_id"]),
            payee=LedgerKey("EXTERNAL_PAYOUT", "payee", row["external_account_id"]),
            cents=row["amount_cents"],
            carrier_id=None if cession else row["payee_id"],
        )
        pending = ids.transfer_id(
            self.book.spec.id, "settlement_release", row["id"], LEG, 0, at=released
        )
        row |= {"tb_pending_transfer_id": pending, "confirmed_at": paid}
        words = f"Settlement {of_row['settlement_number']}, {row['payee_type']}"
        steps = (
            (released, "settlement_release", payouts.authorised(payout)),
            (paid, "settlement_confirm", payouts.confirmed(payout, pending)),
        )
        for when, source, (lines, transfers) in steps:
            self.journal.add(
                Entry(when=when, rank=SETTLING, source_type=source, source_id=row["id"],
                      words=words, lines=lines, transfers=transfers)
            )  # fmt: skip
        day = paid.date() + timedelta(days=1)
        row["bank_transaction_id"] = self.book.id(at(day))
        line = (day, -row["amount_cents"], "settlement_payout", row["id"])
        self.lines.append((*line, row["bank_transaction_id"]))

    def _payable(self, carrier: str, end: date) -> int:
        """What the journal owes a carrier at a month's end, settlements aside."""
        return -sum(
            line.cents
            for _, entry in self.journal.entries
            if (entry.entry_date or entry.when.date()) <= end
            and not entry.source_type.startswith("settlement_")
            for line in entry.lines
            if line.account == "2100" and line.carrier_id == carrier
        )

    def _told(self, key: tuple[str, date], carrier: str) -> Row:
        """The bordereau of a program's month."""
        program, end = key
        lines = [premium_line(row) for row in self.told[key]]
        made = at(end + timedelta(days=3), 14)
        finance = self.book.users["finance_analyst"]
        number = self.book.next("bordereau")
        row = self.book.basket.add(
            "bordereaux",
            id=self.book.id(made),
            bordereau_number=f"BDX-{self.book.spec.prefix}-{number:06d}",
            kind="premium",
            carrier_id=carrier,
            program_id=program,
            period_start=end.replace(day=1),
            period_end=end,
            status="acknowledged",
            template_version=TEMPLATE,
            currency="USD",
            author_user_id=finance[1]["id"],
            generated_at=made,
            approved_by_user_id=finance[0]["id"],
            approved_at=made + timedelta(hours=2),
            sent_at=made + timedelta(hours=4),
            acknowledged_at=made + timedelta(days=1),
            created_at=made,
            updated_at=made + timedelta(days=1),
            **frozen(lines),
        )
        write_lines(self.book, row, lines)
        return row
