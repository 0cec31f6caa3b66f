"""Entries by hand: two people, unmapped accounts, open months; posted ones only mirrored."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from openinsure.billing.models import GlJournalEntry, GlPeriod
from openinsure.billing.operations import manual
from openinsure.billing.postings import Line, UnbalancedEntry
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Conflict, Forbidden, NotFound
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.billing import posting
from tests.billing.posting import balances, once
from tests.billing.test_commissions import DATABASES

pytestmark = pytest.mark.django_db(databases=DATABASES)
NOW, ANN, BOB = posting.NOW, new_id(), new_id()
LINES = (Line(account="1210", cents=5_000), Line(account="2110", cents=-5_000))
REASON = "Share of a late endorsement"


@pytest.fixture
def books(acme: Scope) -> Scope:
    posting.organization(acme)
    return acme


def propose(scope: Scope, lines: Any = LINES, form: Any = None, **given: Any) -> Any:
    values: dict[str, Any] = {
        "entry_date": date(2026, 11, 18), "reason": REASON, "actor_user_id": ANN, "now": NOW,
    } | given  # fmt: skip
    with entered(scope):
        return manual.propose_entry(scope, once=form or once(), lines=lines, **values)


def approve(scope: Scope, key: str, by: str = BOB) -> Any:
    with entered(scope):
        return manual.approve_entry(scope, key, actor_user_id=by, now=NOW)


def test_it_posts_when_another_person_approves(books: Scope) -> None:
    form = once()
    asked = propose(books, form=form)
    assert propose(books, form=form).repeated
    assert balances(books) == {}
    with pytest.raises(Forbidden):
        approve(books, asked.entry_id, ANN)
    done = [approve(books, asked.entry_id) for _ in range(2)]
    assert [one.repeated for one in done] == [False, True]
    assert balances(books) == {"1210": 5_000, "2110": -5_000}
    with entered(books):
        posted = GlJournalEntry.objects.within(books).get(source_type="manual")
        assert (posted.entry_number, posted.posted_by_user_id) == (done[0].number, BOB)
        assert posted.entry_number.startswith("JE-2026-11-")
        with pytest.raises(NotFound):
            manual.entry_named(books, asked.number)


def test_it_takes_an_entry_back_by_its_mirror(books: Scope) -> None:
    number = approve(books, propose(books).entry_id).number
    with entered(books):
        back = manual.propose_reversal(
            books, once=once(), number=number, entry_date=date(2026, 11, 19), reason=REASON,
            actor_user_id=BOB, now=NOW,
        )  # fmt: skip
    approve(books, back.entry_id, ANN)
    assert balances(books) == {}
    with pytest.raises(Conflict, match="reversed before"), entered(books):
        manual.propose_reversal(
            books, once=once(), number=number, entry_date=date(2026, 11, 19), reason=REASON,
            actor_user_id=BOB, now=NOW,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "given", "refusal", "said"),
    [
        ((Line(account="1010", cents=1), Line(account="2900", cents=-1)), {}, BadForm, "1010"),
        ((Line(account="1200", cents=2), Line(account="2900", cents=-1)), {}, UnbalancedEntry,
         "exceed"),
        (LINES, {"entry_date": date(2026, 11, 21)}, BadForm, "after today"),
        (LINES, {"reason": "short"}, BadForm, "10 to 255"),
    ],
)  # fmt: skip
def test_it_refuses_what_cannot_stand(
    books: Scope, lines: Any, given: dict[str, Any], refusal: type[Exception], said: str
) -> None:
    with pytest.raises(refusal, match=said):
        propose(books, lines, **given)
    with entered(books):
        assert not GlJournalEntry.objects.within(books).exists()


def test_it_posts_nothing_into_a_closed_month(books: Scope) -> None:
    asked = propose(books)
    with entered(books):
        GlPeriod.objects.within(books).update(status="closed")
    with pytest.raises(BadForm, match="closed"):
        propose(books)
    with pytest.raises(Conflict, match="closed by now"):
        approve(books, asked.entry_id)
    with entered(books):
        told: dict[str, Any] = {"note": "The month is closed", "actor_user_id": BOB, "now": NOW}
        assert manual.reject_entry(books, asked.entry_id, **told).status == "rejected"
    assert balances(books) == {}


def test_it_names_the_field_and_both_sums_of_what_does_not_balance(books: Scope) -> None:
    author = people.browser(books.org_id, "finance_analyst")
    place = "/ledger/entries/new"
    sent = {
        "entry_date": "2026-11-18", "reason": REASON, "account_1": "1210", "debit_1": "9.00",
        "account_2": "2110", "credit_2": "10.00",
    } | fresh(author, place)  # fmt: skip
    refused = author.post(place, sent)
    told = refused.content.decode()
    assert refused.status_code == 422
    assert "debits are $9.00, credits are $10.00; they must be equal" in told
    assert '<a href="#debit_1">Debit of line 1</a>' in told
    assert 'value="9.00"' in told
    assert 'value="10.00"' in told


def test_two_people_post_it_in_the_browser(books: Scope) -> None:
    author, other = (people.browser(books.org_id, "finance_analyst") for _ in range(2))
    assert "/ledger/entries/new" in author.get("/ledger/journal").content.decode()
    sent = {"entry_date": "2026-11-18", "account_1": "1200", "debit_1": "12.34", "credit_1": "",
            "account_2": "2900", "debit_2": "", "credit_2": "12.00", "reason": REASON}  # fmt: skip
    refused = author.post("/ledger/entries/new", sent | fresh(author, "/ledger/entries/new"))
    assert refused.status_code == 422
    assert 'value="12.34"' in refused.content.decode()
    form = sent | {"credit_2": "12.34"} | fresh(author, "/ledger/entries/new")
    assert author.post("/ledger/entries/new", form).status_code == 303
    with entered(books):
        number = GlJournalEntry.objects.within(books).get().entry_number
    page = other.get("/approvals").content.decode()
    assert number in page
    decision = {"kind": "entry", "act": "approve", "number": number, "note": ""}
    own = author.post("/approvals/decisions", decision | fresh(other, "/approvals"))
    assert own.status_code in (403, 422)
    done = other.post("/approvals/decisions", decision | fresh(other, "/approvals"))
    assert done.status_code == 303
    assert balances(books) == {"1200": 1_234, "2900": -1_234}


def fresh(browser: Client, address: str) -> dict[str, str]:
    """The id of the form there."""
    body = browser.get(address).content.decode()
    return {"form_id": body.split('name="form_id" value="')[1].split('"')[0]}
