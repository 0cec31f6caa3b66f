"""/ledger/close: months are closed in order by those who may, and reopened by two people."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from openinsure.billing.journal_rows import Check
from openinsure.billing.models import (
    BankReconciliation,
    EarnedPremiumRun,
    GlAccountBalance,
    GlJournalEntry,
    GlJournalLine,
    GlPeriod,
    LedgerTransfer,
)
from openinsure.billing.operations import closing
from openinsure.billing.operations.mirrors import reverse_entry
from openinsure.billing.queries.closing import list_checks
from openinsure.billing.queries.trial import get_period
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Conflict, Forbidden, NotFound
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.billing import carriers, posting
from tests.billing.posting import NOW
from tests.billing.test_ledger_journal import post
from tests.billing.test_lists import told

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_billing"])
SEPTEMBER, OCTOBER = date(2026, 9, 5), date(2026, 10, 5)
REASON = "A receipt of the last day came late"


@pytest.fixture
def books(db: None, acme: Scope) -> Scope:
    """Two months with an entry each."""
    posting.organization(acme)
    post(acme, SEPTEMBER, 1_000)
    post(acme, OCTOBER, 300)
    return acme


def form_of(browser: Client, address: str) -> str:
    """The id of the form at an address."""
    return browser.get(address).content.decode().split('name="form_id" value="')[1].split('"')[0]


def closed(scope: Scope, code: str, by: str = "ann") -> Any:
    """Close a month."""
    with entered(scope):
        return closing.close_period(scope, code, actor_user_id=person(by), now=NOW)


def person(name: str) -> str:
    """A user id."""
    return f"01900000-0000-7000-8000-{name.encode().hex():0>12}"[:36]


def balances(scope: Scope, code: str) -> dict[str, int]:
    """Stored closing balances of a month by account."""
    with entered(scope):
        rows = GlAccountBalance.objects.within(scope).filter(period__period_code=code)
        return dict(rows.values_list("gl_account__account_code", "closing_cents"))


def test_it_stores_the_balances_of_a_closed_month(books: Scope) -> None:
    assert closed(books, "2026-09").status == "closed"
    assert closed(books, "2026-10").repeated is False
    assert balances(books, "2026-09") == {"1010": 1_000, "4200": -1_000}
    assert balances(books, "2026-10") == {"1010": 1_300, "4200": -1_300}
    assert closed(books, "2026-09").repeated


def test_it_closes_in_order_and_only_what_is_over(books: Scope) -> None:
    with pytest.raises(Conflict, match="2026-09 is open"):
        closed(books, "2026-10")
    post(books, date(2026, 11, 2))
    closed(books, "2026-09")
    closed(books, "2026-10")
    with pytest.raises(Conflict, match="not over"):
        closed(books, "2026-11")
    with pytest.raises(NotFound):
        closed(books, "2026-08")


def test_it_takes_no_more_entries_for_a_closed_month(books: Scope) -> None:
    closed(books, "2026-09")
    late = post(books, SEPTEMBER, 50)
    assert late.entry_date == date(2026, 10, 1)
    assert balances(books, "2026-09") == {"1010": 1_000, "4200": -1_000}


def test_it_reopens_by_two_people_with_a_reason(books: Scope) -> None:
    closed(books, "2026-09")
    with entered(books):
        facts: dict[str, Any] = {"now": NOW, "actor_user_id": person("ann")}
        with pytest.raises(BadForm):
            closing.ask_to_reopen(books, "2026-09", reason="oops", **facts)
        with pytest.raises(Conflict, match="Nobody asked"):
            closing.reopen_period(books, "2026-09", **facts)
        assert closing.ask_to_reopen(books, "2026-09", reason=REASON, **facts).repeated is False
        assert closing.ask_to_reopen(books, "2026-09", reason=REASON, **facts).repeated
        with pytest.raises(Forbidden, match="Another person"):
            closing.reopen_period(books, "2026-09", **facts)
        other = facts | {"actor_user_id": person("bob")}
        assert closing.reopen_period(books, "2026-09", **other).status == "reopened"
        assert closing.reopen_period(books, "2026-09", **other).repeated
        row = GlPeriod.objects.within(books).get(period_code="2026-09")
    assert (row.reopen_asked_by_user_id, row.reopened_by_user_id, row.reopen_reason) == (
        person("ann"), person("bob"), REASON,
    )  # fmt: skip
    assert balances(books, "2026-09") == {}
    assert post(books, SEPTEMBER, 7).entry_date == SEPTEMBER


def test_it_reopens_only_the_last_closed_month(books: Scope) -> None:
    closed(books, "2026-09")
    closed(books, "2026-10")
    with entered(books), pytest.raises(Conflict, match="2026-10 is closed"):
        closing.ask_to_reopen(books, "2026-09", reason=REASON, actor_user_id=person("ann"), now=NOW)


def test_it_starts_the_trial_balance_at_the_last_closed_month(books: Scope) -> None:
    script = people.bearer(books.org_id, "finance_analyst")
    before = told(script, "/ledger/trial-balance")["rows"]
    closed(books, "2026-09")
    page = people.browser(books.org_id, "finance_analyst").get("/ledger/trial-balance")
    assert "closed up to 2026-09" in page.content.decode()
    assert told(script, "/ledger/trial-balance")["rows"] == before
    until = told(script, "/ledger/trial-balance?as_of=2026-09-04")["rows"]
    assert until == []


def ready(scope: Scope, code: str) -> None:
    """What the checklist asks for: transfers posted, premium earned."""
    with entered(scope):
        LedgerTransfer.objects.within(scope).update(status="posted")
        EarnedPremiumRun.objects.within(scope).create(
            id=new_id(), as_of_date=date(2026, 11, 20), status="succeeded", currency="USD",
            started_at=NOW, created_at=NOW, updated_at=NOW,
        )  # fmt: skip


def transfers_check(scope: Scope, on: date) -> Check:
    """What the checklist of a day's month says of transfers. Inside the organisation."""
    period = get_period(scope, f"{on:%Y-%m}")
    return next(one for one in list_checks(scope, period) if one.id == "transfers")


def test_it_refuses_to_close_while_the_checklist_is_open(books: Scope) -> None:
    browser = people.browser(books.org_id, "finance_analyst")
    address = "/ledger/close/2026-09/closings"
    answer = browser.post(address, {"form_id": form_of(browser, address)})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "1 queued" in text
    assert "No run as of 1 Oct 2026" in text
    ready(books, "2026-09")
    done = browser.post(address, {"form_id": form_of(browser, address)})
    assert (done.status_code, done["Location"]) == (303, "/ledger/close/2026-09")
    page = browser.get("/ledger/close/2026-09").content.decode()
    assert 'data-state="closed"' in page
    assert "Ask to reopen" in page


def test_it_tells_the_checklist(books: Scope) -> None:
    ready(books, "2026-09")
    answer = told(people.bearer(books.org_id, "finance_analyst"), "/ledger/close/2026-09")
    assert answer["row"]["status"] == "open"
    found = {row["id"]: row["status"] for row in answer["panels"]["checks"]["rows"]}
    assert found == {
        "balanced-USD": "passed", "transfers": "passed", "earned": "passed",
        "reconciled": "unknown", "bank": "unknown",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "said"),
    [("refused", "must be taken back"), ("needs_review", "another transfer under its id")],
)
def test_it_names_what_the_ledger_did_not_take(books: Scope, status: str, said: str) -> None:
    with entered(books):
        rows = LedgerTransfer.objects.within(books).order_by("created_at", "id")
        stuck = rows.filter(gl_entry__entry_date=SEPTEMBER).values_list("id", "tb_transfer_id")
        key, number = stuck[0]
        rows.filter(id=key).update(status=status)
        (blocker,) = transfers_check(books, SEPTEMBER).blockers
    assert blocker.href == f"/ledger/transfers/{number}"
    assert said in blocker.why
    script = people.bearer(books.org_id, "finance_analyst")
    checks = told(script, "/ledger/close/2026-09")["panels"]["checks"]["rows"]
    assert [row["blockers"] for row in checks if row["id"] == "transfers"] == [
        [{"name": blocker.name, "href": blocker.href, "why": blocker.why}]
    ]
    browser = people.browser(books.org_id, "finance_analyst")
    address = "/ledger/close/2026-09/closings"
    answer = browser.post(address, {"form_id": form_of(browser, address)})
    assert (answer.status_code, blocker.name in answer.content.decode()) == (409, True)


def test_two_statements_that_are_apart_do_not_agree_together(books: Scope) -> None:
    for kind, off in (("premium", 500), ("claims", -500)):
        trust = carriers.trust_account(books, kind)
        with entered(books):
            BankReconciliation.objects.within(books).create(
                id=new_id(), trust_account_id=trust.id, statement_date=date(2026, 9, 30),
                statement_balance_cents=off, book_balance_cents=0, outstanding_checks_cents=0,
                deposits_in_transit_cents=0, difference_cents=off, currency="USD",
                status="unexplained", created_at=NOW, updated_at=NOW,
            )  # fmt: skip
    with entered(books):
        checks = list_checks(books, get_period(books, "2026-09"))
    (bank,) = (one for one in checks if one.id == "bank")
    assert (bank.status, bank.found) == ("open", "2 statements, $10.00 apart")


def test_it_lists_the_months_newest_first(books: Scope, borealis: Scope) -> None:
    posting.organization(borealis)
    post(borealis, date(2026, 8, 1))
    script = people.bearer(books.org_id, "finance_analyst")
    rows = told(script, "/ledger/close")["rows"]
    assert [(row["code"], row["status"]) for row in rows] == [
        ("2026-10", "open"),
        ("2026-09", "open"),
    ]
    assert script.get("/ledger/close/2026-08").status_code == 404


@pytest.mark.parametrize("role", ["compliance_officer", "support"])
def test_it_lets_nobody_else_close(books: Scope, role: str) -> None:
    client: Client = people.browser(books.org_id, role)
    assert client.post("/ledger/close/2026-09/closings").status_code == 403


def test_it_never_changes_what_is_posted(books: Scope) -> None:
    """Only who took an entry back is added to it, and nothing to its lines."""
    before = rows_of(books)
    with entered(books):
        first = GlJournalEntry.objects.within(books).order_by("entry_number").first()
        assert first is not None
        reverse_entry(books, first.id, once=posting.once(), entry_date=OCTOBER, now=NOW)
    post(books, SEPTEMBER, 5)
    closed(books, "2026-09")
    post(books, SEPTEMBER, 6)
    after = rows_of(books)
    assert {key: after[key] for key in before} == before
    assert len(after) > len(before)


def rows_of(scope: Scope) -> dict[str, dict[str, Any]]:
    """Every entry and line by id, without what a reversal adds."""
    found = {}
    with entered(scope):
        for model in (GlJournalEntry, GlJournalLine):
            for row in model.objects.within(scope).values():
                for column in ("reversed_by_id", "updated_at"):
                    row.pop(column, None)
                found[row["id"]] = row
    return found
