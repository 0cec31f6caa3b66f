"""Recording and reversing a payment in the browser: preview, confirm, one effect, golden legs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from openinsure.audit.models import AuditLog
from openinsure.billing.models import BillingAccount, Invoice, Payment
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people
from tests.billing import making, posting
from tests.billing.posting import balances, ledger_balances

ALIASES = ["default", "oi_global", "oi_policies", "oi_billing"]
pytestmark = pytest.mark.django_db(databases=ALIASES)
FIRST = (("tax", 61_729), ("stamping_fee", 750), ("policy_fee", 15_000), ("premium", 246_913))


@dataclass
class Desk:
    """The golden policy's account with its first invoice, and the finance analyst's browser."""

    scope: Scope
    client: Client
    account: BillingAccount
    invoice: Invoice

    @property
    def paying(self) -> str:
        return f"/billing/accounts/{self.account.account_number}/payments"

    def typed(self, **given: str) -> dict[str, str]:
        """The fields of a fresh form, filled in."""
        fields = {
            "amount": "3,243.92", "method": "check", "received_on": "2026-03-01",
            "check_number": "1044", "reference": "",
        }  # fmt: skip
        return hidden(self.client.get(self.paying).content.decode()) | fields | given

    def paid(self) -> list[Any]:
        with entered(self.scope):
            return list(Payment.objects.within(self.scope).order_by("payment_number"))

    def standing(self) -> Any:
        with entered(self.scope):
            return BillingAccount.objects.within(self.scope).get(id=self.account.id)


@pytest.fixture
def desk(db: None, acme: Scope) -> Desk:
    return made_desk(acme)


def made_desk(scope: Scope) -> Desk:
    posting.organization(scope)
    program = factories.program(scope, quota_share_rate=Decimal("0.30"))
    policy = factories.policy(
        scope, program_id=program.id, state="FL",
        producer_commission_rate=Decimal("0.125"), mga_commission_rate=Decimal("0.10"),
    )  # fmt: skip
    account = making.account(scope, policy_id=policy.id, policy_number=policy.policy_number)
    invoice = making.invoice(
        scope, account, due_date=date(2026, 3, 1), total_cents=324_392, balance_cents=324_392
    )
    for number, (component, cents) in enumerate(FIRST, 1):
        making.line(scope, invoice, number, component, cents)
    return Desk(scope, people.browser(scope.org_id, "finance_analyst"), account, invoice)


def hidden(page: str) -> dict[str, str]:
    found = {n: re.search(rf'name="{n}" value="([^"]*)"', page) for n in ("form_id", "version")}
    return {name: match.group(1) for name, match in found.items() if match}


def test_it_previews_where_the_money_goes_and_writes_nothing(desk: Desk) -> None:
    page = desk.client.post(desk.paying, desk.typed(step="preview"))
    body = page.content.decode()
    assert page.status_code == 200
    for cents in (324_392, 30_864, 24_691, 57_407, 133_951):
        assert f'value="{cents}"' in body
    assert desk.paid() == []
    edited = desk.client.post(desk.paying, desk.typed(step="edit")).content.decode()
    assert 'name="amount" type="text" value="3,243.92"' in edited


def test_it_records_the_golden_receipt_once(desk: Desk) -> None:
    form = desk.typed(step="record")
    answers = [desk.client.post(desk.paying, form) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer["Location"] for answer in answers}) == 1
    (payment,) = desk.paid()
    assert answers[0]["Location"] == f"/billing/payments/{payment.payment_number}"
    assert desk.client.get(answers[0]["Location"]).status_code == 200
    assert (payment.check_number, payment.unapplied_cents) == ("1044", 0)
    assert balances(desk.scope) == {
        "1010": 324_392, "2200": -30_864, "4100": -24_691, "2400": -57_407, "2500": -133_951,
        "4200": -15_000, "2300": -62_479, "2900": 324_392, "1200": -324_392,
    }  # fmt: skip
    with entered(desk.scope):
        done = list(AuditLog.objects.within(desk.scope).values_list("action", flat=True))
    assert {"payment.recorded.intent", "payment.recorded"} <= set(done)


def test_it_warns_of_the_same_check(desk: Desk) -> None:
    desk.client.post(desk.paying, desk.typed(step="record"))
    (payment,) = desk.paid()
    body = desk.client.post(desk.paying, desk.typed(step="preview")).content.decode()
    assert "stand already as" in body
    assert payment.payment_number in body


def test_ten_parallel_submits_record_one_payment(acme: Scope) -> None:
    worlds: list[Desk] = []
    forms: list[dict[str, str]] = []
    codes: list[int] = []
    sums: list[dict[str, int]] = []

    def closed() -> None:
        for alias in ALIASES:
            connections[alias].close()

    def set_up() -> None:
        worlds.append(made_desk(acme))
        forms.append(worlds[0].typed(step="record"))
        closed()

    def submit() -> None:
        own = Client()
        own.cookies = worlds[0].client.cookies
        codes.append(own.post(worlds[0].paying, forms[0]).status_code)
        closed()

    def look() -> None:
        sums.append(balances(acme))
        closed()

    for group in ([set_up], [submit] * 10, [look]):
        threads = [Thread(target=work) for work in group]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert codes == [303] * 10
    assert sums[0]["1010"] == 324_392


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "0"), ("amount", "-5"), ("amount", "1e9"), ("amount", "9" * 20),
        ("amount", "12.345"), ("method", "barter"), ("method", ""), ("received_on", "31.12.2026"),
        ("received_on", "2199-01-01"), ("check_number", ""), ("reference", "x" * 129),
        ("reference", "a\x00b"), ("version", "x"), ("step", "x"), ("form_id", "forged"),
    ],
)  # fmt: skip
def test_it_names_what_it_cannot_read_and_keeps_the_rest(
    desk: Desk, field: str, value: str
) -> None:
    form = desk.typed(step="record", reference="<i>kept</i>") | {field: value}
    answer = desk.client.post(desk.paying, form)
    assert answer.status_code == 422
    if field != "reference":
        assert "&lt;i&gt;kept&lt;/i&gt;" in answer.content.decode()
    assert desk.paid() == []


def test_it_shows_the_new_figures_when_the_account_moved(desk: Desk) -> None:
    old = desk.typed(step="record", amount="1.00")
    desk.client.post(desk.paying, desk.typed(step="record"))
    answer = desk.client.post(desk.paying, old)
    assert answer.status_code == 409
    again = hidden(answer.content.decode())
    assert again["version"] != old["version"]
    assert desk.client.post(desk.paying, old | again).status_code == 303
    assert desk.paid()[-1].unapplied_cents == 100


def test_it_reverses_once_and_charges_the_fee(desk: Desk) -> None:
    desk.client.post(desk.paying, desk.typed(step="record"))
    (payment,) = desk.paid()
    address = f"/billing/payments/{payment.payment_number}/reversals"
    page = desk.client.get(address).content.decode()
    assert 'value="-133951"' in page
    form = hidden(page) | {"kind": "nsf", "fee": "25.00", "reverse_confirm": "no"}
    refused = desk.client.post(address, form)
    assert refused.status_code == 422
    assert 'value="25.00"' in refused.content.decode()
    form["reverse_confirm"] = payment.payment_number
    assert {desk.client.post(address, form).status_code for _ in range(3)} == {303}
    assert desk.standing().balance_cents == 324_392 + 2_500
    assert ledger_balances(desk.scope) == {}
    shut = desk.client.get(address).content.decode()
    assert "it cannot be reversed" in shut
    later = desk.client.post(address, form | {"form_id": desk.typed()["form_id"]})
    assert later.status_code == 422


def test_it_charges_a_fee_for_nsf_only(desk: Desk) -> None:
    desk.client.post(desk.paying, desk.typed(step="record"))
    (payment,) = desk.paid()
    address = f"/billing/payments/{payment.payment_number}/reversals"
    form = hidden(desk.client.get(address).content.decode()) | {
        "kind": "error", "reverse_confirm": payment.payment_number
    }  # fmt: skip
    for fee in ("25.00", "1,000.01", "x"):
        assert desk.client.post(address, form | {"fee": fee}).status_code == 422
    assert desk.client.post(address, form | {"fee": ""}).status_code == 303
    assert balances(desk.scope) == {}


def test_it_is_closed_to_readers_and_to_other_organisations(desk: Desk, borealis: Scope) -> None:
    reader = people.browser(desk.scope.org_id, "support")
    assert reader.get(desk.paying).status_code == 403
    stranger = people.browser(borealis.org_id, "finance_analyst")
    assert stranger.get(desk.paying).status_code == 404
    assert stranger.post(desk.paying, desk.typed(step="record")).status_code == 404
