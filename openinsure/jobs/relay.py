"""The outbox of one organisation to its ledger: exact however often and wherever it is killed.

Rows keep their ids until an answer was read, so a repeat finds what stands.
Accounts are opened before the batch that names them: a missing one would burn the ids.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from openinsure.billing.ledger_number import ledger_number
from openinsure.billing.models import LedgerAccount
from openinsure.billing.operations import outbox
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.operations.outbox import Chain
from openinsure.billing.operations.outbox_sql import Queued
from openinsure.jobs.leases import leased
from openinsure.ledger import accounts, ids
from openinsure.ledger.backends import ledger_of
from openinsure.ledger.port import (
    CREATED,
    EXISTS,
    TRANSIENT,
    LedgerAway,
    OrgLedger,
    Result,
    Transfer,
    TransferFlags,
)
from openinsure.tenancy.scope import Scope

LEASE, LEASE_LASTS = "ledger", timedelta(seconds=120)  # longer than a batch's deadlines together
BATCH_ROWS = 8_189  # of one request at most; marked in one transaction, well below 2 s
BURNT = TRANSIENT | {"ID_ALREADY_FAILED"}
LINKED_EVENT_FAILED = "LINKED_EVENT_FAILED"

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Relayed:
    """Rows by what became of them. away: the ledger gave no answer; busy: another worker has it."""

    posted: int = 0
    again: int = 0
    refused: int = 0
    review: int = 0
    away: bool = False
    busy: bool = False


def relay(scope: Scope, *, now: datetime, ledger: OrgLedger | None = None) -> Relayed:
    """Send what is due of the organisation entered, until nothing is or the ledger is away."""
    done = Relayed()
    with leased(scope, LEASE, now=now, lasts=LEASE_LASTS) as ours:
        done.busy = not ours
        known = _Accounts()
        for chains in outbox.batches(scope, now=now, most=BATCH_ROWS) if ours else ():
            ledger = ledger or ledger_of(scope, ledger_number(scope))
            try:
                _send(scope, ledger, known, chains, done, now)
            except LedgerAway as away:
                log.warning("the ledger is away, transfers wait: %s", away)
                done.away = True
                break
    return done


@dataclass(slots=True)
class _Accounts:
    """What one relay learned of accounts, by row id. foreign: status of those held differently."""

    rows: dict[str, LedgerAccount] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)

    def learn(self, scope: Scope, ledger: OrgLedger, wanted: set[str]) -> None:
        """Read those that are new here, and open in the ledger those it never had."""
        rows = outbox.accounts_of(scope, wanted - self.rows.keys())
        self.foreign |= _open_accounts(ledger, list(rows.values()))
        self.numbers |= {key: ids.number(row.tb_account_id) for key, row in rows.items()}
        self.rows |= rows


def _send(
    scope: Scope,
    ledger: OrgLedger,
    known: _Accounts,
    chains: list[Chain],
    done: Relayed,
    now: datetime,
) -> None:
    named = {key for chain in chains for key in _names(chain)}
    known.learn(scope, ledger, named)
    if known.foreign.keys() & named:
        chains = _without_foreign(scope, known.foreign, chains, done, now)
    if not chains:
        return
    # One worker sends at a time, so the oldest chain says for its batch that it may be out.
    outbox.mark_sent(scope, chains[:1], now=now)
    by_number = {known.numbers[key]: known.rows[key] for key in named}
    try:
        told = ledger.create_transfers(_events(chains, known))
        balances = ledger.lookup_accounts(list(by_number))
    except LedgerAway:
        outbox.mark_sent(scope, chains, now=now)
        raise

    def store() -> None:
        """Answers and balances together: stored balances never lie behind posted transfers."""
        _store(scope, ledger, chains, told, done, now)
        outbox.store_balances(scope, by_number, balances, now=now)

    in_transaction(store)


def _without_foreign(
    scope: Scope, foreign: Mapping[str, str], chains: list[Chain], done: Relayed, now: datetime
) -> list[Chain]:
    """The chains that may go; one that names an account the ledger holds differently may not."""
    left = []
    for chain in chains:
        if _names(chain) & foreign.keys():
            told = [Result(foreign.get(row.debit_account_id, "ACCOUNT_DIFFERS")) for row in chain]
            outbox.mark_ended(scope, chain, told, outbox.NEEDS_REVIEW, now=now)
            done.review += len(chain)
        else:
            left.append(chain)
    return left


def _store(
    scope: Scope,
    ledger: OrgLedger,
    chains: list[Chain],
    told: Sequence[Result],
    done: Relayed,
    now: datetime,
) -> None:
    """Whole chains that were created now in batches; any other answer chain by chain."""
    rows: list[Queued] = []
    created: list[Result] = []
    at = 0
    for chain in chains:
        answers = told[at : at + len(chain)]
        at += len(chain)
        if all(one.status == CREATED for one in answers):
            rows += chain
            created += answers
        else:
            _settle(scope, ledger, chain, answers, done, now)
    if rows:
        outbox.mark_posted(scope, rows, created, now=now)
        done.posted += len(rows)


def _settle(
    scope: Scope,
    ledger: OrgLedger,
    chain: Chain,
    told: Sequence[Result],
    done: Relayed,
    now: datetime,
) -> None:
    """Store what the ledger said of one chain."""
    statuses = {result.status for result in told} - {LINKED_EVENT_FAILED}
    if all(result.done for result in told) or EXISTS in statuses:
        standing = _standing(ledger, chain)
        if standing is not None:
            outbox.mark_posted(scope, chain, standing, now=now)
            done.posted += len(chain)
            return
    elif statuses & BURNT and max(row.attempts for row in chain) < outbox.ATTEMPTS:
        outbox.try_again(scope, chain, told, now=now)
        done.again += len(chain)
        return
    elif not any(one.startswith(EXISTS) for one in statuses):
        outbox.mark_ended(scope, chain, told, outbox.REFUSED, now=now)
        done.refused += len(chain)
        return
    outbox.mark_ended(scope, chain, told, outbox.NEEDS_REVIEW, now=now)
    done.review += len(chain)


def _standing(ledger: OrgLedger, chain: Chain) -> list[Result] | None:
    """The chain's transfers as they stand, in order; None unless all do.

    A chain sent twice answers EXISTS for its first leg and LINKED_EVENT_FAILED for the others, so
    only a look-up tells.
    """
    found = ledger.lookup_transfers([ids.number(row.tb_transfer_id) for row in chain])
    if len(found) != len(chain):
        return None
    return [Result("CREATED", one.timestamp) for one in found]


def _open_accounts(ledger: OrgLedger, rows: Sequence[LedgerAccount]) -> dict[str, str]:
    """Open those never seen in the ledger; row id -> status of those it holds differently."""
    fresh = [row for row in rows if row.last_synced_at is None]
    if not fresh:
        return {}
    told = ledger.create_accounts(
        [
            accounts.requested(
                tb_account_id=row.tb_account_id,
                ledger_code=row.ledger_code,
                tb_code=row.tb_code,
                tb_flags=row.tb_flags,
                entity_id=row.entity_id,
            )
            for row in fresh
        ]
    )
    pairs = zip(fresh, told, strict=True)
    return {row.id: result.status for row, result in pairs if not result.done}


def _names(chain: Chain) -> set[str]:
    return {row.debit_account_id for row in chain} | {row.credit_account_id for row in chain}


def _events(chains: Sequence[Chain], known: _Accounts) -> list[Transfer]:
    """What the ledger is told, chain after chain."""
    numbers, rows = known.numbers, known.rows
    flags: dict[int, TransferFlags] = {}  # an IntFlag costs more to make than the rest of a row
    events = []
    for chain in chains:
        for row in chain:
            flag = flags.get(row.tb_flags)
            if flag is None:
                flag = flags[row.tb_flags] = TransferFlags(row.tb_flags)
            events.append(Transfer(
                id=ids.number(row.tb_transfer_id),
                debit_account_id=numbers[row.debit_account_id],
                credit_account_id=numbers[row.credit_account_id],
                amount=row.amount_cents,
                pending_id=ids.number(row.pending_transfer_id) if row.pending_transfer_id else 0,
                user_data_128=ids.of_uuid(row.policy_id or row.claim_id),
                ledger=rows[row.debit_account_id].ledger_code,
                code=row.transfer_code,
                flags=flag,
            ))  # fmt: skip
    return events
