"""Journal against ledger: every cent explained by a cause, or named with its fault."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from openinsure.billing.ledger_number import ledger_number
from openinsure.billing.models import (
    GlJournalLine,
    LedgerReconciliationItem,
    LedgerReconciliationRun,
    LedgerTransfer,
)
from openinsure.billing.operations.journal import post_entry
from openinsure.billing.postings import LedgerKey, Line, Transfer
from openinsure.billing.queries import reconciling as reads
from openinsure.jobs import ledger_cli, reconciliation, relay
from openinsure.jobs.leases import leased
from openinsure.jobs.reconciliation import reconcile
from openinsure.keyspaces.ids import new_id
from openinsure.ledger.backends import ledger_of
from openinsure.ledger.port import Transfer as Event
from openinsure.ledger.port import TransferFlags
from openinsure.problems import Conflict
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.billing import posting
from tests.ledgers import Away

pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_billing", "ledger_engine"]
)
NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)
HOURS = count()
FUND = LedgerKey("LOSS_FUND", "program", new_id(), "unearned")
CARRIER = LedgerKey("CARRIER_PAYABLE", "carrier", new_id())
PAYEE = LedgerKey("EXTERNAL_PAYOUT", "payee", new_id())


def book(scope: Scope, lines: list[tuple[str, int]], *legs: Transfer) -> None:
    with entered(scope):
        post_entry(
            scope, once=posting.once(), entry_date=date(2026, 11, 19), source_type="payment",
            source_id=new_id(), lines=[Line(account=code, cents=cents) for code, cents in lines],
            transfers=legs, now=NOW,
        )  # fmt: skip


def receipt(scope: Scope, cents: int = 133_951) -> None:
    """The carrier leg of a receipt."""
    leg = Transfer(leg="carrier", code=1006, debit=posting.CASH, credit=FUND, cents=cents)
    book(scope, [("1010", cents), ("2500", -cents)], leg)


def earned(scope: Scope, cents: int = 110_096) -> None:
    """Step 2 of the worked example."""
    leg = Transfer(leg="earned", code=1101, debit=FUND, credit=CARRIER, cents=cents)
    book(scope, [("2500", cents), ("2100", -cents)], leg)


def later() -> datetime:
    """An hour after the last step."""
    return datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=next(HOURS))


def send(scope: Scope) -> None:
    with entered(scope):
        relay.relay(scope, now=later())


def compare(scope: Scope) -> dict[str, tuple[int, int, dict[str, int]]]:
    """Type (purpose) -> difference, unexplained, causes; matched ones left out."""
    with entered(scope):
        found = reconcile(scope, date(2026, 11, 20), now=later())
    return {
        f"{one.kind.account_type} {one.kind.purpose}".strip(): (
            one.drift_cents, one.unexplained_cents, dict(one.causes),
        )
        for part in found
        for one in part.compared
        if one.status != "matched"
    }  # fmt: skip


def latest(scope: Scope) -> LedgerReconciliationRun:
    with entered(scope):
        run: LedgerReconciliationRun = LedgerReconciliationRun.objects.within(scope).get()
    return run


def faults(scope: Scope) -> list[tuple[str, str, int]]:
    with entered(scope):
        rows = LedgerReconciliationItem.objects.within(scope).filter(explained_cents=0)
        rows = rows.exclude(parent_item_id=None).order_by("account_type")
        return list(rows.values_list("account_type", "explanation_code", "unexplained_cents"))


@pytest.fixture
def org(acme: Scope) -> Scope:
    posting.organization(acme)
    return acme


def test_it_matches_what_the_ledger_has(org: Scope) -> None:
    receipt(org)
    earned(org)
    send(org)
    with entered(org):  # closing entries have no counterpart in the ledger
        post_entry(
            org, once=posting.once(), entry_date=date(2026, 11, 19), source_type="close",
            source_id=new_id(), lines=posting.pair(900), transfers=[], now=NOW,
        )  # fmt: skip
    assert compare(org) == {}
    run = latest(org)
    assert (run.status, run.total_abs_drift_cents, run.accounts_checked) == ("matched", 0, 3)
    assert run.tb_as_of_timestamp


def test_it_explains_a_day_without_the_ledger(org: Scope, away: Away) -> None:
    """Domain.md 5.6: away at step 2 of the worked example; after the replay nothing is left."""
    receipt(org)
    send(org)
    with away():
        earned(org)
        send(org)
        down = {"LEDGER_DOWN": -110_096}
        assert compare(org) == {
            "CARRIER_PAYABLE": (-110_096, 0, down),
            "LOSS_FUND unearned": (110_096, 0, {"LEDGER_DOWN": 110_096}),
        }
    run = latest(org)
    assert (run.status, run.unexplained_drift_cents) == ("explained", 0)
    assert (run.total_abs_drift_cents, run.explained_drift_cents) == (220_192, 220_192)
    assert "did not answer" in (run.error_text or "")
    send(org)
    assert compare(org) == {}


def test_it_explains_what_waits_in_the_outbox(org: Scope) -> None:
    receipt(org, 500)
    waits = {"OUTBOX_PENDING": -500}
    assert compare(org) == {
        "MGA_FIDUCIARY": (-500, 0, waits), "LOSS_FUND unearned": (-500, 0, waits),
    }  # fmt: skip


def test_it_knows_a_transfer_sent_and_never_answered(org: Scope) -> None:
    receipt(org, 500)
    send(org)
    with entered(org):
        LedgerTransfer.objects.within(org).update(status="sent")  # killed before it was marked
    assert compare(org) == {}


def test_it_explains_a_pending_payout(org: Scope) -> None:
    receipt(org)
    earned(org)
    flag = int(TransferFlags.PENDING)
    held = Transfer(leg="p", code=1301, debit=CARRIER, credit=PAYEE, cents=110_096, flags=flag)
    book(org, [("2100", 110_096), ("2090", -110_096)], held)
    send(org)
    assert compare(org) == {
        "CARRIER_PAYABLE": (110_096, 0, {"PENDING_PAYOUT": 110_096}),
        "EXTERNAL_PAYOUT": (-110_096, 0, {"PENDING_PAYOUT": -110_096}),
    }
    with entered(org):
        waits = LedgerTransfer.objects.within(org).get(transfer_code=1301).tb_transfer_id
    post = Transfer(
        leg="c", code=1301, debit=CARRIER, credit=PAYEE, cents=110_096,
        flags=int(TransferFlags.POST_PENDING_TRANSFER), pending_transfer_id=waits,
    )  # fmt: skip
    left = Transfer(leg="d", code=1302, debit=PAYEE, credit=posting.CASH, cents=110_096)
    book(org, [("2090", 110_096), ("1010", -110_096)], post, left)
    assert all(unexplained == 0 for _, unexplained, _ in compare(org).values())
    send(org)
    assert compare(org) == {}


def test_it_names_an_amount_that_differs(org: Scope) -> None:
    receipt(org, 5_000)
    send(org)
    with entered(org):  # the planted 12.34: the journal says more than was moved
        lines = GlJournalLine.objects.within(org)
        lines.filter(account_code="1010").update(debit_cents=6_234)
        lines.filter(account_code="2500").update(credit_cents=6_234)
    told = compare(org)
    assert told == {
        "MGA_FIDUCIARY": (-1_234, -1_234, {}), "LOSS_FUND unearned": (-1_234, -1_234, {}),
    }  # fmt: skip
    assert faults(org) == [("LOSS_FUND", "AMOUNT", -1_234), ("MGA_FIDUCIARY", "AMOUNT", -1_234)]


def test_it_names_errors_that_cancel_in_balances(org: Scope) -> None:
    """Two transfers wrong by equal amounts leave every balance right."""
    receipt(org, 700)
    receipt(org, 300)
    send(org)
    with entered(org):
        rows = LedgerTransfer.objects.within(org)
        rows.filter(amount_cents=700).update(amount_cents=699)
        rows.filter(amount_cents=300).update(amount_cents=301)
    assert compare(org) == {}
    assert sorted(cents for _, cause, cents in faults(org) if cause == "AMOUNT") == [-1, -1, 1, 1]


def test_it_names_what_only_the_ledger_has(org: Scope) -> None:
    receipt(org, 700)
    send(org)
    with entered(org):
        code = ledger_number(org)
        rows = {row.account_type: int(row.tb_account_id, 16) for row in reads.accounts(org)}
        stray = Event(
            id=77, debit_account_id=rows["MGA_FIDUCIARY"], credit_account_id=rows["LOSS_FUND"],
            amount=5, ledger=code, code=1006,
        )  # fmt: skip
        assert ledger_of(org, code).create_transfers([stray])[0].done
    told = compare(org)
    assert {name: cents for name, (_, cents, _) in told.items()} == {
        "MGA_FIDUCIARY": 5, "LOSS_FUND unearned": 5,
    }  # fmt: skip
    assert faults(org) == [("LOSS_FUND", "MISSING_GL", 5), ("MGA_FIDUCIARY", "MISSING_GL", 5)]


def test_it_names_what_the_ledger_refused(org: Scope) -> None:
    earned(org, 50)
    with entered(org):
        LedgerTransfer.objects.within(org).update(status="refused")
    compare(org)
    assert faults(org) == [("CARRIER_PAYABLE", "MISSING_TB", -50), ("LOSS_FUND", "MISSING_TB", 50)]


def test_it_replaces_a_days_figures_and_keeps_what_was_resolved(org: Scope) -> None:
    earned(org, 50)
    with entered(org):
        LedgerTransfer.objects.within(org).update(status="refused")
    compare(org)
    who = new_id()
    with entered(org):
        rows = LedgerReconciliationItem.objects.within(org)
        rows.filter(account_type="LOSS_FUND").exclude(parent_item_id=None).update(
            status="resolved", resolved_by_user_id=who, resolution_note="Moved by hand."
        )
    compare(org)
    assert latest(org).unexplained_drift_cents == 100
    with entered(org):
        rows = LedgerReconciliationItem.objects.within(org)
        assert rows.count() == 4
        assert rows.get(status="resolved").resolved_by_user_id == who


def test_it_waits_for_the_relay(org: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation, "PAUSE_S", 0)
    with (
        entered(org),
        leased(org, relay.LEASE, now=NOW, lasts=timedelta(minutes=2)),
        pytest.raises(Conflict),
    ):
        reconcile(org, date(2026, 11, 20), now=NOW)


def test_it_keeps_organisations_apart(org: Scope, borealis: Scope) -> None:
    posting.organization(borealis)
    receipt(org)
    send(org)
    receipt(borealis, 5)
    assert compare(org) == {}
    assert {cents for cents, _, _ in compare(borealis).values()} == {-5}


def test_it_is_the_command_too(org: Scope, capsys: pytest.CaptureFixture[str], away: Away) -> None:
    receipt(org)
    send(org)
    args = ["ledger", "reconcile", "--org", org.org_id]
    assert ledger_cli.main(args) == 4  # nobody asks
    args += ["--as", people.account(org.org_id, "finance_analyst").email]
    assert ledger_cli.main([*args, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["accounts"]
    assert {one["difference_cents"] for one in told} == {0}
    assert {one["ledger_cents"] for one in told} == {133_951}
    with away():
        assert ledger_cli.main(args) == 5
    with entered(org):
        LedgerTransfer.objects.within(org).update(status="refused")
    assert ledger_cli.main(args) == 6
