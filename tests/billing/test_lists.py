"""GET /billing/invoices and /billing/payments: whose rows, which, at what cost."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from openinsure.tenancy.scope import Scope
from tests.billing import making
from tests.policies.reads import counted

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_billing"])
INVOICE_FIELDS = {
    "id", "number", "policy_number", "status", "due_date", "total_cents", "paid_cents",
    "balance_cents",
}  # fmt: skip
PAYMENT_FIELDS = {"id", "number", "status", "received_at", "method", "amount_cents"}


def told(client: Client, address: str, status: int = 200) -> Any:
    """The JSON of an address."""
    response = client.get(address)
    assert response.status_code == status, response.content
    return response.json()


def numbers(client: Client, address: str) -> list[str]:
    return [row["number"] for row in told(client, address)["rows"]]


def test_it_lists_own_invoices_only(
    acme_support: Client, acme_script: Client, acme: Scope, borealis: Scope
) -> None:
    ours = making.invoice(acme, making.account(acme))
    theirs = making.invoice(borealis, making.account(borealis))
    (row,) = told(acme_script, "/billing/invoices")["rows"]
    assert set(row) >= INVOICE_FIELDS
    assert (row["number"], row["balance_cents"]) == (ours.invoice_number, 124_257)
    page = acme_support.get("/billing/invoices").content.decode()
    assert f'<tr data-id="{ours.id}" data-state="issued">' in page
    assert f'href="/billing/invoices/{ours.invoice_number}"' in page
    assert theirs.id not in page


def test_it_lists_own_payments_only(acme_script: Client, acme: Scope, borealis: Scope) -> None:
    ours = making.payment(acme, making.account(acme))
    making.payment(borealis, making.account(borealis))
    (row,) = told(acme_script, "/billing/payments")["rows"]
    assert set(row) >= PAYMENT_FIELDS
    assert (row["number"], row["received_at"]) == (ours.payment_number, "2026-05-01T15:00:00Z")


def test_it_filters_invoices(acme_script: Client, acme: Scope) -> None:
    account = making.account(acme)
    may = making.invoice(acme, account)
    june = making.invoice(acme, account, status="overdue", due_date=date(2026, 6, 1))
    paid = making.invoice(acme, account, status="paid", issue_date=date(2026, 1, 5))
    by = {
        "status=overdue": [june],
        "status=overdue&status=paid": [paid, june],
        "due_from=2026-06-01&sort=due_date": [june],
        "issued_to=2026-01-31": [paid],
        f"q={may.invoice_number}": [may],
        "view=overdue": [june],
        "sort=number": [may, june, paid],
    }
    for query, wanted in by.items():
        found = numbers(acme_script, f"/billing/invoices?{query}")
        assert found == [row.invoice_number for row in wanted] or (
            sorted(found) == sorted(row.invoice_number for row in wanted) and "status" in query
        ), query


def test_it_says_how_late_an_invoice_is(acme_script: Client, acme: Scope) -> None:
    account = making.account(acme)
    making.invoice(acme, account)
    making.invoice(acme, account, status="overdue", due_date=date(2026, 1, 1))
    late = {r["status"]: r["days_late"] for r in told(acme_script, "/billing/invoices")["rows"]}
    assert late["issued"] is None
    assert late["overdue"] > 30


def test_it_filters_payments(acme_script: Client, acme: Scope) -> None:
    account = making.account(acme)
    may = making.payment(acme, account)
    june = making.payment(
        acme, account, method="check", status="reversed",
        received_at=datetime(2026, 6, 1, 23, 59, 59, tzinfo=UTC),
    )  # fmt: skip
    by = {
        "": [june, may],
        "method=check": [june],
        "status=reversed": [june],
        "received_to=2026-05-01": [may],
        "received_from=2026-06-01&received_to=2026-06-01": [june],
        "view=reversed": [june],
        "method=ach&status=reversed": [],
        "sort=amount_cents": [may, june],
    }
    for query, wanted in by.items():
        found = numbers(acme_script, f"/billing/payments?{query}")
        assert found == [row.payment_number for row in wanted], query


@pytest.mark.parametrize(
    "query",
    ["status=nonsense", "due_from=1.5.2026", "colour=red", "sort=paid_cents", "q='--", "size=9"],
)
def test_it_refuses_what_it_does_not_know(acme_script: Client, query: str) -> None:
    answer = told(acme_script, f"/billing/invoices?{query}", 400)
    assert query.partition("=")[0] in answer["message"]


@pytest.mark.parametrize(
    ("address", "exact"),
    [
        ("/billing/invoices?size=10", 12),
        ("/billing/invoices?size=10&status=issued&sort=due_date", 12),
        ("/billing/payments?size=10&method=ach", 12),
        ("/billing/payments?size=10&status=succeeded", 12),
    ],
)
def test_it_reads_a_page_and_one(acme: Scope, address: str, exact: int) -> None:
    from tests import people

    account = making.account(acme)
    for _ in range(40):
        making.invoice(acme, account)
        making.payment(acme, account)
    client = people.bearer(acme.org_id, "support")
    told(client, address)  # warm: the codes of the organisation
    with counted("oi_billing") as reads:
        body = told(client, address)
    assert len(body["rows"]) == 10
    assert reads.rows <= exact
