"""Loading the demo: once, again, and in the large shape, on the real databases."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from django.apps import apps

from openinsure.accounts.models import Account
from openinsure.billing.books import checking
from openinsure.billing.books.models import JournalDay
from openinsure.billing.models import (
    GlJournalLine,
    LedgerAccount,
    LedgerReconciliationRun,
    LedgerTransfer,
)
from openinsure.console.words import status
from openinsure.demo import load as loading
from openinsure.demo.models import DemoLoad
from openinsure.demo.orgs_data import ACME, BOREALIS, TENANTS, Size
from openinsure.ledger import ids
from openinsure.ledger.backends import adapter
from openinsure.pages import find_words
from openinsure.pages.models import SearchMark, SearchToken
from openinsure.policies.models import Policy, PolicyVehicle
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import OrgScope, active_scope, entered

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


def test_it_leaves_another_size_alone_where_any_will_do() -> None:
    run()
    once = partial(loading.load, size="medium", seed=7, today=TODAY, report=lambda _: None)
    assert once(unless_any=True).skipped
    assert DemoLoad.objects.get().size == "small"


def test_it_gives_two_organizations_one_number_and_one_vin() -> None:
    run()
    shared = set(numbers(ACME.id)) & set(numbers(BOREALIS.id))
    assert len(shared) == 1
    assert len(vins(ACME.id) & vins(BOREALIS.id)) == 1


def vins(org_id: str) -> set[str]:
    """Of all its units."""
    scope = OrgScope(org_id, "service:test")
    with entered(scope):
        return set(PolicyVehicle.objects.within(scope).values_list("vin", flat=True))


def test_it_stores_no_status_without_a_word() -> None:
    run()
    without = set()
    with entered(OrgScope(ACME.id, "service:test")):
        for model in (m for m in apps.get_models() if m._meta.app_label in KEYSPACES):
            names = {f.attname for f in model._meta.concrete_fields}
            if "org_id" not in names:
                continue
            for name in (n for n in names if n == "status" or n.endswith(("_status", "_stage"))):
                rows = model.objects.within(active_scope())  # type: ignore[attr-defined]
                kept = {value for value in rows.values_list(name, flat=True) if value}
                without |= {(name, v) for v in kept if status(v) == (v, "neutral", False)}
    assert not without


def test_its_words_are_those_the_sweep_would_take_up() -> None:
    run()
    scope = OrgScope(BOREALIS.id, "service:test")
    with entered(scope):
        tokens = SearchToken.objects.within(scope).order_by("token", "id")
        made = list(tokens.values_list("token", "created_at", "id"))
        marks = list(SearchMark.objects.within(scope).values_list("updated_at", flat=True))
        tokens.delete()
        SearchMark.objects.within(scope).delete()
        find_words.take_up(scope)
        assert len(made) > 100
        assert made == list(tokens.values_list("token", "created_at", "id"))
        assert marks == list(SearchMark.objects.within(scope).values_list("updated_at", flat=True))


def test_the_sums_of_its_books_are_those_of_its_journal() -> None:
    run()
    for spec in TENANTS:
        scope = OrgScope(spec.id, "service:test")
        with entered(scope):
            assert JournalDay.objects.within(scope).exists()
            assert checking.wrong_days(scope) == []


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


def test_it_is_reconciled_with_the_planted_cents_unexplained() -> None:
    run()
    for spec in TENANTS:
        scope = OrgScope(spec.id, "service:test")
        with entered(scope):
            (found,) = LedgerReconciliationRun.objects.within(scope)
        planted = 2 * 1_234 if spec.slug == "borealis" else 0  # on both accounts of its transfer
        assert (found.run_date, found.unexplained_drift_cents) == (TODAY, planted)


def test_its_transfers_are_posted_and_belong_to_an_entry() -> None:
    run()
    scope = OrgScope(ACME.id, "service:test")
    with entered(scope):
        rows = LedgerTransfer.objects.within(scope)
        assert rows.exclude(status="posted").count() == 0
        assert rows.filter(gl_entry__entry_number__startswith="JE-").count() == rows.count() > 100
        assert rows.exclude(policy_id=None).count() > 100
