"""What the loaded demo holds: its books, words, sign-ins, runs, notices and mail. Loaded once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

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
from openinsure.demo.orgs_data import ACME, BOREALIS, PLATFORM_ID, TENANTS
from openinsure.jobs import mailbox_ingest, reading
from openinsure.ledger import ids
from openinsure.ledger.backends import adapter
from openinsure.pages import find_words
from openinsure.pages.models import SearchMark, SearchToken
from openinsure.policies.models import (
    Cancellation,
    Nonrenewal,
    Policy,
    PolicyNotice,
    PolicyVehicle,
)
from openinsure.policies.noticing import was_given
from openinsure.settings.databases import KEYSPACES, LEDGER_ALIAS
from openinsure.submissions.models import InboundMessage, Submission
from openinsure.tenancy.scope import OrgScope, SystemScope, active_scope, entered
from tests.demo.test_load import FEW, TODAY, numbers, run, small_tenants
from tests.standing import Standing

__all__ = ["small_tenants"]
pytestmark = [
    pytest.mark.django_db(databases=["default", LEDGER_ALIAS, *KEYSPACES]),
    pytest.mark.usefixtures("loaded", "nothing_kept"),
]
EVENING = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def loaded(standing: Standing) -> None:
    """The small demo, for all tests here."""
    with standing(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "TENANTS", FEW)
        run()


def test_it_leaves_another_size_alone_where_any_will_do() -> None:
    once = partial(loading.load, size="medium", seed=7, today=TODAY, report=lambda _: None)
    assert once(unless_any=True).skipped
    assert DemoLoad.objects.get().size == "small"


def test_it_gives_two_organizations_one_number_and_one_vin() -> None:
    shared = set(numbers(ACME.id)) & set(numbers(BOREALIS.id))
    assert len(shared) == 1
    assert len(vins(ACME.id) & vins(BOREALIS.id)) == 1


def vins(org_id: str) -> set[str]:
    """Of all its units."""
    scope = OrgScope(org_id, "service:test")
    with entered(scope):
        return set(PolicyVehicle.objects.within(scope).values_list("vin", flat=True))


def test_it_stores_no_status_without_a_word() -> None:
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
    for spec in TENANTS:
        scope = OrgScope(spec.id, "service:test")
        with entered(scope):
            assert JournalDay.objects.within(scope).exists()
            assert checking.wrong_days(scope) == []


def test_it_makes_every_sign_in_of_the_contract() -> None:
    made = set(Account.objects.values_list("email", flat=True))
    for slug in ("acme", "borealis", "cascade"):
        assert {f"support@{slug}.test", f"finance2@{slug}.test"} <= made
    assert {"superadmin@openinsure.test", "approver@openinsure.test"} <= made


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
    for spec in TENANTS:
        scope = OrgScope(spec.id, "service:test")
        with entered(scope):
            (found,) = LedgerReconciliationRun.objects.within(scope)
        planted = 2 * 1_234 if spec.slug == "borealis" else 0  # on both accounts of its transfer
        assert (found.run_date, found.unexplained_drift_cents) == (TODAY, planted)


def test_its_transfers_are_posted_and_belong_to_an_entry() -> None:
    scope = OrgScope(ACME.id, "service:test")
    with entered(scope):
        rows = LedgerTransfer.objects.within(scope)
        assert rows.exclude(status="posted").count() == 0
        assert rows.filter(gl_entry__entry_number__startswith="JE-").count() == rows.count() > 100
        assert rows.exclude(policy_id=None).count() > 100


def test_its_runs_tell_of_a_failed_a_missed_and_a_late_one() -> None:
    with entered(SystemScope(PLATFORM_ID, "service:test")):
        rows = {row.name: row for row in reading.list_jobs(now=EVENING)}
    assert rows["portfolio-sweep"].strip_words == "13 ok, 1 failed (17 Nov)"
    assert rows["renewal-notices"].strip_words == "13 ok, 1 missed (15 Nov)"
    assert rows["earned-premium"].strip_words == "13 ok, 1 late (12 Nov)"
    assert {row.state for row in rows.values()} == {"succeeded"}
    assert {len(row.strip) for row in rows.values()} == {14}


def test_no_notice_of_it_ends_coverage_too_early() -> None:
    for spec in TENANTS:
        scope = OrgScope(spec.id, "service:test")
        with entered(scope):
            policies = {row.id: row for row in Policy.objects.within(scope)}
            ends: list[Any] = [*Cancellation.objects.within(scope).filter(initiated_by="company"),
                               *Nonrenewal.objects.within(scope)]  # fmt: skip
            assert ends
            waiting = set(PolicyNotice.objects.within(scope).filter(status="to_mail")
                          .values_list("cause_id", flat=True))  # fmt: skip
            for row in ends:
                given = was_given(policies[row.policy_id], row)
                assert given or (row.status == "pending" and row.id in waiting)
            mailed = PolicyNotice.objects.within(scope).exclude(status="to_mail")
            notices = {row.cause_id: row for row in mailed}
            ended = [row for row in ends if row.id not in waiting]
            assert set(notices) == {row.id for row in ended}
            assert ended
            for row in ended:
                notice = notices[row.id]
                assert notice.effective_date == row.effective_date
                days = (row.effective_date - notice.mailed_at.date()).days
                assert days >= notice.rule_days == row.notice_days


def test_mail_to_its_address_is_filed(settings: Any, tmp_path: Path) -> None:
    scope = OrgScope(ACME.id, "service:test")
    with entered(scope):
        before = Counter(InboundMessage.objects.within(scope).values_list("status", flat=True))
        number = Submission.objects.within(scope).values_list("submission_number", flat=True)[0]
    assert (before["filed"], before["new"], before["dismissed"]) == (10, 3, 1)
    message = EmailMessage()
    message["From"], message["To"] = "broker@agency.test", "Inbox@acme.test"
    message["Subject"], message["Message-ID"] = f"Re: {number}", "<1@agency.test>"
    message.set_content("Loss runs attached.")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1.mail").write_bytes(bytes(message))
    settings.MAILBOX_URL = f"maildir://{tmp_path}"
    work = mailbox_ingest.prepared((PLATFORM_ID, *(spec.id for spec in TENANTS)))
    with entered(SystemScope(ACME.id, "service:test")) as system:
        assert work(system, EVENING).figures == {"filed": 1}
    with entered(SystemScope(PLATFORM_ID, "service:test")) as platform:
        poison = InboundMessage.objects.within(platform).get(status="set_aside")
        assert "broken" in poison.error_text
        assert InboundMessage.objects.within(platform).filter(status="quarantined").count() == 1
