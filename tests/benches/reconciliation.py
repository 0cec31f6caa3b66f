"""Journal against ledger of one organisation, as every morning: a day's transfers, all sums."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from openinsure.billing.models import GlJournalLine, GlPeriod, LedgerAccount
from openinsure.billing.operations.accounts import gl_accounts
from openinsure.billing.operations.journal import post_entry
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.postings import LedgerKey, Line
from openinsure.billing.postings import Transfer as Leg
from openinsure.jobs.reconciliation import reconcile
from openinsure.jobs.relay import relay
from openinsure.keyspaces.ids import new_id
from openinsure.ledger import ids
from openinsure.ledger.backends import adapter
from openinsure.ledger.port import JOB_DEADLINE_MS, Transfer
from openinsure.tenancy.scope import Scope, entered
from tests.benches.rows import write
from tests.benches.verdict import Verdict, Watch
from tests.billing import posting
from tests.conftest import fresh_scope

LINES = {"smoke": 20_000, "full": 1_000_000}
ENTRY_LINES, AT_ONCE, DAY = 4, 10_000, 2_000  # lines of an entry; entries in memory, of a day
LIMIT_S = 5
BEFORE, TODAY = datetime(2026, 11, 19, 12, tzinfo=UTC), datetime(2026, 11, 20, 7, tzinfo=UTC)
FUND = LedgerKey("LOSS_FUND", "program", new_id(), "unearned")
CODES = ("1010", "2500", "2900", "1200")
Row = dict[str, Any]


def measure(verdict: Verdict, size: str) -> None:
    """The second comparison of an organisation: the first has seen all but a day's transfers."""
    scope, entries = fresh_scope(), LINES[size] // ENTRY_LINES
    posting.organization(scope)
    with entered(scope):
        book = _Book(scope)
        reconcile(scope, BEFORE.date(), now=BEFORE + timedelta(hours=1))
        book.load(entries - DAY, at=BEFORE, status="posted")
        book.tell_the_ledger()
        book.load(DAY, at=TODAY, status="queued")
        while relay(scope, now=TODAY + timedelta(minutes=1)).posted:
            pass
        lines = GlJournalLine.objects.within(scope).count()
        watch = Watch()
        found = reconcile(scope, TODAY.date(), now=TODAY + timedelta(minutes=2))
        seconds = watch.wall
    matched = [one for part in found for one in part.compared if not one.unexplained_cents]
    clean = len(matched) > 1 and not any(part.faults for part in found)
    verdict.holds(f"reconciliation: {lines:,} lines agree with {adapter().name}", clean)
    verdict.say(f"reconciliation: {lines / seconds:,.0f} journal lines/s")
    if size == "full":
        verdict.within(f"reconciliation: {lines:,} journal lines", seconds, LIMIT_S)


class _Book:
    """Receipts in bulk: trust cash against the fund, and the receivable against its contra."""

    def __init__(self, scope: Scope) -> None:
        self.scope, self.serial, self.cents = scope, 0, 0
        post_entry(
            scope, once=posting.once(), entry_date=BEFORE.date(), source_type="payment",
            source_id=new_id(),
            lines=[Line(account="1010", cents=1), Line(account="2500", cents=-1)],
            transfers=[Leg(leg="one", code=1006, debit=posting.CASH, credit=FUND, cents=1)],
            now=BEFORE,
        )  # fmt: skip
        assert relay(scope, now=BEFORE).posted == 1
        self.period = GlPeriod.objects.within(scope).get().id
        self.gl = in_transaction(lambda: gl_accounts(scope, CODES, currency="USD", now=BEFORE))
        rows = LedgerAccount.objects.within(scope)
        self.cash, self.fund = (
            rows.get(account_type=key.account_type) for key in (posting.CASH, FUND)
        )

    def load(self, entries: int, *, at: datetime, status: str) -> None:
        """Write entries with four lines and a transfer each."""
        for first in range(0, entries, AT_ONCE):
            basket: dict[str, list[Row]] = {
                "gl_journal_entries": [], "gl_journal_lines": [], "ledger_transfers": [],
            }  # fmt: skip
            for _ in range(min(AT_ONCE, entries - first)):
                for table, row in self._entry(at, status):
                    basket[table].append({"org_id": self.scope.org_id, "id": new_id()} | row)
            write(basket)

    def tell_the_ledger(self) -> None:
        """All that was loaded as posted, in one transfer: its sums are what is compared."""
        moved = Transfer(
            id=ids.number(new_id().replace("-", "")), amount=self.cents, code=1006,
            ledger=self.cash.ledger_code, debit_account_id=ids.number(self.cash.tb_account_id),
            credit_account_id=ids.number(self.fund.tb_account_id),
        )  # fmt: skip
        (told,) = adapter().create_transfers([moved], deadline_ms=JOB_DEADLINE_MS)
        assert told.done, told

    def _entry(self, at: datetime, status: str) -> Iterator[tuple[str, Row]]:
        self.serial += 1
        cents, entry, source = 1 + self.serial % 900_000, new_id(), new_id()
        self.cents += cents
        day: date = at.date()
        stamps = {"created_at": at, "currency": "USD", "source_type": "payment"}
        yield "gl_journal_entries", stamps | {
            "id": entry, "entry_number": f"JE-2026-11-9{self.serial:07d}", "period_id": self.period,
            "entry_date": day, "effective_date": day, "status": "posted", "source_id": source,
            "total_debit_cents": 2 * cents,
            "total_credit_cents": 2 * cents, "posted_at": at, "updated_at": at, "batch_id": entry,
            "idempotency_key": f"bench:{entry}",
        }  # fmt: skip
        for number, code in enumerate(CODES, 1):
            debit = number % 2 == 1
            yield "gl_journal_lines", stamps | {
                "journal_entry_id": entry, "line_no": number, "gl_account_id": self.gl[code],
                "account_code": code, "debit_cents": cents * debit,
                "credit_cents": cents * (not debit), "entry_date": day,
            }  # fmt: skip
        yield "ledger_transfers", stamps | {
            "tb_transfer_id": ids.transfer_id(self.scope.org_id, "bench", source, "a", 0, at=at),
            "batch_id": entry, "batch_seq": 0, "linked": False, "debit_account_id": self.cash.id,
            "credit_account_id": self.fund.id, "amount_cents": cents, "transfer_code": 1006,
            "source_id": source, "gl_entry_id": entry, "status": status, "updated_at": at,
        }  # fmt: skip
