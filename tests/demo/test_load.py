"""Loading the demo: once, again, and in the large shape, on the real databases."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from openinsure.accounts.models import Account
from openinsure.billing.models import GlJournalLine, LedgerAccount, LedgerTransfer
from openinsure.demo import load as loading
from openinsure.demo.models import DemoLoad
from openinsure.demo.orgs_data import ACME, TENANTS, Size
from openinsure.ledger import ids
from openinsure.ledger.backends import adapter
from openinsure.policies.models import Policy
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import OrgScope, entered

pytestmark = pytest.mark.django_db(databases=["default", "ledger_engine", *KEYSPACES])
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def small_tenants(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each organisation with a few dozen policies."""
    few = tuple(replace(spec, policies=40, claims=10) for spec in TENANTS)
    monkeypatch.setattr(loading, "TENANTS", few)


def run(size: Size = "small", *, again: bool = False) -> loading.Load:
    """One load, silent."""
    return loading.load(size=size, seed=7, today=TODAY, report=lambda _: None, again=again)


def numbers(org_id: str) -> list[str]:
    """The organisation's policy numbers and terms."""
    scope = OrgScope(org_id, "service:test")
    with entered(scope):
        rows = Policy.objects.within(scope).order_by("policy_number", "term_number")
        return [
            f"{number}/{term}" for number, term in rows.values_list("policy_number", "term_number")
        ]


def test_it_loads_once_and_again_the_same() -> None:
    first = run()
    assert first.rows > 1000
    before = numbers(ACME.id)
    assert len(before) == 40
    assert run().skipped
    assert run(again=True).rows == first.rows
    assert numbers(ACME.id) == before
    assert DemoLoad.objects.get().rows_written == first.rows


def test_it_makes_every_sign_in_of_the_contract() -> None:
    run()
    made = set(Account.objects.values_list("email", flat=True))
    for slug in ("acme", "borealis", "cascade"):
        assert {f"support@{slug}.test", f"finance2@{slug}.test"} <= made
    assert {"superadmin@openinsure.test", "approver@openinsure.test"} <= made


def test_it_loads_the_large_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"LARGE_ORGS": 5, "LARGE_POLICIES": 240, "LARGE_BIGGEST": 80}.items():
        monkeypatch.setattr(loading, name, value)
    run("large")
    specs = loading.sized("large")
    assert [len(numbers(spec.id)) for spec in specs] == [80, 40, 40, 40, 40]


def journal_by_type(org_id: str) -> dict[str, int]:
    """Debits less credits of the mapped journal lines, by ledger type."""
    scope, sums = OrgScope(org_id, "service:test"), Counter[str]()
    with entered(scope):
        lines = GlJournalLine.objects.within(scope).exclude(gl_account__tb_account_type=None)
        for kind, debit, credit in lines.values_list(
            "gl_account__tb_account_type", "debit_cents", "credit_cents"
        ):
            sums[kind] += debit - credit
    return {kind: cents for kind, cents in sums.items() if cents}


def ledger_by_type(org_id: str) -> dict[str, int]:
    """The same of what the engine itself says."""
    scope, sums = OrgScope(org_id, "service:test"), Counter[str]()
    with entered(scope):
        rows = {ids.number(row.tb_account_id): row for row in LedgerAccount.objects.within(scope)}
    for account in adapter().lookup_accounts(list(rows), deadline_ms=2_000):
        net = account.debits_posted - account.credits_posted
        row = rows[account.id]
        assert row.last_balance_cents == (net if row.normal_side == "D" else -net)
        sums[row.account_type] += net
    return {kind: cents for kind, cents in sums.items() if cents}


def test_its_journal_is_its_ledger_to_the_cent() -> None:
    run()
    for again in (False, True):
        for spec in TENANTS:
            ledger = ledger_by_type(spec.id)
            journal = journal_by_type(spec.id)
            apart = {kind: ledger[kind] - cents for kind, cents in journal.items()}
            wrong = {kind: cents for kind, cents in apart.items() if cents}
            planted = {"MGA_FIDUCIARY": 1_234, "LOSS_FUND": -1_234}
            assert wrong == (planted if spec.slug == "borealis" else {})
            assert journal.keys() == ledger.keys()
            assert len(ledger) >= 8
        if not again:
            run(again=True)


def test_its_transfers_are_posted_and_belong_to_an_entry() -> None:
    run()
    scope = OrgScope(ACME.id, "service:test")
    with entered(scope):
        rows = LedgerTransfer.objects.within(scope)
        assert rows.exclude(status="posted").count() == 0
        assert rows.filter(gl_entry__entry_number__startswith="JE-").count() == rows.count() > 100
        assert rows.exclude(policy_id=None).count() > 100
