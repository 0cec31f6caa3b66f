"""What the ledger answers to a batch, and what that makes of its rows in the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from openinsure.billing.models import LedgerAccount
from openinsure.billing.operations import outbox
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.operations.outbox import Chain, Stood
from openinsure.ledger import ids
from openinsure.ledger.port import (
    CREATED,
    EXISTS,
    TRANSIENT,
    Account,
    OrgLedger,
    Result,
    Transfer,
)
from openinsure.tenancy.scope import Scope

BURNT = TRANSIENT | {"ID_ALREADY_FAILED"}
LINKED_EVENT_FAILED = "LINKED_EVENT_FAILED"
Told = Sequence[Result]


@dataclass(slots=True)
class Relayed:
    """Rows by what became of them. away: the ledger gave no answer; busy: another worker has it."""

    posted: int = 0
    again: int = 0
    refused: int = 0
    review: int = 0
    away: bool = False
    busy: bool = False


class Answer(NamedTuple):
    """What became of a batch: chains that stand, each with the ledger's times; chains that do not,
    with its refusals; the accounts as they stand after it.
    """

    stood: list[Stood]
    refused: list[tuple[Chain, Told]]
    balances: list[Account]


def ask(
    ledger: OrgLedger, chains: Sequence[Chain], events: Sequence[Transfer], moved: Sequence[int]
) -> Answer:
    """Send a batch and read its accounts. moved: their engine's ids. Raises LedgerAway.

    A chain sent twice answers EXISTS for its first leg and LINKED_EVENT_FAILED for the others, so
    only a look-up tells whether all of it stands.
    """
    told = ledger.create_transfers(events)
    answer = Answer([], [], ledger.lookup_accounts(moved))
    repeated, at = [], 0
    for chain in chains:
        end = at + len(chain)
        part, at = told[at:end], end
        statuses = {one.status for one in part}
        if EXISTS in statuses:
            repeated.append((chain, part))
        elif statuses == {CREATED}:
            answer.stood.append(Stood.of(chain, [one.timestamp for one in part]))
        else:
            answer.refused.append((chain, part))
    if repeated:
        wanted = [ids.number(row.tb_transfer_id) for chain, _ in repeated for row in chain]
        times = {one.id: one.timestamp for one in ledger.lookup_transfers(wanted)}
        for chain, part in repeated:
            found = [times.get(ids.number(row.tb_transfer_id)) for row in chain]
            whole = [one for one in found if one is not None]
            if len(whole) == len(chain):
                answer.stood.append(Stood.of(chain, whole))
            else:
                answer.refused.append((chain, part))
    return answer


def store(
    scope: Scope, moved: Mapping[int, LedgerAccount], answer: Answer, *, now: datetime
) -> Relayed:
    """Answers and balances together: stored balances never lie behind posted transfers.

    moved: the accounts of the batch by the engine's id.
    """

    def work() -> Relayed:
        done = Relayed(posted=sum(len(one.chain) for one in answer.stood))
        for chain, told in answer.refused:
            _settle(scope, chain, told, done, now)
        if answer.stood:
            outbox.mark_posted(scope, answer.stood, now=now)
        outbox.store_balances(scope, moved, answer.balances, now=now)
        return done

    return in_transaction(work)


def _settle(scope: Scope, chain: Chain, told: Told, done: Relayed, now: datetime) -> None:
    """Store what the ledger said of a chain that does not stand."""
    statuses = {result.status for result in told} - {LINKED_EVENT_FAILED}
    if EXISTS not in statuses and statuses & BURNT and _tries_left(chain):
        outbox.try_again(scope, chain, told, now=now)
        done.again += len(chain)
    elif any(one.startswith(EXISTS) for one in statuses):
        outbox.mark_ended(scope, chain, told, outbox.NEEDS_REVIEW, now=now)
        done.review += len(chain)
    else:
        outbox.mark_ended(scope, chain, told, outbox.REFUSED, now=now)
        done.refused += len(chain)


def _tries_left(chain: Chain) -> bool:
    return max(row.attempts for row in chain) < outbox.ATTEMPTS
