"""Rows the finance pages read: bounded by what they show, however large the book is."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta

import pytest

from openinsure.billing.books import counting, taking
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.billing import books, carriers, posting
from tests.policies.reads import counted

ALIASES = ["default", "oi_global", "oi_billing"]
pytestmark = pytest.mark.django_db(databases=[*ALIASES, "oi_policies", "oi_claims"])
SETTLED = datetime.now(UTC) + timedelta(days=1)
SMALL, LARGE = 60, 600
CARRIER = new_id()
MONTH = date(2026, 9, 1)
PRODUCERS = [new_id() for _ in range(4)]
AT_MOST = 300  # of a page with at most 14 accounts and 12 months


def rows_of(scope: Scope, address: str) -> int:
    """Rows that the second request of a page reads, on every database."""
    client = people.bearer(scope.org_id, "finance_analyst")
    assert client.get(address).status_code == 200
    with ExitStack() as stack:
        found = [stack.enter_context(counted(alias)) for alias in ALIASES]
        assert client.get(address).status_code == 200
    return sum(one.rows for one in found)


def fill(scope: Scope, many: int, first: int = 1) -> None:
    """Entries, streams, ledger accounts and commission, all of it taken up and counted."""
    books.entries(scope, MONTH, many, first=first, carrier_id=CARRIER)
    for _ in range(many):
        books.stream(scope, CARRIER, 100, MONTH)
    books.accounts(scope, "MGA_FIDUCIARY", many)
    for producer in PRODUCERS:
        books.accruals(scope, producer, many // len(PRODUCERS))
    taking.take_up(scope, at=SETTLED)
    counting.count(scope, at=SETTLED)


def grown(scope: Scope, address: str) -> tuple[int, int]:
    """Rows of a page on a book, and on one ten times as large."""
    with entered(scope):
        books.accounts(scope, "CARRIER_PAYABLE", 20)
        fill(scope, SMALL)
    small = rows_of(scope, address)
    with entered(scope):
        fill(scope, LARGE - SMALL, first=SMALL + 1)
        books.entries(scope, MONTH, 3, first=LARGE + 1, carrier_id=CARRIER)  # the live tail
    return small, rows_of(scope, address)


@pytest.mark.parametrize(
    "address",
    [
        "/ledger/trial-balance",
        "/ledger/trial-balance?as_of=2026-09-14",
        "/ledger/close/2026-09",
        "/billing/settlements/{settlement}?tab=bridge",
        "/billing/commissions",
        "/ledger",
        "/ledger/accounts/CARRIER_PAYABLE",
    ],
)
def test_it_reads_what_the_page_shows(acme: Scope, address: str) -> None:
    posting.organization(acme)
    row = carriers.settlement(acme, carrier_id=CARRIER, period_end=date(2026, 9, 30))
    small, large = grown(acme, address.format(settlement=row.settlement_number))
    assert large <= small + 30
    assert large <= AT_MOST
