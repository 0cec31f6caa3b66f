"""Queued transfers to the ledger, the outbox marked: transfers a second of the whole relay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from openinsure.billing.models import LedgerAccount, LedgerTransfer
from openinsure.jobs import relay
from openinsure.keyspaces.ids import new_id
from openinsure.ledger import ids
from openinsure.ledger.backends import adapter
from openinsure.tenancy.scope import Scope, entered
from tests.benches.rows import write
from tests.benches.verdict import Verdict, Watch
from tests.billing import posting
from tests.conftest import fresh_scope

TRANSFERS = {"smoke": 5_000, "full": 100_000}
CHAIN, ACCOUNTS = 4, 200  # transfers of one event; accounts that share the money
LIMIT_S = 5  # for the full size, on a real server
SAMPLE, RATIO = 2_000, 5  # transfers sent chain by chain; CPU of one of them against one in a batch
BEGIN = datetime(2026, 11, 20, 3, tzinfo=UTC)


def measure(verdict: Verdict, size: str) -> None:
    """The relay chain by chain and over a full outbox, on the adapter that is configured.

    Chain by chain first: a worker at work has long connected its client (0.8 s of a first round).
    """
    wanted, engine = TRANSFERS[size], adapter().name
    with patch.object(relay, "BATCH_ROWS", CHAIN):
        _, singly = _relayed(verdict, SAMPLE)
    seconds, cost = _relayed(verdict, wanted)
    verdict.at_least(f"posting: times as cheap as chain by chain on {engine}", singly / cost, RATIO)
    said = f"posting: {wanted:,} transfers on {engine}"
    if size != "full":
        verdict.say(f"{said}: {seconds:.2f} s; the bar is for {TRANSFERS['full']:,}")
    elif engine == "tigerbeetle":
        verdict.within(said, seconds, LIMIT_S)
    else:
        told = f"{seconds / LIMIT_S:.1f} times the {LIMIT_S} s a real server has"
        verdict.say(f"{said}: {seconds:.2f} s, {told}: no bar here")


def _relayed(verdict: Verdict, wanted: int) -> tuple[float, float]:
    """Wall seconds, and CPU seconds of worker and database a transfer."""
    scope = fresh_scope()
    posting.organization(scope)
    queue(scope, wanted)
    with entered(scope):
        watch = Watch()
        done = relay.relay(scope, now=BEGIN + timedelta(minutes=1))
        seconds, cpu, spent = watch.wall, watch.cpu, watch.words
        left = LedgerTransfer.objects.within(scope).exclude(status="posted").count()
    rows = min(relay.BATCH_ROWS, adapter().batch_max)
    verdict.holds(f"posting: {wanted:,} transfers stand and are marked", not left)
    verdict.say(
        f"posting: {done.posted:,} transfers on {adapter().name}, batches of {rows:,}:"
        f" {done.posted / seconds:,.0f} a second, {spent}"
    )
    return seconds, cpu / wanted


def queue(scope: Scope, wanted: int) -> None:
    """So many queued transfers in chains of CHAIN, round the accounts."""
    with entered(scope):
        accounts = _accounts(scope)
        rows: list[dict[str, Any]] = []
        for serial in range(wanted):
            batch = new_id() if serial % CHAIN == 0 else rows[-1]["batch_id"]
            at = BEGIN + timedelta(milliseconds=serial // CHAIN)
            last = serial % CHAIN == CHAIN - 1
            rows.append({
                "org_id": scope.org_id, "id": new_id(), "batch_id": batch,
                "tb_transfer_id": ids.transfer_id(scope.org_id, "bench", batch, str(serial), 0,
                                                  at=at),
                "batch_seq": serial % CHAIN, "linked": not last, "tb_flags": 0 if last else 1,
                "debit_account_id": accounts[serial % ACCOUNTS],
                "credit_account_id": accounts[(serial * 7 + 1) % ACCOUNTS],
                "amount_cents": 1 + serial % 100_000, "currency": "USD", "transfer_code": 1001,
                "source_type": "bench", "source_id": batch, "policy_id": new_id(),
                "gl_entry_id": batch, "status": "queued", "created_at": at, "updated_at": at,
            })  # fmt: skip
        write({"ledger_transfers": rows})


def _accounts(scope: Scope) -> list[str]:
    ledger = posting.ledger_of(scope)
    made = []
    for serial in range(ACCOUNTS):
        key = ("PRODUCER_PAYABLE", "producer", new_id(), "", "USD")
        made.append(LedgerAccount(
            org_id=scope.org_id, id=new_id(), tb_account_id=ids.account_id(scope.org_id, *key),
            account_type=key[0], entity_type=key[1], entity_id=key[2], sub_purpose="",
            ledger_code=ledger, tb_code=103, tb_flags=8, normal_side="C",
            currency="USD", name=f"bench {serial}", status="active", created_at=BEGIN,
            updated_at=BEGIN,
        ))  # fmt: skip
    LedgerAccount.objects.bulk_create(made)
    return [one.id for one in made]
