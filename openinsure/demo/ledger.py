"""The demo's transfers into the embedded ledger, in full batches, and what it then says.

Another engine keeps what an earlier load posted and cannot forget: there the transfers are left
queued, as any others are, and the relay sends them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from openinsure.demo.journal import ENTRIES, LINES, TRANSFERS, Journal, Queued
from openinsure.demo.scribe import Scribe
from openinsure.ledger import accounts, embedded, ids
from openinsure.ledger.backends import adapter, ledger_of
from openinsure.ledger.chains import batches
from openinsure.ledger.port import Account, OrgLedger, Result, Transfer, TransferFlags
from openinsure.tenancy.scope import Scope

PLANTED_ORG, PLANTED_CENTS = "borealis", 1_234  # one deposit is 12.34 more in the ledger
DEPOSIT = 1501
Said = tuple[str, str | None, int | None, str | None]  # status, result, engine's time, posted at
UNSENT: Said = ("queued", None, None, None)


class LedgerRefused(Exception):
    """The generator made what the ledger does not take: a bug of the demo."""


def forget(ledger_code: int) -> None:
    """Take what an earlier load posted out of the embedded ledger."""
    if adapter().name == embedded.EmbeddedLedger.name:
        embedded.forget(ledger_code)


def write_journal(scope: Scope, journal: Journal, scribe: Scribe, *, now: datetime) -> None:
    """Post a closed journal's transfers and have the many rows written.

    The accounts go into the basket with their balances as read at `now`. Raises LedgerRefused.
    """
    said = [UNSENT] * len(journal.queued)
    if adapter().name == embedded.EmbeddedLedger.name:
        ledger = ledger_of(scope, journal.ledger_code)
        _open(ledger, journal)
        said = _post(ledger, journal.queued, planted(journal))
        _stamp(ledger, journal, now)
    for row in journal.accounts.values():
        journal.book.basket.add("ledger_accounts", **row)
    pairs = zip(journal.queued, said, strict=True)
    transfers = [(*queued.row, *told) for queued, told in pairs]
    scribe.put(ENTRIES, journal.rows[ENTRIES])
    scribe.put(LINES, journal.rows[LINES])
    scribe.put(TRANSFERS, transfers)


def _open(ledger: OrgLedger, journal: Journal) -> None:
    wanted = [
        accounts.requested(
            tb_account_id=row["tb_account_id"],
            ledger_code=row["ledger_code"],
            tb_code=row["tb_code"],
            tb_flags=row["tb_flags"],
            entity_id=row["entity_id"],
        )
        for row in journal.accounts.values()
    ]
    for part in _parts(wanted, ledger.adapter.batch_max):
        for result, asked in zip(ledger.create_accounts(part), part, strict=True):
            if not result.done:
                raise LedgerRefused(f"account {asked.id:032x}: {result.status}")


def planted(journal: Journal) -> Queued | None:
    """The transfer that the ledger holds with another amount: a difference to be explained."""
    if journal.book.spec.slug != PLANTED_ORG:
        return None
    return next((one for one in journal.queued if one.leg.code == DEPOSIT), None)


def _post(ledger: OrgLedger, queued: Sequence[Queued], wrong: Queued | None) -> list[Said]:
    """What the engine says of each transfer, in order. wrong: posted with PLANTED_CENTS more."""
    said: list[Said] = []
    events = [
        replace(event, amount=event.amount + PLANTED_CENTS) if one is wrong else event
        for one in queued
        for event in (_event(one),)
    ]
    for batch in batches(events, ledger.adapter.batch_max):
        results = ledger.create_transfers(batch)
        _taken(results, batch)
        for result in results:
            one = queued[len(said)]
            said.append(("posted", result.status, result.timestamp, one.at))
            moved = datetime.fromisoformat(one.at)
            for account in (one.debit, one.credit):  # in the order of days, not of hours
                account["last_transfer_at"] = max(moved, account.get("last_transfer_at", moved))
    return said


def _taken(results: Sequence[Result], batch: Sequence[Transfer]) -> None:
    """Raises LedgerRefused naming what broke a chain, not the chain's other transfers."""
    told = [
        f"transfer {asked.id:032x} ({asked.code}): {result.status}"
        for result, asked in zip(results, batch, strict=True)
        if not result.done
    ]
    if told:
        raise LedgerRefused(next((line for line in told if "LINKED" not in line), told[0]))


def _event(one: Queued) -> Transfer:
    """As the relay sends it, so that a replay finds it."""
    return Transfer(
        id=ids.number(one.tb_transfer_id),
        debit_account_id=ids.number(one.debit["tb_account_id"]),
        credit_account_id=ids.number(one.credit["tb_account_id"]),
        amount=one.leg.cents,
        pending_id=ids.number(one.leg.pending_transfer_id or "0"),
        user_data_128=ids.of_uuid(one.leg.policy_id or one.leg.claim_id),
        ledger=one.debit["ledger_code"],
        code=one.leg.code,
        flags=TransferFlags(one.flags),
    )


def _stamp(ledger: OrgLedger, journal: Journal, now: datetime) -> None:
    """The engine's balances into the rows of the accounts."""
    rows = {ids.number(row["tb_account_id"]): row for row in journal.accounts.values()}
    for part in _parts(list(rows), ledger.adapter.batch_max):
        for account in ledger.lookup_accounts(part):
            _balance(rows[account.id], account, now)


def _balance(row: dict[str, Any], account: Account, now: datetime) -> None:
    net = account.debits_posted - account.credits_posted
    row |= {
        "last_debits_posted": account.debits_posted,
        "last_credits_posted": account.credits_posted,
        "last_debits_pending": account.debits_pending,
        "last_credits_pending": account.credits_pending,
        "last_balance_cents": net if row["normal_side"] == "D" else -net,
        "last_synced_at": now,
        "updated_at": now,
    }


def _parts(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
