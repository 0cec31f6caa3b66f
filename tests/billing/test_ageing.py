"""GET /billing/ageing and the roll-up it reads."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from openinsure.billing.ageing import bucket_of
from openinsure.pages.ageing_rollup import refresh_org
from openinsure.tenancy.scope import Scope, entered
from tests.billing import making

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_billing"])
TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("late", "bucket"), [(1, 0), (30, 0), (31, 1), (60, 1), (61, 2), (90, 2), (91, 3), (900, 3)]
)
def test_it_puts_days_into_buckets(late: int, bucket: int) -> None:
    assert bucket_of(late) == bucket


def owing(scope: Scope, *late_days: int) -> str:
    """An account with an open invoice of 1.00 for each number of days past due."""
    account = making.account(scope)
    for late in late_days:
        due = TODAY - timedelta(days=late)
        making.invoice(scope, account, due_date=due, status="overdue", balance_cents=100)
    return str(account.account_number)


def test_it_ages_what_is_past_due(
    acme: Scope, borealis: Scope, acme_script: Client, acme_support: Client
) -> None:
    heavy, light = owing(acme, 5, 45, 75, 400, 500), owing(acme, 1)
    owing(acme, 0, -10)
    owing(borealis, 5)
    for scope in (acme, borealis):
        with entered(scope):
            refresh_org(scope, today=TODAY, at=timezone.now())
            refresh_org(scope, today=TODAY, at=timezone.now())
    body = acme_script.get("/billing/ageing").json()
    figures = ("account_number", "d0_30_cents", "d31_60_cents", "d61_90_cents", "d90_plus_cents")
    assert [tuple(row[name] for name in figures) for row in body["rows"]] == [
        (heavy, 100, 100, 100, 200),
        (light, 100, 0, 0, 0),
    ]
    assert "read_at" in body
    old = acme_script.get("/billing/ageing?view=over_90").json()["rows"]
    assert [row["account_number"] for row in old] == [heavy]
    page = acme_support.get("/billing/ageing").content.decode()
    assert 'value="600"' in page
    assert "0-30 days" in page


def test_it_reads_nothing_of_billing_for_the_page(acme: Scope, acme_script: Client) -> None:
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connections["oi_billing"]) as asked:
        assert acme_script.get("/billing/ageing").json()["rows"] == []
    assert len(asked) == 0
