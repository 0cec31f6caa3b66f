"""What is counted every five minutes: ledger balances by type, commission not yet stated."""

from __future__ import annotations

from typing import Any

import pytest

from openinsure.billing.books import counting
from openinsure.billing.queries import ledger
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people
from tests.billing import books, posting
from tests.billing.posting import NOW

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_billing"])
JSON = {"accept": "application/json"}


def cash(scope: Scope) -> tuple[int, int]:
    """How many trust accounts, and their balance."""
    rows = {row.account_type: row for row in ledger.list_balances(scope)}
    return rows["MGA_FIDUCIARY"].accounts, rows["MGA_FIDUCIARY"].balance_cents


def test_it_adds_ledger_balances_up_by_type(acme: Scope) -> None:
    with entered(acme):
        books.accounts(acme, "MGA_FIDUCIARY", 3)
        assert cash(acme) == (3, 3)  # nothing is counted yet: as they stand
        counting.count(acme, at=NOW)
        live = ledger.list_balances(acme)
        books.accounts(acme, "MGA_FIDUCIARY", 2)
        assert cash(acme) == (3, 3)
        assert ledger.list_balances(acme) == live
        counting.count(acme, at=NOW)
        assert cash(acme) == (5, 5)


def test_it_tells_the_age_of_open_commissions(acme: Scope) -> None:
    posting.organization(acme)
    browser = people.browser(acme.org_id, "finance_analyst")
    one = factories.producer(acme)
    with entered(acme):
        books.accruals(acme, one.id, 4)
        books.accruals(acme, new_id(), 9, status="stated")
    page = browser.get("/billing/commissions").content.decode()
    assert 'value="40"' in page
    assert 'class="age"' not in page  # counted for this page
    with entered(acme):
        counting.count(acme, at=NOW)
        books.accruals(acme, one.id, 1)
    page = browser.get("/billing/commissions").content.decode()
    assert 'value="40"' in page
    assert 'class="age"' in page


def test_it_counts_a_producer_again_whose_statement_is_drawn_up(acme: Scope) -> None:
    posting.organization(acme)
    browser = people.browser(acme.org_id, "finance_analyst")
    one, other = factories.producer(acme), factories.producer(acme)
    with entered(acme):
        for producer in (one, other):
            books.accruals(acme, producer.id, 4)
        counting.count(acme, at=NOW)
    address = "/billing/commissions/new"
    form: Any = browser.get(address).content.decode().split('name="form_id" value="')[1]
    sent = {"form_id": form.split('"')[0], "producer": one.id, "period_end": "2026-06-30"}
    assert browser.post(address, sent).status_code == 303
    with entered(acme):
        found, counted_at = counting.open_commissions(acme, 8)
    assert (found, counted_at) == ([(other.id, "USD", 4, 40)], NOW)
