"""The outbox of one organisation to its ledger: exact however often and wherever it is killed.

Rows keep their ids until an answer was read, so a repeat finds what stands. One batch is with the
ledger while the one before it is stored: a kill leaves at most two that nobody marked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from openinsure.billing.ledger_number import ledger_number
from openinsure.billing.models import LedgerAccount
from openinsure.billing.operations import outbox
from openinsure.billing.operations.outbox import Chain
from openinsure.jobs import relay_answers
from openinsure.jobs.leases import leased
from openinsure.jobs.relay_accounts import Accounts
from openinsure.jobs.relay_answers import Answer, Relayed
from openinsure.ledger.backends import ledger_of
from openinsure.ledger.port import LedgerAway, OrgLedger
from openinsure.tenancy.scope import Scope

__all__ = ["Relayed", "relay"]
# The lease is renewed at each batch, and is longer than the deadlines of two together.
LEASE, LEASE_LASTS = "ledger", timedelta(seconds=150)
BATCH_ROWS = 8_189  # of one request at most; marked in one transaction, well below 2 s

log = logging.getLogger(__name__)


def relay(scope: Scope, *, now: datetime, ledger: OrgLedger | None = None) -> Relayed:
    """Send what is due of the organisation entered, until nothing is or the ledger is away."""
    done = Relayed()
    with leased(scope, LEASE, now=now, lasts=LEASE_LASTS) as ours, ExitStack() as stack:
        if ours is None:
            done.busy = True
            return done
        line = _Line(scope, now, done, stack, ledger)
        try:
            for chains in outbox.batches(scope, now=now, most=BATCH_ROWS):
                if not ours.renew():
                    log.error("another worker took the ledger's outbox over")
                    done.busy = True
                    line.end()
                    break
                line.take(chains)
        except LedgerAway as away:
            log.warning("the ledger is away, transfers wait: %s", away)
            done.away = True
    return done


class _Sent(NamedTuple):
    """A batch, the accounts it moves by the engine's id, and what will become of it."""

    chains: list[Chain]
    moved: dict[int, LedgerAccount]
    answer: Future[Answer]


@dataclass(slots=True)
class _Line:
    """One batch at a time with the ledger, in the order they are taken."""

    scope: Scope
    now: datetime
    done: Relayed
    stack: ExitStack
    given: OrgLedger | None = None
    known: Accounts = field(default_factory=Accounts)
    out: _Sent | None = None
    sender: Executor | None = None

    def take(self, chains: list[Chain]) -> None:
        """Send these once the ledger answered to the batch before, and store that answer.

        Raises LedgerAway: what it never answered to is marked as sent, what it did is stored.
        """
        try:
            chains = self._known(chains) if chains else []
        except LedgerAway:
            self.end()
            raise
        before, answer = self.out, self._answer()
        if chains:
            self._send(chains)
        if before and answer:
            self._store(before, answer)

    def end(self) -> None:
        """Store the last answer. Raises LedgerAway without one."""
        self.take([])

    def _known(self, chains: list[Chain]) -> list[Chain]:
        """Those whose accounts the ledger holds as we do: a missing one would burn the ids."""
        self.known.learn(self.scope, self._ledger(), chains)
        chains, foreign = self.known.apart(chains)
        for chain, told in foreign:
            outbox.mark_ended(self.scope, chain, told, outbox.NEEDS_REVIEW, now=self.now)
            self.done.review += len(chain)
        return chains

    def _ledger(self) -> OrgLedger:
        if self.given is None:
            self.given = ledger_of(self.scope, ledger_number(self.scope))
        return self.given

    def _send(self, chains: list[Chain]) -> None:
        """One worker sends at a time, so the oldest chain says for its batch that it may be out."""
        outbox.mark_sent(self.scope, chains[:1], now=self.now)
        ledger, known = self._ledger(), self.known
        moved = known.moved(chains)

        def ask() -> Answer:
            return relay_answers.ask(ledger, chains, known.events(chains), list(moved))

        self.out = _Sent(chains, moved, self._begun(ask, elsewhere=ledger.adapter.any_thread))

    def _begun(self, ask: Callable[[], Answer], *, elsewhere: bool) -> Future[Answer]:
        if elsewhere:
            if self.sender is None:
                pool = ThreadPoolExecutor(1, thread_name_prefix="ledger-sender")
                self.sender = self.stack.enter_context(pool)
            return self.sender.submit(ask)
        told: Future[Answer] = Future()
        try:
            told.set_result(ask())
        except LedgerAway as away:
            told.set_exception(away)
        return told

    def _answer(self) -> Answer | None:
        """To the batch that is out; then none is. Raises LedgerAway."""
        sent, self.out = self.out, None
        if sent is None:
            return None
        try:
            return sent.answer.result()
        except LedgerAway:
            outbox.mark_sent(self.scope, sent.chains, now=self.now)
            raise

    def _store(self, sent: _Sent, answer: Answer) -> None:
        told = relay_answers.store(self.scope, sent.moved, answer, now=self.now)
        self.done.posted += told.posted
        self.done.again += told.again
        self.done.refused += told.refused
        self.done.review += told.review
