"""Claims money that a carrier pays in: posted once, on its day, journal and ledger alike."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from openinsure.audit.models import AuditLog
from openinsure.billing.claim_money import ClaimTerms
from openinsure.billing.models import GlJournalEntry
from openinsure.billing.operations import manual
from openinsure.billing.operations.claim_bookings import Occurred, book_reserve
from openinsure.billing.operations.deposits import Deposit, record_deposit
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Conflict, Forbidden
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people
from tests.billing import posting

pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])


@pytest.fixture
def books(acme: Scope) -> Scope:
    posting.organization(acme)
    return acme


def wish(cents: int, **given: Any) -> Deposit:
    values: dict[str, Any] = {
        "program_id": new_id(), "carrier_id": new_id(), "cents": cents,
        "received_on": date(2026, 11, 18), "reference": "WIRE 9", "words": "CAP",
    } | given  # fmt: skip
    return Deposit(**values)


def record(scope: Scope, deposit: Deposit, form: Any = None) -> Any:
    with entered(scope):
        return record_deposit(
            scope, once=form or posting.once(), deposit=deposit, actor_user_id=new_id(),
            now=posting.NOW,
        )  # fmt: skip


def test_it_posts_once_on_the_day_it_came(books: Scope) -> None:
    form, deposit = posting.once(), wish(5_000_001)
    done = [record(books, deposit, form) for _ in range(2)]
    assert [one.repeated for one in done] == [False, True]
    assert posting.balances(books) == {"1020": 5_000_001, "2510": -5_000_001}
    (entry,) = posting.entries(books)
    assert entry.effective_date == deposit.received_on
    assert "CAP: WIRE 9" in str(entry.description)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"cents": 0}, "amount"),
        ({"received_on": posting.NOW.date() + timedelta(days=1)}, "received_on"),
        ({"reference": ""}, "reference"),
        ({"reference": "x" * 129}, "reference"),
    ],
)
def test_it_refuses_what_is_no_deposit(books: Scope, given: dict[str, Any], field: str) -> None:
    with pytest.raises(BadForm) as refusal:
        record(books, wish(**({"cents": 1} | given)))
    assert set(refusal.value.errors) == {field}
    assert posting.entries(books) == []


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sums=some.lists(some.integers(1, 10**12), min_size=1, max_size=4))
def test_journal_and_ledger_hold_the_sum_to_the_cent(books: Scope, sums: list[int]) -> None:
    before = posting.balances(books).get("1020", 0)
    for cents in sums:
        record(books, wish(cents))
    held = before + sum(sums)
    assert posting.balances(books) == {"1020": held, "2510": -held}
    assert posting.ledger_balances(books) == {"MGA_FIDUCIARY": held, "LOSS_FUND": -held}


def test_the_form_records_it_and_leads_to_its_entry(books: Scope, borealis: Scope) -> None:
    with entered(books):
        program = factories.program(books)
    page = people.browser(books.org_id, "finance_analyst")
    assert "/ledger/deposits" in page.get("/ledger/accounts/LOSS_FUND").content.decode()
    assert "/ledger/deposits" not in page.get("/ledger/accounts/RESERVES").content.decode()
    form = page.get("/ledger/deposits", headers={"accept": "application/json"}).json()["row"]
    sent = {
        "form_id": form["form_id"], "program": program.id, "amount": "1,234.56",
        "received_on": timezone.now().date().isoformat(), "reference": "WIRE 12",
    }  # fmt: skip
    refused = page.post("/ledger/deposits", sent | {"amount": "1.234", "program": new_id()})
    assert refused.status_code == 422
    assert "WIRE 12" in refused.content.decode()
    first, again = (page.post("/ledger/deposits", sent) for _ in range(2))
    assert first["location"] == again["location"]
    html = page.get(first["location"]).content.decode()
    assert "WIRE 12" in html
    assert posting.balances(books) == {"1020": 123_456, "2510": -123_456}
    with entered(books):
        told = AuditLog.objects.within(books).filter(action__startswith="fund.deposited")
        assert set(told.values_list("action", flat=True)) >= {"fund.deposited"}
    assert posting.balances(borealis) == {}
    assert people.browser(books.org_id, "support").get("/ledger/deposits").status_code == 403


def ask_back(scope: Scope, number: str, by: str, on: date | None = None) -> Any:
    """Propose that an entry be taken back."""
    with entered(scope):
        return manual.propose_reversal(
            scope, once=posting.once(), number=number, entry_date=on or posting.NOW.date(),
            reason="Paid in for another program", actor_user_id=by, now=posting.NOW,
        )  # fmt: skip


def approve(scope: Scope, proposal: str, by: str) -> Any:
    with entered(scope):
        return manual.approve_entry(scope, proposal, actor_user_id=by, now=posting.NOW)


def test_two_people_take_a_wrong_deposit_back(books: Scope) -> None:
    ann, bob = new_id(), new_id()
    number = record(books, wish(5_000_001)).number
    asked = ask_back(books, number, ann)
    assert posting.balances(books) == {"1020": 5_000_001, "2510": -5_000_001}
    with pytest.raises(Forbidden):
        approve(books, asked.entry_id, ann)
    assert [approve(books, asked.entry_id, bob).repeated for _ in range(2)] == [False, True]
    assert posting.balances(books) == posting.ledger_balances(books) == {}
    with entered(books):
        rows = GlJournalEntry.objects.within(books).exclude(source_type="manual_proposal")
        first, second = rows.order_by("entry_number")
    assert (second.reversal_of_id, first.reversed_by_id) == (first.id, second.id)
    assert second.posted_by_user_id == bob
    with pytest.raises(Conflict, match="reversed before"):
        ask_back(books, number, ann)


def test_a_deposit_that_reserves_have_taken_stays(books: Scope) -> None:
    ann, bob = new_id(), new_id()
    deposit = wish(1_000)
    number = record(books, deposit).number
    asked = ask_back(books, number, ann)
    terms = ClaimTerms(claim_id=new_id(), policy_id=new_id(), program_id=deposit.program_id)
    told = Occurred(at=posting.NOW, actor_user_id=None, words="Reserve", currency="USD")
    with entered(books):
        book_reserve(books, terms, told, step_id=new_id(), cents=1, now=posting.NOW)
    with pytest.raises(Conflict, match=r"holds \$9\.99"):
        approve(books, asked.entry_id, bob)
    with pytest.raises(Conflict, match=r"holds \$9\.99"):
        ask_back(books, number, ann)
    record(books, wish(1, program_id=deposit.program_id))
    approve(books, asked.entry_id, bob)
    assert posting.ledger_balances(books) == {"MGA_FIDUCIARY": 1, "RESERVES": -1}


def test_it_is_not_taken_back_before_it_came(books: Scope) -> None:
    number = record(books, wish(1)).number
    with pytest.raises(BadForm, match="before the entry"):
        ask_back(books, number, new_id(), date(2026, 11, 17))


def test_the_entry_of_a_deposit_offers_it(books: Scope) -> None:
    number = record(books, wish(123)).number
    place = f"/ledger/journal/{number}/reversals"
    page = people.browser(books.org_id, "finance_analyst")
    assert place in page.get(f"/ledger/journal/{number}").content.decode()
    assert "$1.23" in page.get(place).content.decode()
    reader = people.browser(books.org_id, "org_admin")
    assert place not in reader.get(f"/ledger/journal/{number}").content.decode()
    assert reader.get(place).status_code == 403
