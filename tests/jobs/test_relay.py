"""The relay: every transfer once, wherever it is killed; refusals named, burnt ids replaced."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from openinsure.billing import relay_start
from openinsure.billing.models import LedgerAccount, LedgerTransfer
from openinsure.billing.operations import outbox
from openinsure.billing.operations.journal import post_entry
from openinsure.billing.postings import LedgerKey, Transfer
from openinsure.jobs import ledger_cli, relay, tasks
from openinsure.jobs.leases import leased
from openinsure.keyspaces.ids import new_id
from openinsure.ledger import ids
from openinsure.ledger.backends import adapter
from openinsure.ledger.embedded import ALIAS, EmbeddedLedger
from openinsure.ledger.port import LedgerAway
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.billing import posting

pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_billing", "ledger_engine"]
)
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
FUND = LedgerKey("LOSS_FUND", "program", new_id(), "unearned")


class Killed(Exception):
    """The worker ends here."""


def post(scope: Scope, *legs: Transfer) -> None:
    """An entry of 10.00 with these legs, one chain."""
    with entered(scope):
        post_entry(
            scope,
            once=posting.once(),
            entry_date=date(2026, 11, 20),
            source_type="payment",
            source_id=new_id(),
            lines=posting.pair(1_000),
            transfers=legs or [posting.leg(600, "a"), posting.leg(400, "b")],
            now=NOW,
        )


def run(scope: Scope, minutes: int = 0) -> relay.Relayed:
    with entered(scope):
        return relay.relay(scope, now=NOW + timedelta(minutes=minutes))


def rows(scope: Scope) -> list[LedgerTransfer]:
    with entered(scope):
        return list(LedgerTransfer.objects.within(scope).order_by("created_at", "batch_seq"))


def in_ledger(scope: Scope) -> dict[str, int]:
    """Posted debits less credits by account type, as the engine has them."""
    with entered(scope):
        kept = list(LedgerAccount.objects.within(scope))
    numbers = {ids.number(row.tb_account_id): row.account_type for row in kept}
    found = adapter().lookup_accounts(list(numbers), deadline_ms=2_000)
    return {numbers[one.id]: one.debits_posted - one.credits_posted for one in found}


WHOLE = {"MGA_FIDUCIARY": 1_000, "MGA_REVENUE": -1_000}


@pytest.fixture
def org(acme: Scope) -> Scope:
    """An organisation with a ledger number."""
    posting.organization(acme)
    return acme


def test_it_posts_a_chain_and_stores_the_balances(org: Scope) -> None:
    post(org)
    assert run(org).posted == 2
    assert {row.status for row in rows(org)} == {"posted"}
    assert all(row.tb_timestamp for row in rows(org))
    assert in_ledger(org) == WHOLE
    with entered(org):
        cash = LedgerAccount.objects.within(org).get(account_type="MGA_FIDUCIARY")
    assert (cash.last_balance_cents, cash.last_synced_at) == (1_000, NOW)
    assert run(org) == relay.Relayed()


STEPS = [
    (EmbeddedLedger, "create_accounts"),
    (outbox, "mark_sent"),
    (EmbeddedLedger, "create_transfers"),
    (outbox, "mark_posted"),
    (EmbeddedLedger, "lookup_accounts"),
    (outbox, "store_balances"),
]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("where", "step"), STEPS)
def test_it_is_exact_after_a_kill(
    org: Scope, monkeypatch: pytest.MonkeyPatch, where: Any, step: str, after: bool
) -> None:
    post(org)
    whole = getattr(where, step)

    def killed(*args: Any, **kwargs: Any) -> None:
        if after:
            whole(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(where, step, killed)
        with pytest.raises(Killed):
            run(org)
    run(org, minutes=5)
    assert {row.status for row in rows(org)} == {"posted"}
    assert in_ledger(org) == WHOLE


def test_it_waits_while_the_ledger_is_away(org: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    post(org)
    before = {row.tb_transfer_id for row in rows(org)}

    def away(*args: Any, **kwargs: Any) -> None:
        raise LedgerAway("stopped")

    with monkeypatch.context() as patch:
        patch.setattr(EmbeddedLedger, "create_transfers", away)
        assert run(org).away
    post(org)
    assert run(org, minutes=1).posted == 4
    assert before < {row.tb_transfer_id for row in rows(org)}
    assert in_ledger(org) == {"MGA_FIDUCIARY": 2_000, "MGA_REVENUE": -2_000}


def test_it_takes_new_ids_for_a_chain_refused_for_now(org: Scope) -> None:
    drawn = Transfer(leg="b", code=1101, debit=FUND, credit=posting.REVENUE, cents=400)
    post(org, posting.leg(600, "a"), drawn)
    old = [row.tb_transfer_id for row in rows(org)]
    assert run(org).again == 2
    waiting = rows(org)
    assert {row.status for row in waiting} == {"queued"}
    assert (waiting[1].last_error or "").split(": was ") == ["EXCEEDS_CREDITS", old[1]]
    assert not set(old) & {row.tb_transfer_id for row in waiting}
    assert run(org) == relay.Relayed()  # not due yet
    fill = Transfer(leg="a", code=1006, debit=posting.CASH, credit=FUND, cents=400)
    post(org, fill)
    assert run(org).posted == 1
    assert run(org, minutes=60).posted == 2
    assert in_ledger(org)["LOSS_FUND"] == 0


def test_it_refuses_a_chain_at_last(org: Scope) -> None:
    post(org, Transfer(leg="b", code=1101, debit=FUND, credit=posting.REVENUE, cents=400))
    for hour in range(outbox.ATTEMPTS):
        assert run(org, minutes=60 * hour).again == 1
    assert run(org, minutes=600).refused == 1
    assert [(row.status, row.result_code) for row in rows(org)] == [("refused", "EXCEEDS_CREDITS")]


def test_it_leaves_a_transfer_that_differs_to_a_person(org: Scope) -> None:
    post(org, posting.leg(600, "a"))
    run(org)
    with entered(org):
        LedgerTransfer.objects.within(org).update(status="queued", amount_cents=601)
    assert run(org, minutes=1).review == 1
    assert rows(org)[0].result_code == "EXISTS_WITH_DIFFERENT_AMOUNT"


def test_it_keeps_organisations_apart(org: Scope, borealis: Scope) -> None:
    posting.organization(borealis)
    post(org)
    post(borealis, posting.leg(50, "a"))
    assert run(borealis).posted == 1
    assert {row.status for row in rows(org)} == {"queued"}
    assert in_ledger(borealis) == {"MGA_FIDUCIARY": 50, "MGA_REVENUE": -50}


def test_it_takes_turns(org: Scope) -> None:
    post(org)
    with entered(org), leased(org, relay.LEASE, now=NOW, lasts=timedelta(minutes=2)) as ours:
        assert ours
        assert relay.relay(org, now=NOW).busy
        assert relay.relay(org, now=NOW + timedelta(minutes=3)).posted == 2  # its holder died


def test_it_rebuilds_an_emptied_ledger(org: Scope, capsys: pytest.CaptureFixture[str]) -> None:
    post(org)
    run(org)
    with connections[ALIAS].cursor() as cursor:
        for table in ("accounts", "transfers", "balances"):
            cursor.execute(f"DELETE FROM {table}")
    assert in_ledger(org) == {}
    args = ["ledger", "replay", "--org", org.org_id]
    assert ledger_cli.main(args) == 4  # nobody asks
    args += ["--as", people.account(org.org_id, "finance_analyst").email]
    assert ledger_cli.main(args) == 0
    assert "2 transfers sent again, 2 stand" in capsys.readouterr().out
    assert in_ledger(org) == WHOLE
    assert ledger_cli.main(args) == 0  # safe on a full one
    assert in_ledger(org) == WHOLE


def test_it_prints_health_and_balances(org: Scope, capsys: pytest.CaptureFixture[str]) -> None:
    post(org)
    run(org)
    assert ledger_cli.main(["ledger", "health"]) == 0
    assert capsys.readouterr().out.startswith("embedded: running")
    assert ledger_cli.main(["ledger", "balances", "--json", "--org", org.org_id]) == 0
    told = json.loads(capsys.readouterr().out)["accounts"]
    assert {one["balance_cents"] for one in told} == {1_000}
    assert all(one["balance_cents"] == one["shown_cents"] for one in told)
    assert ledger_cli.main(["ledger", "balances", "--org", new_id()]) == 3


def test_it_is_started_once_the_entry_is_committed(
    org: Scope,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    started: list[str] = []
    monkeypatch.setattr(relay_start, "_starters", [lambda scope: started.append(scope.org_id)])
    with django_capture_on_commit_callbacks(using="oi_billing", execute=True):
        post(org)
        assert started == []
    assert started == [org.org_id]


def test_it_may_find_no_broker(
    org: Scope,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    asked: list[str] = []

    def away(*args: Any, **kwargs: Any) -> None:
        asked.append("broker")
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks, "_broker_away_until", [0])
    monkeypatch.setattr(relay_start, "_starters", [tasks.start_relay])
    monkeypatch.setattr(tasks.relay_transfers, "enqueue", away)
    with django_capture_on_commit_callbacks(using="oi_billing", execute=True):
        post(org)
        post(org)
    assert asked == ["broker"]  # the second writer does not wait for it again
    assert len(rows(org)) == 4
