"""Suspense, taxes, commissions, reinsurance, bank: every rendering, the forms, who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from openinsure.billing import models as billing
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people
from tests.billing import carriers, making, posting
from tests.factories import made
from tests.pages.test_settling import post

pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_policies", "oi_claims", "oi_billing"]
)
JSON = {"accept": "application/json"}
PAGES = ("suspense", "taxes", "commissions", "reinsurance", "bank")


@pytest.fixture
def finance(acme: Scope, db: None) -> Client:
    """A browser of a finance analyst."""
    posting.organization(acme)
    return people.browser(acme.org_id, "finance_analyst")


def fill(scope: Scope) -> dict[str, Any]:
    """One row for each page."""
    payment = making.payment(scope, making.account(scope))
    treaty = carriers.treaty(scope)
    trust = carriers.trust_account(scope)
    made(scope, billing.BankReconciliation, {
        "id": new_id(), "trust_account_id": trust.id, "statement_date": "2026-05-31",
        "statement_balance_cents": 100, "book_balance_cents": 100, "currency": "USD",
        "status": "matched"})  # fmt: skip
    made(scope, billing.TaxAccrual, {
        "id": new_id(), "policy_id": new_id(), "state": "FL", "tax_code": "tax",
        "amount_cents": 61_729, "currency": "USD", "status": "open"})  # fmt: skip
    return {
        "suspense": carriers.suspense(scope, payment),
        "taxes": carriers.remittance(scope),
        "commissions": carriers.statement(scope),
        "reinsurance": carriers.cession(scope, treaty),
        "bank": carriers.bank_line(scope, trust_account_id=trust.id),
        "payment": payment,
    }


@pytest.mark.parametrize("page", PAGES)
def test_it_answers_in_every_form(acme: Scope, finance: Client, page: str) -> None:
    row = fill(acme)[page]
    path = f"/billing/{page}"
    told = finance.get(path, headers=JSON).json()["rows"]
    assert [one["id"] for one in told] == [row.id]
    html = finance.get(path).content.decode()
    assert f'data-id="{row.id}"' in html
    part = finance.get(path, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    for kind in ("csv", "xlsx"):
        assert finance.get(f"{path}?format={kind}").headers["X-Export-Rows"] == "1"
    assert finance.get(f"{path}?nonsense=1").status_code == 400


@pytest.mark.parametrize("page", PAGES)
def test_it_says_what_is_missing(acme: Scope, finance: Client, page: str) -> None:
    html = finance.get(f"/billing/{page}").content.decode()
    assert 'data-panel-state="empty"' in html
    assert "appear" in html


@pytest.mark.parametrize("page", PAGES)
def test_others_see_nothing_of_it(acme: Scope, acme_support: Client, page: str) -> None:
    fill(acme)
    assert acme_support.get(f"/billing/{page}").status_code == 403


def test_each_sum_leads_to_its_journal(acme: Scope, finance: Client) -> None:
    fill(acme)
    for page, account in (("suspense", 2050), ("taxes", 2300), ("bank", 1010)):
        html = finance.get(f"/billing/{page}").content.decode()
        assert f'href="/ledger/journal?account={account}"' in html


def test_a_statement_shows_its_receipts(acme: Scope, finance: Client) -> None:
    row = fill(acme)["commissions"]
    shown = finance.get(f"/billing/commissions/{row.id}", headers=JSON).json()
    assert shown["row"]["closing_cents"] == 30_864
    assert shown["panels"]["accruals"]["state"] == "empty"
    assert finance.get(f"/billing/commissions/{row.id}").status_code == 200
    assert finance.get(f"/billing/commissions/{new_id()}").status_code == 404


def test_suspense_is_put_on_an_invoice_from_the_page(acme: Scope, finance: Client) -> None:
    program = factories.program(acme, quota_share_rate="0.30")
    policy = factories.policy(acme, program_id=program.id)
    account = making.account(acme, policy_id=policy.id, unapplied_cents=5_000)
    payment = making.payment(acme, account, unapplied_cents=5_000)
    item = carriers.suspense(acme, payment)
    invoice = making.invoice(acme, account)
    making.line(acme, invoice, 1, "premium", 123_457)
    path = f"/billing/payments/{payment.payment_number}/suspense/{item.id}/applications"
    assert f'href="{path}"' in finance.get("/billing/suspense").content.decode()
    wrong = post(finance, path, invoice="INV-NONE")
    assert wrong.status_code == 422
    assert "number of an invoice" in wrong.content.decode()
    assert post(finance, path, invoice=invoice.invoice_number).status_code == 303
    with entered(acme):
        assert billing.SuspenseItem.objects.within(acme).get().status == "applied"
    assert posting.balances(acme)["2050"] == 5_000


def test_a_tax_is_drawn_up_and_released_by_two(acme: Scope, finance: Client) -> None:
    made(acme, billing.TaxAccrual, {
        "id": new_id(), "policy_id": new_id(), "state": "FL", "tax_code": "tax",
        "amount_cents": 61_729, "currency": "USD", "status": "open",
        "created_at": carriers.EARLIEST})  # fmt: skip
    wanted = {"tax": "FL:tax", "period_end": "2026-06-30", "due_date": "2026-07-15"}
    assert post(finance, "/billing/taxes/new", **wanted).status_code == 303
    with entered(acme):
        row = billing.TaxRemittance.objects.within(acme).get()
    path = f"/billing/taxes/{row.id}/releases"
    assert post(finance, path).status_code == 403
    other = people.browser(acme.org_id, "finance_analyst")
    assert post(other, path).status_code == 303
    early = post(other, f"/billing/taxes/{row.id}/confirmations", confirmation="FL1")
    assert early.status_code in (409, 422)
    assert posting.balances(acme) == {"2300": 61_729, "2090": -61_729}


def test_a_bank_line_is_matched_from_the_page(acme: Scope, finance: Client) -> None:
    row = fill(acme)
    path = f"/billing/bank/{row['bank'].id}/matches"
    assert post(finance, path, payment="").status_code == 422
    number = row["payment"].payment_number
    assert number in finance.get(path).content.decode()
    assert post(finance, path, payment=number).status_code == 303
    told = finance.get("/billing/bank", headers=JSON).json()["rows"][0]
    assert (told["status"], told["matched"]) == ("matched", number)


def test_a_statement_is_tied_out_from_the_page(acme: Scope, finance: Client) -> None:
    trust = carriers.trust_account(acme)
    sent = {"account": trust.id, "on": "2026-05-31", "balance": "12.34"}
    assert post(finance, "/billing/bank/tie-outs", **sent | {"balance": "x"}).status_code == 422
    assert post(finance, "/billing/bank/tie-outs", **sent).status_code == 303
    with entered(acme):
        assert billing.BankReconciliation.objects.within(acme).get().difference_cents == 1_234


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("commissions/new", {"producer": "x", "period_end": "2026-05-31"}),
        ("commissions/new", {"producer": "", "period_end": "soon"}),
        ("reinsurance/new", {"treaty": "x", "period_end": "2026-05-31"}),
        ("taxes/new", {"tax": "FL:else", "period_end": "2026-05-31", "due_date": "2026-06-30"}),
        ("bank/tie-outs", {"account": "x", "on": "2026-05-31", "balance": "1.00"}),
    ],
)
def test_it_refuses_what_it_did_not_offer(
    acme: Scope, finance: Client, path: str, fields: dict[str, str]
) -> None:
    answer = post(finance, f"/billing/{path}", **fields)
    assert answer.status_code == 422
    assert "aria-invalid" in answer.content.decode()
