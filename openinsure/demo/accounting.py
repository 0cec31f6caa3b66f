"""One organisation's journal and ledger, taken up chunk by chunk and written at its end."""

from __future__ import annotations

from datetime import datetime

from openinsure.demo import journal_policies, ledger
from openinsure.demo.book import Book
from openinsure.demo.carrier_rows import Carriers
from openinsure.demo.claims_told import ClaimsTold
from openinsure.demo.dues_rows import Dues
from openinsure.demo.earning_runs import EarningRuns
from openinsure.demo.journal import Journal
from openinsure.demo.journal_claims import ClaimsMoney
from openinsure.demo.manual_rows import ManualEntries
from openinsure.demo.scribe import Scribe
from openinsure.tenancy.scope import Scope

POLICIES_MAX = 2_000  # an organisation's policies with journal and transfers (product.md 4)


class Accounting:
    """Takes the baskets of an organisation up until it has POLICIES_MAX policies."""

    def __init__(self, book: Book, ledger_code: int) -> None:
        self.book = book
        self.journal = Journal(book, ledger_code)
        self.runs, self.claims = EarningRuns(book), ClaimsMoney(self.journal)
        self.carriers = Carriers(book, self.journal)
        self.told = ClaimsTold(book)
        self.dues = Dues(book, self.journal)
        self.manual = ManualEntries(self.journal)
        self.policies = 0

    def take_up(self) -> None:
        """The policies and claims now in the basket. Before it is flushed."""
        if self.policies >= POLICIES_MAX:
            return
        tables = self.book.basket.tables
        self.policies += len(tables["policies"])
        journal_policies.take_up(self.journal, self.runs, tables)
        self.claims.take_up(tables)
        self.carriers.take_up(tables)
        self.told.take_up(tables)
        self.dues.take_up(tables)

    def close(self, scope: Scope, scribe: Scribe, *, now: datetime) -> None:
        """Post everything and have it written; what is few stays in the basket."""
        self.tell()
        ledger.write_journal(scope, self.journal, scribe, now=now)

    def tell(self) -> None:
        """Everything in its order: the journal is closed, and numbered, last."""
        self.runs.close(self.journal)
        self.claims.close()
        self.carriers.close()
        self.told.close()
        self.dues.close(self.carriers.lines)
        self.manual.post()
        self.journal.close()
        self.manual.propose()
