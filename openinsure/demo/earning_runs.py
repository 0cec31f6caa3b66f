"""Earned premium of the demo: a run on each first of a month and on the load day.

As the 03:00 job does it: a posting per stream is the subledger, the journal has one entry per
program and carrier. A golden policy is under a hold, so it has entries of its own on the days its
story tells (decisions: golden policies).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from openinsure.billing.postings import LedgerKey, Line, Transfer, merged
from openinsure.billing.receipts import EARNED, PULLED_BACK
from openinsure.demo.billing_rows import Row
from openinsure.demo.book import Book
from openinsure.demo.clock import at, days
from openinsure.demo.journal import Entry, Journal
from openinsure.demo.till import split_of
from openinsure.money.earning import Standing, Stream, earned_cents
from openinsure.money.legs import legs_of
from openinsure.money.rounding import half_even

FIRST, RUN_HOUR = 0, 3
SUMS = (
    "streams_total", "streams_posted", "earned_cents", "gl_total_cents", "ledger_total_cents",
)  # fmt: skip


@dataclass(slots=True)
class Bucket:
    """One entry in the making. Cents: earned and collected, earned and uncollected."""

    moved: int = 0
    uncollected: int = 0
    postings: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Run:
    """One as-of date. buckets: by program, carrier and, for a golden one, policy."""

    row: Row
    buckets: dict[tuple[str, str, str | None], Bucket] = field(
        default_factory=lambda: defaultdict(Bucket)
    )


class EarningRuns:
    """All runs of one organisation."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.runs: dict[date, Run] = {}
        self.postings: list[Row] = []

    def dates(self, after: date) -> list[date]:
        """The as-of dates later than a day, the load day last."""
        made, first = [], (after.replace(day=1) + days(31)).replace(day=1)
        while first < self.book.today:
            made.append(first)
            first = (first + days(31)).replace(day=1)
        return [*made, self.book.today] if after < self.book.today else made

    def run(self, as_of: date) -> Run:
        """The run of a date."""
        if as_of not in self.runs:
            when = at(as_of, RUN_HOUR)
            sums = dict.fromkeys(SUMS, 0)
            self.runs[as_of] = Run(
                {"id": self.book.id(when), "as_of_date": as_of, "started_at": when, **sums}
            )
        return self.runs[as_of]

    def close(self, journal: Journal) -> None:
        """The entries of all runs; their rows and postings into the basket."""
        for as_of, run in self.runs.items():
            when = run.row["started_at"]
            stamps = dict.fromkeys(("finished_at", "created_at", "updated_at"), when)
            for place, (where, bucket) in enumerate(run.buckets.items()):
                run.row["ledger_total_cents"] += bucket.moved
                run.row["gl_total_cents"] += bucket.moved + bucket.uncollected
                entry = _entry(run, as_of, *where, bucket)
                entry.key = f"earned_premium:{run.row['id']}:{place}"
                journal.add(entry)
            self.book.basket.add(
                "earned_premium_runs", **run.row, status="succeeded", currency="USD", **stamps
            )
        self.book.basket.tables["earned_premium_postings"] += self.postings


def _entry(
    run: Run, as_of: date, program: str, carrier: str, policy: str | None, bucket: Bucket
) -> Entry:
    amounts = (
        ("2500", bucket.moved), ("2100", -bucket.moved),
        ("1210", bucket.uncollected), ("2110", -bucket.uncollected),
    )  # fmt: skip
    shift = Transfer(
        leg=f"{program}:{carrier}:{policy or ''}",
        code=EARNED if bucket.moved > 0 else PULLED_BACK,
        debit=LedgerKey("LOSS_FUND", "program", program, "unearned"),
        credit=LedgerKey("CARRIER_PAYABLE", "carrier", carrier),
        cents=bucket.moved,
        policy_id=policy,
    )
    return Entry(
        when=at(as_of, RUN_HOUR),
        rank=FIRST,
        source_type="earned_premium",
        source_id=run.row["id"],
        words=f"Earned premium as of {as_of:%Y-%m-%d}",
        lines=merged(
            Line(account=code, cents=cents, policy_id=policy, carrier_id=carrier)
            for code, cents in amounts
        ),
        transfers=[shift],
        entry_date=as_of - days(1),
        postings=bucket.postings,
    )


class PolicyEarning:
    """What of one policy is earned so far, and how far it has gone over to the carrier."""

    def __init__(self, runs: EarningRuns, policy: Row, streams: list[Row]) -> None:
        self.runs, self.policy, self.streams = runs, policy, streams
        self.carrier_earned = 0
        self.done: dict[str, tuple[int, int]] = {}  # cumulative: all of it, the carrier's
        self.golden = bool(policy["metadata"].get("golden"))

    def as_of_dates(self) -> list[date]:
        """The runs that find something of the policy to post."""
        if self.golden:
            told = self.policy["metadata"].get("earned_as_of", ())
            return [day for day in map(date.fromisoformat, told) if day <= self.runs.book.today]
        first = min(max(row["earn_from"], row["created_at"].date()) for row in self.streams)
        dates = self.runs.dates(first)
        last = max(row["stopped_on"] or row["earn_to"] for row in self.streams)
        later = [day for day in dates if day >= last]
        return [day for day in dates if day < last] + later[:1]

    def earn(self, as_of: date, *, collected_cents: int) -> None:
        """Post the change of every stream. collected_cents: carrier legs until then."""
        run, made, before = self.runs.run(as_of), list[Row](), self.carrier_earned
        for row in self.streams:
            if row["created_at"].date() < as_of:
                posting = self._posting(run, row, as_of)
                run.row["streams_total"] += 1
                if posting:
                    made.append(posting)
        if not made:
            return
        self._true_up(made, as_of)
        self.carrier_earned += sum(row["carrier_earned_cents"] for row in made)
        old = _standing(before, collected_cents)
        new = _standing(self.carrier_earned, collected_cents)
        key = (self.policy["program_id"], self.policy["carrier_id"])
        bucket = run.buckets[*key, self.policy["id"] if self.golden else None]
        moved = new.ledger_earned_cents - old.ledger_earned_cents
        bucket.moved += moved
        bucket.uncollected += new.uncollected_cents - old.uncollected_cents
        _share(made, moved)
        bucket.postings += made
        self.runs.postings += made
        run.row["streams_posted"] += len(made)
        run.row["earned_cents"] += sum(row["earned_cents"] for row in made)

    def _posting(self, run: Run, row: Row, as_of: date) -> Row | None:
        stream = Stream(row["written_cents"], row["earn_from"], row["earn_to"], row["stopped_on"])
        elapsed = stream.days(as_of)
        gross = earned_cents(stream, as_of)
        carrier = half_even(row["carrier_written_cents"] * elapsed, stream.term_days)
        old = self.done.get(row["id"], (0, 0))
        if (gross, carrier) == old:
            return None
        self.done[row["id"]] = (gross, carrier)
        stopped = row["stopped_on"] is not None and row["stopped_on"] <= as_of
        when = at(as_of, RUN_HOUR)
        return {
            "org_id": self.runs.book.spec.id,
            "id": self.runs.book.id(when),
            "run_id": run.row["id"],
            "policy_id": row["policy_id"],
            "premium_transaction_id": row["id"],
            "program_id": row["program_id"],
            "carrier_id": row["carrier_id"],
            "state": row["state"],
            "as_of_date": as_of,
            "days_elapsed": elapsed,
            "days_total": stream.term_days,
            "previous_cumulative_cents": old[0],
            "cumulative_cents": gross,
            "earned_cents": gross - old[0],
            "carrier_earned_cents": carrier - old[1],
            "carrier_cumulative_cents": carrier,
            "unearned_after_cents": 0 if stopped else row["written_cents"] - gross,
            "currency": "USD",
            "ledger_status": "posted",
            "created_at": when,
        }

    def _true_up(self, made: list[Row], as_of: date) -> None:
        """Once all streams are stopped the carrier has its share of what is retained, exactly."""
        stopped = self.policy.get("cancellation_effective_date")
        if stopped is None or as_of < stopped:
            return
        retained = legs_of(split_of(self.policy), self.policy["written_premium_cents"])
        streamed = sum(carrier for _, carrier in self.done.values())
        for column in ("carrier_earned_cents", "carrier_cumulative_cents"):
            made[-1][column] += retained.carrier_cents - streamed


def _standing(earned: int, collected: int) -> Standing:
    return Standing.of(carrier_earned_cents=earned, carrier_collected_cents=collected)


def _share(made: list[Row], moved: int) -> None:
    """What went over in the ledger, told to the streams in their order; the last has the rest."""
    left = moved
    for row in made[:-1]:
        taken = max(0, min(left, row["carrier_earned_cents"]))
        row["ledger_earned_cents"] = taken
        left -= taken
    made[-1]["ledger_earned_cents"] = left
