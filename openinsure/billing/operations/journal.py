"""`post_entry`: the one function by which money is written.

One transaction of oi_billing holds the journal entry, its lines and the ledger's outbox rows. It
joins the caller's transaction, so the business row and its posting live or die together. Posted
entries never change; a mistake is answered by an entry that mirrors it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction

from openinsure.billing import relay_start
from openinsure.billing.models import GlJournalEntry, GlJournalLine, LedgerTransfer
from openinsure.billing.operations.accounts import gl_accounts, ledger_account
from openinsure.billing.operations.moneyed import KEYSPACE, in_transaction
from openinsure.billing.operations.periods import (
    Booked,
    lock_period,
    next_entry_number,
    open_period,
)
from openinsure.billing.postings import LedgerKey, Line, Transfer, balanced, directed
from openinsure.console.forms import Once
from openinsure.keyspaces.ids import new_id
from openinsure.ledger import ids
from openinsure.problems import Conflict
from openinsure.tenancy.scope import Scope

LINKED = 1  # the flag of every transfer of a chain but its last


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry in the journal. repeated: it stood already under the same key."""

    entry_id: str
    number: str
    entry_date: date
    batch_id: str | None
    repeated: bool


def post_entry(
    scope: Scope,
    *,
    once: Once,
    entry_date: date,
    source_type: str,
    source_id: str,
    lines: Sequence[Line],
    transfers: Sequence[Transfer],
    now: datetime,
    event_at: datetime | None = None,
    description: str = "",
    actor_user_id: str | None = None,
    reversal_of: str | None = None,
    entry_id: str | None = None,
) -> Posted:
    """Post a balanced entry with its transfers, once per (source_type, once.id).

    entry_date: moved to the first day of the oldest open period if its own is closed (then
    effective_date keeps the wish). event_at: when the source happened, in the transfers' ids.
    reversal_of: what it mirrors. entry_id: where rows name it. Raises UnbalancedEntry, Conflict.
    """
    totals = balanced(lines)
    open_period(scope, entry_date, now=now)
    key = f"{source_type}:{once.id}"
    told = {
        "id": entry_id or new_id(),
        "effective_date": entry_date,
        "source_type": source_type,
        "source_id": source_id,
        "description": description or None,
        "posted_by_user_id": actor_user_id,
        "reversal_of_id": reversal_of,
        "idempotency_key": key,
    }

    def work() -> Posted:
        period = lock_period(scope, entry_date, now=now)
        standing = find_entry(scope, key)
        if standing is not None:
            return standing
        legs = directed(transfers)
        entry = _entry(scope, period, totals, now, batched=bool(legs), told=told)
        if not _inserted(entry):
            return _stands(scope, key)
        _write_lines(scope, entry, lines, now)
        _queue(scope, entry, legs, event_at or now, now)
        return Posted(entry.id, entry.entry_number, entry.entry_date, entry.batch_id, False)

    return in_transaction(work)


def _entry(
    scope: Scope,
    period: Booked,
    totals: Mapping[str, int],
    now: datetime,
    *,
    batched: bool,
    told: Mapping[str, Any],
) -> GlJournalEntry:
    """The header under the period's next number; its totals are of its largest currency."""
    currency, total = max(totals.items(), key=lambda item: item[1])
    return GlJournalEntry(
        org_id=scope.org_id,
        entry_number=next_entry_number(scope, period),
        period_id=period.period_id,
        entry_date=period.entry_date,
        status="posted",
        total_debit_cents=total,
        total_credit_cents=total,
        currency=currency,
        posted_at=now,
        batch_id=new_id() if batched else None,
        created_at=now,
        updated_at=now,
        **told,
    )


def _inserted(entry: GlJournalEntry) -> bool:
    """Whether the key was free; the transaction goes on either way."""
    try:
        with transaction.atomic(using=KEYSPACE):
            entry.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _stands(scope: Scope, key: str) -> Posted:
    standing = find_entry(scope, key, locking=True)
    if standing is None:
        raise Conflict("The journal changed meanwhile. Try again.")
    return standing


def find_entry(scope: Scope, key: str, *, locking: bool = False) -> Posted | None:
    """The entry under an idempotency key.

    locking: also one that was committed after this transaction's snapshot.
    """
    rows = GlJournalEntry.objects.within(scope).filter(idempotency_key=key)
    if locking:
        rows = rows.select_for_update()
    row = rows.values_list("id", "entry_number", "entry_date", "batch_id").first()
    return Posted(row[0], row[1], row[2], row[3], repeated=True) if row else None


def _write_lines(scope: Scope, entry: GlJournalEntry, lines: Sequence[Line], now: datetime) -> None:
    """The lines; an entry that they mirror names theirs, and is changed in nothing else."""
    if entry.reversal_of_id:
        mirrored = GlJournalEntry.objects.within(scope).filter(id=entry.reversal_of_id)
        mirrored.update(reversed_by_id=entry.id, updated_at=now)
    accounts = gl_accounts(
        scope, (line.account for line in lines), currency=entry.currency, now=now
    )
    GlJournalLine.objects.bulk_create(
        GlJournalLine(
            org_id=scope.org_id,
            id=new_id(),
            journal_entry_id=entry.id,
            line_no=number,
            gl_account_id=accounts[line.account],
            account_code=line.account,
            debit_cents=max(line.cents, 0),
            credit_cents=max(-line.cents, 0),
            currency=line.currency,
            entry_date=entry.entry_date,
            policy_id=line.policy_id,
            claim_id=line.claim_id,
            producer_id=line.producer_id,
            carrier_id=line.carrier_id,
            treaty_id=line.treaty_id,
            state=line.state,
            memo=line.memo,
            created_at=now,
            source_type=entry.source_type,
        )
        for number, line in enumerate(lines, 1)
    )


def hold_transfers(
    scope: Scope, *, source_type: str, source_id: str, transfers: Sequence[Transfer], now: datetime
) -> None:
    """Queue one chain of pending transfers, which no entry stands for until they are posted.

    Inside the caller's transaction, which knows a repeat.
    """
    _queue(scope, _Held(source_type, source_id, new_id()), directed(transfers), now, now)


def again(row: LedgerTransfer, *, leg: str, flags: int) -> Transfer:
    """The transfer that posts or voids a pending one; its accounts are read with it."""

    def key(account: Any) -> LedgerKey:
        names = ("account_type", "entity_type", "entity_id", "sub_purpose")
        return LedgerKey(*(getattr(account, name) for name in names))

    return Transfer(
        leg=leg,
        code=row.transfer_code,
        debit=key(row.debit_account),
        credit=key(row.credit_account),
        cents=row.amount_cents,
        currency=row.currency,
        policy_id=row.policy_id,
        claim_id=row.claim_id,
        flags=flags,
        pending_transfer_id=row.tb_transfer_id,
    )


@dataclass(frozen=True, slots=True)
class _Held:
    """What transfers without an entry are queued for."""

    source_type: str
    source_id: str
    batch_id: str
    id: None = None


def _queue(
    scope: Scope,
    entry: GlJournalEntry | _Held,
    legs: Sequence[Transfer],
    event_at: datetime,
    now: datetime,
) -> None:
    """The outbox rows of one chain; their ids are computed here and never again."""
    last = len(legs) - 1
    LedgerTransfer.objects.bulk_create(
        _transfer(scope, entry, leg, place, place < last, event_at, now)
        for place, leg in enumerate(legs)
    )
    if legs:
        relay_start.after_commit(scope)


def _transfer(
    scope: Scope,
    entry: GlJournalEntry | _Held,
    leg: Transfer,
    place: int,
    linked: bool,
    event_at: datetime,
    now: datetime,
) -> LedgerTransfer:
    source_id = str(entry.source_id or entry.id)
    account = partial(ledger_account, scope, currency=leg.currency, now=now)
    return LedgerTransfer(
        org_id=scope.org_id,
        id=leg.row_id or new_id(),
        tb_transfer_id=ids.transfer_id(
            scope.org_id, entry.source_type, source_id, leg.leg, 0, at=event_at
        ),
        batch_id=entry.batch_id,
        batch_seq=place,
        linked=linked,
        debit_account_id=account(leg.debit),
        credit_account_id=account(leg.credit),
        amount_cents=leg.cents,
        currency=leg.currency,
        transfer_code=leg.code,
        tb_flags=leg.flags | (LINKED if linked else 0),
        pending_transfer_id=leg.pending_transfer_id,
        source_type=entry.source_type,
        source_id=source_id,
        policy_id=leg.policy_id,
        claim_id=leg.claim_id,
        gl_entry_id=entry.id,
        status="queued",
        created_at=now,
        updated_at=now,
    )
