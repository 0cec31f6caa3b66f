"""GET /billing/invoices/<number> and /billing/payments/<number>."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from openinsure.billing.models import PaymentReminder
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope
from tests import people
from tests.billing import making
from tests.factories import made

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_billing"])


def paid_invoice(scope: Scope) -> tuple[Any, Any]:
    """An invoice with two lines whose premium is paid, and the payment."""
    account = making.account(scope)
    invoice = making.invoice(scope, account, paid_cents=123_457, balance_cents=800)
    making.line(scope, invoice, 1, "installment_fee", 800)
    making.line(scope, invoice, 2, "premium", 123_457)
    payment = making.payment(scope, account, amount_cents=123_457, status="split")
    making.allocation(scope, payment, invoice)
    return invoice, payment


def test_it_shows_an_invoice_with_its_checked_sums(acme: Scope, acme_support: Client) -> None:
    invoice, payment = paid_invoice(acme)
    page = acme_support.get(f"/billing/invoices/{invoice.invoice_number}").content.decode()
    assert 'data-page="billing.invoice"' in page
    assert "equals the total" in page
    assert 'data-split="holds"' in page
    assert f'href="/billing/payments/{payment.payment_number}"' in page
    for cents in (15_432, 12_346, 28_704, 66_975, 123_457):
        assert f'value="{cents}"' in page


def test_it_says_when_the_sums_do_not_hold(acme: Scope, acme_support: Client) -> None:
    account = making.account(acme)
    invoice = making.invoice(acme, account, paid_cents=123_457)
    making.line(acme, invoice, 1, "premium", 123_457)
    payment = making.payment(acme, account)
    making.allocation(acme, payment, invoice, carrier_cents=66_974)
    page = acme_support.get(f"/billing/invoices/{invoice.invoice_number}").content.decode()
    assert "differs from the total" in page
    assert 'data-split="broken"' in page


def test_it_tells_programs_every_panel(acme: Scope, acme_script: Client) -> None:
    invoice, payment = paid_invoice(acme)
    body = acme_script.get(f"/billing/invoices/{invoice.invoice_number}").json()
    assert body["row"]["account_number"].startswith("ACC-TST-")
    assert set(body["panels"]) == {
        "lines", "payments", "reminders", "events", "journal", "transfers",
    }  # fmt: skip
    assert [row["component"] for row in body["panels"]["lines"]["rows"]] == [
        "installment_fee",
        "premium",
    ]
    told = acme_script.get(f"/billing/payments/{payment.payment_number}").json()
    (applied,) = told["panels"]["allocations"]["rows"]
    assert (applied["invoice_number"], applied["amount_cents"]) == (
        invoice.invoice_number,
        123_457,
    )


def test_it_masks_the_recipient_of_a_reminder(acme: Scope, acme_support: Client) -> None:
    invoice, _ = paid_invoice(acme)
    reminder = {
        "id": new_id(),
        "invoice_id": invoice.id,
        "billing_account_id": invoice.billing_account_id,
        "reminder_kind": "due_soon",
        "channel": "email",
        "status": "sent",
        "recipient": "office@haulier.test",
    }
    made(acme, PaymentReminder, reminder)
    address = f"/billing/invoices/{invoice.invoice_number}?tab=history"
    page = acme_support.get(address).content.decode()
    assert "o••••@haulier.test" in page
    assert "office@" not in page


def test_it_answers_a_foreign_number_like_an_unknown_one(
    acme_script: Client, borealis: Scope
) -> None:
    invoice, payment = paid_invoice(borealis)
    for kind, number in (
        ("invoices", invoice.invoice_number),
        ("payments", payment.payment_number),
    ):
        foreign = acme_script.get(f"/billing/{kind}/{number}")
        unknown = acme_script.get(f"/billing/{kind}/ZZZ-999")
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.json()["message"] == unknown.json()["message"].replace("ZZZ-999", number)


def test_it_is_closed_to_underwriters(acme: Scope) -> None:
    invoice, _ = paid_invoice(acme)
    client = people.bearer(acme.org_id, "underwriter")
    assert client.get(f"/billing/invoices/{invoice.invoice_number}").status_code == 403
