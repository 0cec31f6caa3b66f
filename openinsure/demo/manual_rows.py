"""Manual entries of the demo: one posted and taken back, which nets to nothing, one waiting."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from openinsure.billing.operations.manual import APPROVED, PROPOSAL, PROPOSED, SOURCE, told
from openinsure.billing.postings import Line
from openinsure.demo.clock import at, days
from openinsure.demo.journal import ENTRIES, Entry, Journal
from openinsure.demo.writer import instant

POSTED_DAYS, TAKEN_BACK_DAYS, WAITING_DAYS = 6, 5, 1  # ago: in a month that is open
POSTED_CENTS, WAITING_CENTS = 25_000, 18_000
LAST = 99  # the order on one day


class ManualEntries:
    """Proposals of one person and decisions of another, on accounts without a ledger one."""

    def __init__(self, journal: Journal) -> None:
        self.journal, self.book = journal, journal.book
        finance = self.book.users["finance_analyst"]
        self.decides, self.proposes = finance[0]["id"], finance[1]["id"]
        self.posted, self.back = (
            at(self.book.today - days(ago), 15) for ago in (POSTED_DAYS, TAKEN_BACK_DAYS)
        )

    def post(self) -> None:
        """The entry and its mirror. Before the journal is closed."""
        self.entry, self.mirror = self.book.id(self.posted), self.book.id(self.back)
        self.asked, self.asked_back = self.book.id(self.posted), self.book.id(self.back)
        both = {"rank": LAST, "posted_by": self.decides, "transfers": ()}
        self.journal.add(
            Entry(when=self.posted, source_type=SOURCE, source_id=self.asked,
                  words="Premium of a certificate that was billed on paper", id=self.entry,
                  lines=_lines(POSTED_CENTS), mirrored_by=self.mirror, **both)
        )  # fmt: skip
        self.journal.add(
            Entry(when=self.back, source_type="reversal", source_id=self.entry, words="",
                  key=f"reversal:{self.asked_back}", id=self.mirror,
                  lines=_lines(-POSTED_CENTS), mirrors=self.entry, **both)
        )  # fmt: skip

    def propose(self) -> None:
        """What was proposed and what waits. After the journal is closed: entries have numbers."""
        decided = {"status": APPROVED, "decided_by_user_id": self.decides}
        self._proposal(
            self.asked, self.posted, POSTED_CENTS, _wanted(POSTED_CENTS), _told(POSTED_CENTS),
            "Premium of a certificate that was billed on paper", decided,
        )  # fmt: skip
        number = self.journal.numbers[self.entry]
        reverses = {"reverses": self.entry, "number": number}
        self._proposal(
            self.asked_back, self.back, POSTED_CENTS, reverses, f"Reversal of {number}",
            "The carrier bills this certificate itself", decided,
        )  # fmt: skip
        when = at(self.book.today - days(WAITING_DAYS), 16)
        self._proposal(
            self.book.id(when), when, WAITING_CENTS, _wanted(WAITING_CENTS), _told(WAITING_CENTS),
            "Audit premium billed on paper, until its invoice is issued here",
            {"status": PROPOSED},
        )  # fmt: skip

    def _proposal(
        self, key: str, when: datetime, cents: int, wanted: dict[str, Any], words: str,
        reason: str, decision: dict[str, Any],
    ) -> None:  # fmt: skip
        values = {
            "org_id": self.book.spec.id,
            "id": key,
            "entry_number": f"MJ-{key[-12:].upper()}",
            "period_id": self.journal.periods[f"{when:%Y-%m}"]["id"],
            "entry_date": when.date(),
            "effective_date": when.date(),
            "source_type": PROPOSAL,
            "total_debit_cents": cents,
            "total_credit_cents": cents,
            "currency": "USD",
            "description": words,
            "idempotency_key": f"{PROPOSAL}:{key}",
            "proposal": json.dumps(wanted),
            "proposed_by_user_id": self.proposes,
            "reason": reason,
            "created_at": instant(when),
            "updated_at": instant(when),
            **decision,
        }
        self.journal.rows[ENTRIES].append(tuple(map(values.get, ENTRIES.names.split())))


def _lines(cents: int) -> list[Line]:
    return [Line(account="1200", cents=cents), Line(account="2900", cents=-cents)]


def _wanted(cents: int) -> dict[str, Any]:
    return {"lines": [asdict(line) for line in _lines(cents)]}


def _told(cents: int) -> str:
    return told(_lines(cents))
