"""Transfers on their way to the ledger: which go next, and what its answers make of them.

queued -> sent -> posted | refused | needs_review. An answer is stored by name. Rows of one batch_id
are one linked chain: they stand or fall together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import BigIntegerField, Max

from openinsure.billing.models import LedgerAccount, LedgerTransfer
from openinsure.billing.operations import outbox_sql
from openinsure.billing.operations.by_key import ByKey
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.operations.outbox_sql import Queued
from openinsure.ledger import ids
from openinsure.ledger.chains import LINKED
from openinsure.ledger.port import CREATED, Account, Result
from openinsure.tenancy.scope import Scope

QUEUED, SENT, POSTED = "queued", "sent", "posted"
REFUSED, NEEDS_REVIEW = "refused", "needs_review"
OPEN = (QUEUED, SENT)
MARKED = 250  # rows of one statement; its text is parsed once by the guard
ATTEMPTS = 5  # of a chain the ledger refused for now; then a person looks
PAUSE = timedelta(seconds=30)  # times 2 per attempt
UNKNOWN_PAUSE = timedelta(seconds=5)  # nobody answered: ask again with the same ids
STORED = (
    *("last_debits_posted", "last_credits_posted", "last_debits_pending"),
    *("last_credits_pending", "last_balance_cents"),
)
CENTS = BigIntegerField()
Chain = list[Queued]


class Stood(NamedTuple):
    """A chain in the ledger, with the time of each row, ns. first: what batch_seq 0 has or would
    have; None if they do not count up: its rows went in more than one request.
    """

    chain: Chain
    times: list[int]
    first: int | None

    @classmethod
    def of(cls, chain: Chain, times: list[int]) -> Stood:
        """The chain with the times told, in its order."""
        first = times[0] - chain[0].batch_seq
        counted = all(row.batch_seq == at - first for row, at in zip(chain, times, strict=True))
        return cls(chain, times, first if counted else None)


def batches(scope: Scope, *, now: datetime, most: int) -> Iterator[list[Chain]]:
    """What is due, oldest first, in whole chains of together at most `most` rows (at least one).

    What was sent and not answered goes before what never was. A batch must have left the outbox,
    or be due later, when the one after the next is asked for; after an empty batch all must have.
    Ends when nothing is due.
    """
    found = True
    while found:  # again: somebody may have queued behind a place that was passed
        found = False
        for status in (SENT, QUEUED):
            after, out = None, frozenset[str]()
            while rows := outbox_sql.due(scope, status, now=now, most=most, after=after):
                chains = _at_most(_whole(scope, rows, out), most)
                after = _place(scope, (chains or [rows])[-1][-1])
                if chains:
                    out, found = frozenset(chain[0].batch_id for chain in chains), True
                    yield chains
            if out:
                yield []


def _whole(scope: Scope, rows: Sequence[Queued], out: frozenset[str]) -> list[Chain]:
    """The chains of these rows but those that are `out`; one that the limit cut, or that lies
    apart, is read by itself.
    """
    by_batch: dict[str, Chain] = {}
    for row in rows:
        by_batch.setdefault(row.batch_id, []).append(row)
    for batch_id in out & by_batch.keys():
        del by_batch[batch_id]
    apart = [key for key, chain in by_batch.items() if not _closed(chain)]
    if apart:
        by_batch |= {key: [] for key in apart}
        left = LedgerTransfer.objects.within(scope).filter(batch_id__in=apart, status__in=OPEN)
        for told in left.order_by("batch_id", "batch_seq").values_list(*Queued._fields):
            by_batch[told[2]].append(Queued._make(told))
    return [chain for chain in by_batch.values() if chain]


def _closed(chain: Chain) -> bool:
    """Whether the rows are a chain from its first to its last, in order."""
    left = len(chain)
    for place, row in enumerate(chain):
        left -= 1
        if row.batch_seq != place or bool(row.tb_flags & LINKED) is (left == 0):
            return False
    return True


def _at_most(chains: Sequence[Chain], most: int) -> list[Chain]:
    chosen: list[Chain] = []
    rows = 0
    for chain in chains:
        rows += len(chain)
        if chosen and rows > most:
            break
        chosen.append(chain)
    return chosen


def _place(scope: Scope, row: Queued) -> tuple[datetime, str]:
    """Where the next batch begins."""
    at: datetime = LedgerTransfer.objects.within(scope).values_list("created_at").get(id=row.id)[0]
    return at, row.id


def mark_sent(scope: Scope, chains: Sequence[Chain], *, now: datetime) -> None:
    """From now on only the ledger's answer says what happened; it is asked again after a pause."""
    rows = [row.id for chain in chains for row in chain]
    LedgerTransfer.objects.within(scope).filter(id__in=rows).update(
        status=SENT, next_attempt_at=now + UNKNOWN_PAUSE, updated_at=now
    )


def mark_posted(scope: Scope, stood: Sequence[Stood], *, now: datetime) -> None:
    """These chains stand in the ledger."""

    def work() -> None:
        firsts = [(one.chain[0].batch_id, one.first) for one in stood if one.first is not None]
        outbox_sql.mark(scope, firsts, was=OPEN, status=POSTED, result=CREATED, now=now)
        for one in stood:
            if one.first is None:
                _mark_singly(scope, one, now)
        moved = {row.debit_account_id for one in stood for row in one.chain}
        moved |= {row.credit_account_id for one in stood for row in one.chain}
        accounts = LedgerAccount.objects.within(scope).filter(id__in=sorted(moved))
        accounts.update(last_transfer_at=now, updated_at=now)

    in_transaction(work)


def _mark_singly(scope: Scope, stood: Stood, now: datetime) -> None:
    for row, at in zip(stood.chain, stood.times, strict=True):
        LedgerTransfer.objects.within(scope).filter(id=row.id, status__in=OPEN).update(
            status=POSTED, result_code=CREATED, tb_timestamp=at, posted_at=now,
            next_attempt_at=None, updated_at=now,
        )  # fmt: skip


def mark_ended(
    scope: Scope, chain: Chain, told: Sequence[Result], status: str, *, now: datetime
) -> None:
    """The chain does not stand and no retry can help: refused, or for a person to look at."""

    def work() -> None:
        for row, result in zip(chain, told, strict=True):
            LedgerTransfer.objects.within(scope).filter(id=row.id).update(
                status=status, result_code=result.status, next_attempt_at=None, updated_at=now
            )

    in_transaction(work)


def try_again(scope: Scope, chain: Chain, told: Sequence[Result], *, now: datetime) -> None:
    """All legs get new ids: a burnt one answers ID_ALREADY_FAILED for ever.

    What settles one of these transfers later is pointed at its new id.
    """
    attempt = max(row.attempts for row in chain) + 1
    due = now + PAUSE * 2**attempt

    def work() -> None:
        for row, result in zip(chain, told, strict=True):
            fresh = ids.again(row.tb_transfer_id, attempt)
            rows = LedgerTransfer.objects.within(scope)
            rows.filter(id=row.id).update(
                status=QUEUED,
                tb_transfer_id=fresh,
                attempts=attempt,
                result_code=result.status,
                last_error=f"{result.status}: was {row.tb_transfer_id}",
                next_attempt_at=due,
                updated_at=now,
            )
            rows.filter(pending_transfer_id=row.tb_transfer_id, status__in=OPEN).update(
                pending_transfer_id=fresh, updated_at=now
            )

    in_transaction(work)


def accounts_of(scope: Scope, wanted: Iterable[str]) -> dict[str, LedgerAccount]:
    """The rows of these accounts, by id."""
    rows = LedgerAccount.objects.within(scope).filter(id__in=sorted(wanted))
    return {row.id: row for row in rows}


def store_balances(
    scope: Scope, rows: Mapping[int, LedgerAccount], read: Sequence[Account], *, now: datetime
) -> None:
    """What the pages show, with its age. rows: by the engine's account id."""

    def work() -> None:
        for start in range(0, len(read), MARKED):
            figures = {
                rows[one.id].id: _stored(one, rows[one.id]) for one in read[start : start + MARKED]
            }
            by_column = {
                name: ByKey("id", {key: told[name] for key, told in figures.items()}, CENTS)
                for name in STORED
            }
            LedgerAccount.objects.within(scope).filter(id__in=list(figures)).update(
                **by_column, last_synced_at=now, updated_at=now
            )

    in_transaction(work)


def date_last_transfers(scope: Scope, *, now: datetime) -> int:
    """When a transfer last reached the accounts that do not say so yet; how many were dated.

    For accounts that moved before the column was there: none are left after the first night.
    """
    undated = LedgerAccount.objects.within(scope).filter(last_transfer_at=None)
    ids = list(undated.exclude(last_synced_at=None).order_by("id").values_list("id", flat=True))
    dated = 0
    for start in range(0, len(ids), MARKED):
        newest: dict[str, datetime] = {}
        for side in ("debit_account_id", "credit_account_id"):
            rows = LedgerTransfer.objects.within(scope).filter(
                **{f"{side}__in": ids[start : start + MARKED]}, status=POSTED
            )
            for key, at in rows.order_by().values_list(side).annotate(at=Max("posted_at")):
                if at is not None:
                    newest[key] = max(at, newest.get(key, at))
        for key, at in newest.items():
            row = LedgerAccount.objects.within(scope).filter(id=key)
            dated += row.update(last_transfer_at=at, updated_at=now)
    return dated


def _stored(account: Account, row: LedgerAccount) -> dict[str, int]:
    """The columns of STORED, cents."""
    debits, credits = account.debits_posted, account.credits_posted
    balance = debits - credits if row.normal_side == "D" else credits - debits
    sums = (debits, credits, account.debits_pending, account.credits_pending, balance)
    return dict(zip(STORED, sums, strict=True))


def start_over(scope: Scope, *, now: datetime) -> int:
    """Everything posted goes out once more, with its ids, to an emptied ledger; how many rows.

    A ledger that has them answers EXISTS, so this is safe on any.
    """

    def work() -> int:
        LedgerAccount.objects.within(scope).update(last_synced_at=None, updated_at=now)
        rows = LedgerTransfer.objects.within(scope).filter(status=POSTED)
        return int(rows.update(status=QUEUED, next_attempt_at=None, updated_at=now))

    return in_transaction(work)
