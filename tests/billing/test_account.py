"""GET /billing/accounts/<number> and /billing/holds."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from openinsure.billing.models import BillingHold, FeeCharge
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope
from tests.billing import making
from tests.factories import made

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_billing"])


def test_it_tells_the_statement(acme: Scope, acme_script: Client, acme_support: Client) -> None:
    account = making.account(acme)
    invoice = making.invoice(acme, account, total_cents=126_757)
    making.invoice(acme, account, status="void")
    returned = making.payment(
        acme, account, status="reversed", reversal_reason="NSF",
        reversed_at=datetime(2026, 5, 8, 12, tzinfo=UTC),
    )  # fmt: skip
    fee = {
        "id": new_id(),
        "billing_account_id": account.id,
        "invoice_id": invoice.id,
        "fee_code": "NSF",
        "amount_cents": 2_500,
        "currency": "USD",
        "charged_on": date(2026, 5, 8),
    }
    made(acme, FeeCharge, fee)
    address = f"/billing/accounts/{account.account_number}"
    lines = acme_script.get(address).json()["panels"]["statement"]["rows"]
    assert [(line["kind"], line["cents"], line["balance_cents"]) for line in lines] == [
        ("opening", 0, 0),
        ("invoice", 124_257, 124_257),
        ("payment", -124_257, 0),
        ("fee", 2_500, 2_500),
        ("reversal", 124_257, 126_757),
    ]
    assert lines[2]["reference"] == returned.payment_number
    early = acme_script.get(f"{address}?as_of=2026-05-02&tab=overview").json()
    assert early["panels"]["statement"]["rows"][-1]["balance_cents"] == 0
    for tab in ("overview", "schedule", "holds"):
        page = acme_support.get(f"{address}?tab={tab}")
        assert page.status_code == 200
        assert "office@" not in page.content.decode()


def test_it_lists_holds_with_their_accounts(
    acme: Scope, borealis: Scope, acme_script: Client
) -> None:
    for scope in (acme, borealis):
        account = making.account(scope)
        hold = {
            "id": new_id(),
            "billing_account_id": account.id,
            "scope": "account",
            "reason": "Hurricane moratorium",
            "starts_on": date(2026, 9, 1),
            "placed_by_user_id": new_id(),
        }
        made(scope, BillingHold, hold)
    (row,) = acme_script.get("/billing/holds").json()["rows"]
    assert row["reason"] == "Hurricane moratorium"
    assert row["status"] in {"open", "scheduled"}
    answer = acme_script.get(f"/billing/accounts/{row['account_number']}").json()
    assert answer["panels"]["holds"]["rows"][0]["id"] == row["id"]
