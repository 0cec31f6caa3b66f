"""A bank line that is a fee: asked for by one person, posted and matched by another; ties out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from openinsure.audit.models import AuditLog
from openinsure.billing.models import BankTransaction, GlJournalEntry, GlPeriod
from openinsure.billing.operations import bank, manual
from openinsure.billing.operations.bank_out import match_out
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Conflict, Forbidden
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.billing import carriers, posting
from tests.billing.posting import once

pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])
ANN, BOB, WHY = new_id(), new_id(), "Wire fee of the month"
ON = posting.NOW.date() - timedelta(days=2)


@pytest.fixture
def books(acme: Scope) -> Scope:
    posting.organization(acme)
    return acme


def line(scope: Scope, cents: int = 1_500, kind: str = "premium", **given: Any) -> Any:
    """A charge on the statement of an account of this kind."""
    trust = carriers.trust_account(scope, kind)
    values = {"direction": "debit", "posted_on": ON, "trust_account_id": trust.id} | given
    return carriers.bank_line(scope, amount_cents=cents, **values)


def ask(scope: Scope, row: Any, form: Any = None, **given: Any) -> Any:
    values: dict[str, Any] = {"reason": WHY, "actor_user_id": ANN, "now": posting.NOW} | given
    with entered(scope):
        return manual.propose_bank_fee(scope, once=form or once(), line_id=row.id, **values)


def approve(scope: Scope, key: str, by: str = BOB) -> Any:
    with entered(scope):
        return manual.approve_entry(scope, key, actor_user_id=by, now=posting.NOW)


def fresh(scope: Scope, row: Any) -> Any:
    with entered(scope):
        return BankTransaction.objects.within(scope).get(id=row.id)


@pytest.mark.parametrize(("kind", "cash"), [("premium", "1010"), ("claims", "1020")])
def test_another_person_posts_and_matches_it(books: Scope, kind: str, cash: str) -> None:
    row, form = line(books, kind=kind), once()
    asked = ask(books, row, form)
    assert ask(books, row, form).repeated
    assert posting.balances(books) == {}
    assert fresh(books, row).match_status == "open"
    with pytest.raises(Forbidden):
        approve(books, asked.entry_id, ANN)
    assert [approve(books, asked.entry_id).repeated for _ in range(2)] == [False, True]
    assert ask(books, row, form).status == "approved"
    assert posting.balances(books) == {"5200": 1_500, cash: -1_500}
    assert posting.ledger_balances(books) == {"MGA_REVENUE": 1_500, "MGA_FIDUCIARY": -1_500}
    with entered(books):
        entry = GlJournalEntry.objects.within(books).get(source_type="bank_fee")
    told = fresh(books, row)
    assert (told.match_status, told.matched_type, told.matched_id) == (
        "matched", "bank_fee", entry.id,
    )  # fmt: skip
    assert (entry.source_id, entry.entry_date) == (row.id, ON)
    assert row.bank_ref in str(entry.description)


def test_a_fee_is_asked_for_once_and_not_of_money_in(books: Scope) -> None:
    row = line(books)
    asked = ask(books, row)
    with pytest.raises(Conflict, match=asked.number):
        ask(books, row)
    with pytest.raises(BadForm, match="money out"):
        ask(books, line(books, direction="credit"))
    with pytest.raises(BadForm, match="10 to 255"):
        ask(books, line(books), reason="short")
    with entered(books):
        told: dict[str, Any] = {"note": "Not a fee of ours", "actor_user_id": BOB}
        manual.reject_entry(books, asked.entry_id, now=posting.NOW, **told)
    assert posting.balances(books) == {}
    assert ask(books, row).status == "proposed"


def test_a_line_matched_meanwhile_posts_nothing(books: Scope) -> None:
    row = line(books)
    asked = ask(books, row)
    paid = carriers.remittance(books, status="remitted", amount_cents=1_500)
    with entered(books):
        match_out(books, line_id=row.id, kind="tax_remittance", key=paid.id, now=posting.NOW)
    with pytest.raises(Conflict, match="matched already"):
        approve(books, asked.entry_id)
    assert posting.balances(books) == {}
    with pytest.raises(Conflict, match="matched already"):
        ask(books, row)


def test_a_closed_month_takes_it_in_the_next(books: Scope) -> None:
    approve(books, ask(books, line(books, posted_on=date(2026, 10, 5))).entry_id)
    with entered(books):
        GlPeriod.objects.within(books).filter(period_code="2026-10").update(status="closed")
    approve(books, ask(books, line(books, 7, posted_on=date(2026, 10, 6))).entry_id)
    with entered(books):
        rows = GlJournalEntry.objects.within(books).filter(source_type="bank_fee")
        days = set(rows.values_list("entry_date", flat=True))
    assert days == {date(2026, 10, 5), date(2026, 11, 1)}


def posted_fee(scope: Scope, row: Any) -> str:
    """The number of the entry of a line booked as a fee."""
    return str(approve(scope, ask(scope, row).entry_id).number)


def ask_back(scope: Scope, number: str) -> Any:
    with entered(scope):
        return manual.propose_reversal(
            scope, once=once(), number=number, entry_date=posting.NOW.date(),
            reason="It was a check of a claim", actor_user_id=ANN, now=posting.NOW,
        )  # fmt: skip


def test_two_people_take_a_wrong_fee_back_and_its_line_is_open(books: Scope) -> None:
    row, other = line(books), line(books, 7)
    number = posted_fee(books, row)
    posted_fee(books, other)
    back = ask_back(books, number)
    assert fresh(books, row).match_status == "matched"
    with pytest.raises(Forbidden):
        approve(books, back.entry_id, ANN)
    assert [approve(books, back.entry_id).repeated for _ in range(2)] == [False, True]
    assert posting.balances(books) == {"5200": 7, "1010": -7}
    assert posting.ledger_balances(books) == {"MGA_REVENUE": 7, "MGA_FIDUCIARY": -7}
    told = fresh(books, row)
    assert (told.match_status, told.matched_type, told.matched_id) == ("open", None, None)
    assert fresh(books, other).match_status == "matched"
    with entered(books):
        rows = GlJournalEntry.objects.within(books)
        first, mirror = (rows.get(**of) for of in ({"entry_number": number},
                                                   {"source_type": "reversal"}))  # fmt: skip
    assert (mirror.reversal_of_id, first.reversed_by_id) == (first.id, mirror.id)
    assert mirror.posted_by_user_id == BOB
    with pytest.raises(Conflict, match="reversed before"):
        ask_back(books, number)


def test_a_line_taken_back_is_matched_to_what_it_is_or_booked_anew(books: Scope) -> None:
    row, again = line(books), line(books, 99)
    for one in (row, again):
        approve(books, ask_back(books, posted_fee(books, one)).entry_id)
    paid = carriers.remittance(books, status="remitted", amount_cents=1_500)
    with entered(books):
        match_out(books, line_id=row.id, kind="tax_remittance", key=paid.id, now=posting.NOW)
    posted_fee(books, again)
    assert (fresh(books, row).matched_id, fresh(books, again).matched_type) == (paid.id, "bank_fee")
    assert posting.balances(books) == {"5200": 99, "1010": -99}


def test_the_entry_of_a_fee_offers_it(books: Scope) -> None:
    number = posted_fee(books, line(books))
    place = f"/ledger/journal/{number}/reversals"
    page = people.browser(books.org_id, "finance_analyst")
    assert place in page.get(f"/ledger/journal/{number}").content.decode()
    form = page.get(place).content.decode()
    assert "Open again then" in form
    sent = form_of(form) | {"entry_date": timezone.now().date().isoformat(), "reason": WHY}
    assert page.post(place, sent)["location"] == "/approvals"
    with entered(books):
        actions = AuditLog.objects.within(books).values_list("action", flat=True)
        assert "entry.reversal_proposed" in set(actions)
    reader = people.browser(books.org_id, "org_admin")
    assert place not in reader.get(f"/ledger/journal/{number}").content.decode()
    assert reader.get(place).status_code == 403


@settings(
    max_examples=10,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(fees=some.lists(some.integers(1, 10**7), min_size=1, max_size=3))
def test_a_statement_ties_out_once_its_fees_are_booked(books: Scope, fees: list[int]) -> None:
    trust = carriers.trust_account(books)
    rows = [line(books, cents, trust_account_id=trust.id) for cents in fees]
    before = posting.balances(books).get("1010", 0)
    for row in rows:
        approve(books, ask(books, row).entry_id)
    with entered(books):
        tied = bank.tie_out(
            books, once=once(), trust_account_id=trust.id, on=ON,
            statement_cents=before - sum(fees), checks_cents=0, actor_user_id=ANN, now=posting.NOW,
        )  # fmt: skip
    assert tied.status == "matched"


def test_the_match_of_a_line_offers_it(books: Scope) -> None:
    row = line(books)
    ann, bob = (people.browser(books.org_id, "finance_analyst") for _ in range(2))
    place = f"/billing/bank/{row.id}/matches"
    page = ann.get(place).content.decode()
    assert "Bank fee: 5200 Bank charges, by another person" in page
    sent = {"payout": f"bank_fee:{row.id}", "reason": "no"}
    refused = ann.post(place, sent | form_of(page))
    assert refused.status_code == 422
    assert "10 to 255" in refused.content.decode()
    done = ann.post(place, sent | {"reason": WHY} | form_of(ann.get(place).content.decode()))
    assert done["location"] == "/approvals"
    (waits,) = bob.get("/approvals", headers={"accept": "application/json"}).json()["rows"]
    decision = {name: waits[name] for name in ("form_id", "kind", "number")} | {"act": "approve"}
    assert bob.post("/approvals/decisions", decision).status_code == 303
    with entered(books):
        entry = GlJournalEntry.objects.within(books).get(source_type="bank_fee")
        actions = AuditLog.objects.within(books).values_list("action", flat=True)
        assert {"entry.proposed", "entry.posted"} <= set(actions)
    assert f"/ledger/journal/{entry.entry_number}" in ann.get("/billing/bank").content.decode()
    assert row.bank_ref in ann.get(f"/ledger/journal/{entry.entry_number}").content.decode()


def form_of(page: str) -> dict[str, str]:
    """The id of the page's form."""
    return {"form_id": page.split('name="form_id" value="')[1].split('"')[0]}
