"""07:00: journal against ledger, one organisation at a time, to the cent.

The relay's lease is held meanwhile, so nothing moves in the ledger; the journal is read in one
transaction. With the ledger away the comparison is with its last stored balances, and every
transfer that waits explains its part (domain.md 5.6).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from openinsure.billing.ledger_number import ledger_number
from openinsure.billing.models import LedgerAccount
from openinsure.billing.operations import outbox
from openinsure.billing.operations.kinds import fill_kinds
from openinsure.billing.operations.reconciling import Findings, keep
from openinsure.billing.queries import reconciling as reads
from openinsure.billing.reconciling import (
    CUTOFF,
    LEDGER_DOWN,
    OUTBOX_PENDING,
    Kind,
    Moved,
    Sums,
    causes_of,
    compare,
)
from openinsure.jobs import relay
from openinsure.jobs.comparing import Asker, Said, journal_faults, stuck_faults
from openinsure.jobs.leases import leased
from openinsure.jobs.runs import Outcome
from openinsure.ledger import ids
from openinsure.ledger.backends import ledger_of
from openinsure.ledger.port import LedgerAway, OrgLedger
from openinsure.problems import Conflict
from openinsure.tenancy.scope import CANONICAL_UUID, Scope

LEASE_LASTS = timedelta(seconds=120)
TRIES, PAUSE_S = 20, 1  # for the lease: a batch of the relay takes seconds

log = logging.getLogger(__name__)


def run_org(scope: Scope, scheduled_for: datetime) -> Outcome:
    """Compare and keep what was found; account types checked, and those with unexplained cents."""
    now = timezone.now()
    fill_kinds(scope)
    found = reconcile(scope, scheduled_for.astimezone(UTC).date(), now=now)
    types = [one for part in found for one in part.compared]
    wrong = {fault.kind for part in found for fault in part.faults}
    bad = sum(one.unexplained_cents != 0 or one.kind in wrong for one in types)
    return Outcome(done=len(types) - bad, failed=bad)


def reconcile(
    scope: Scope, run_date: date, *, now: datetime, ledger: OrgLedger | None = None
) -> list[Findings]:
    """The comparison of a day, stored; one per currency. Raises Conflict while the relay works."""
    with _quiet(scope, now):
        before = {one.id: one for one in reads.waiting(scope)}
        rows = reads.accounts(scope)
        kinds = _kinds(rows)
        said = _ask(scope, rows, kinds, ledger)
        if said is not None:
            numbers = {ids.number(row.tb_account_id): row for row in rows}
            outbox.store_balances(scope, numbers, list(said.accounts.values()), now=now)
            outbox.date_last_transfers(scope, now=now)
        found = _compared(scope, run_date, rows, kinds, said, before)
    for findings in found:
        keep(scope, findings, now=now)
    return found


@contextmanager
def _quiet(scope: Scope, now: datetime) -> Iterator[None]:
    """The relay's lease. Raises Conflict if a worker keeps it."""
    for attempt in range(TRIES):
        at = now + timedelta(seconds=attempt * PAUSE_S)
        with leased(scope, relay.LEASE, now=at, lasts=LEASE_LASTS) as ours:
            if ours:
                yield
                return
        if attempt + 1 < TRIES:
            time.sleep(PAUSE_S)
    raise Conflict("The relay keeps this organization's ledger busy.")


def _ask(
    scope: Scope,
    rows: list[LedgerAccount],
    kinds: Mapping[str, Kind],
    ledger: OrgLedger | None,
) -> Said | None:
    """What the ledger says, None while it is away."""
    if not rows:
        return Said({})
    try:
        asker = Asker(scope, ledger or ledger_of(scope, ledger_number(scope)), rows, kinds)
        return asker.ask(reads.compared_until(scope))
    except LedgerAway as away:
        log.warning("the ledger is away, its stored balances are compared: %s", away)
        return None


def _compared(
    scope: Scope,
    run_date: date,
    rows: list[LedgerAccount],
    kinds: Mapping[str, Kind],
    said: Said | None,
    before: Mapping[str, Moved],
) -> list[Findings]:
    with transaction.atomic(using="oi_billing"):  # one moment of journal and outbox
        kinds = _kinds(reads.accounts(scope))  # with those opened since
        missing = _missing(scope, said, before)
        causes = causes_of(missing, reads.payouts(scope), kinds)
        every = compare(_ledger_sums(rows, kinds, said), reads.journal_sums(scope), causes)
        mended = reads.mended(scope)
        faults = [*(said.faults if said else ()), *stuck_faults(scope, kinds, mended)]
        for one in every:
            if one.unexplained_cents:
                faults += journal_faults(scope, one, faults, mended)
        at = reads.ledger_time(scope)
    whole = Findings(
        run_date=run_date,
        currency="",
        compared=every,
        faults=faults,
        accounts=len(rows),
        ledger_time=at,
        away=said is None,
        cron_run_id=scope.request_id if CANONICAL_UUID.fullmatch(scope.request_id) else None,
    )
    return [
        replace(
            whole,
            currency=currency,
            compared=[one for one in every if one.kind.currency == currency],
            faults=[one for one in faults if one.kind.currency == currency],
        )
        for currency in sorted({one.kind.currency for one in every})
    ]


def _kinds(rows: list[LedgerAccount]) -> dict[str, Kind]:
    return {row.id: Kind(row.account_type, row.sub_purpose, row.currency) for row in rows}


def _missing(
    scope: Scope, said: Said | None, before: Mapping[str, Moved]
) -> dict[str, list[Moved]]:
    """What the journal has and the ledger's answer has not, by why.

    before: what waited when the ledger was asked. What was booked meanwhile, or taken by the ledger
    meanwhile, is after the cut-off. While the ledger is away all that waits is its doing.
    """
    standing = said.standing if said else frozenset()
    now = {one.id: one for one in reads.waiting(scope)}
    left = before.keys() - now.keys()
    late = [one for key, one in now.items() if key not in before]
    late += [one for one in reads.posted_of(scope, left) if one.id not in standing]
    old = [one for key, one in now.items() if key in before and key not in standing]
    return {LEDGER_DOWN if said is None else OUTBOX_PENDING: old, CUTOFF: late}


def _ledger_sums(
    rows: list[LedgerAccount], kinds: Mapping[str, Kind], said: Said | None
) -> dict[Kind, Sums]:
    sums: dict[Kind, Sums] = {}
    for row in rows:
        debits, credits = int(row.last_debits_posted), int(row.last_credits_posted)
        if said is not None:
            held = said.accounts.get(row.id)
            debits, credits = (held.debits_posted, held.credits_posted) if held else (0, 0)
        old = sums.get(kinds[row.id], Sums())
        sums[kinds[row.id]] = Sums(old.debits + debits, old.credits + credits)
    return sums
