"""A term renewed on its page is billed and earns as a term of its own, whatever runs ten times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from openinsure.audit.models import AuditLog
from openinsure.billing import models as billing
from openinsure.console.forms import Once
from openinsure.jobs import policy_money
from openinsure.keyspaces.ids import new_id
from openinsure.orgs import models as orgs
from openinsure.policies import models as policies
from openinsure.problems import Problem
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests import people
from tests.billing.posting import balances
from tests.jobs.test_binding import apart
from tests.pages.test_find import ALL
from tests.policies import renewable
from tests.policies.test_renewing import OFFER, renew

pytestmark = pytest.mark.django_db(databases=ALL)
JSON = {"accept": "application/json"}


@pytest.fixture
def policy(db: None, acme: Scope) -> policies.Policy:
    """G1, which ends in sixty days."""
    renewable.taxed(acme.org_id)
    return renewable.term(acme, timezone.now().date())


@pytest.fixture
def writer(db: None, acme: Scope) -> Client:
    return people.browser(acme.org_id, "underwriter")


def address(policy: policies.Policy) -> str:
    return f"/policies/{policy.policy_number}/renewals"


def form(client: Client, policy: policies.Policy, **fields: str) -> dict[str, str]:
    """What the page's own form would send."""
    page = client.get(address(policy)).content.decode()
    found = {name: re.findall(rf'name="{name}" value="([^"]*)"', page)[-1]
             for name in ("form_id", "version", "annual_premium")}  # fmt: skip
    return found | {"plan": "MONTHLY_10", "renew_confirm": policy.policy_number} | fields


def deliver(scope: Scope) -> int:
    with entered(scope):
        return policy_money.deliver(scope, now=timezone.now())


def test_it_shows_every_figure_before_anything_is_bound(
    writer: Client, policy: policies.Policy, acme: Scope
) -> None:
    page = writer.get(address(policy)).content.decode()
    for cents in (1_234_567, 15_000, 61_729, 750, 1_312_046, 154_321, 123_457, 287_037, 669_752,
                  246_913):  # fmt: skip
        assert f'value="{cents}"' in page, cents
    assert "All 9 points hold." in page
    told = writer.get(f"{address(policy)}?annual_premium=13,000&plan=PIF", headers=JSON).json()
    row = told["row"]
    assert (row["premium_cents"], row["total_cents"]) == (1_300_000, 1_300_000 + 15_000 + 65_750)
    (due,) = row["dues"]
    assert (due["premium_cents"], due["fee_cents"], due["tax_cents"]) == (
        1_300_000, 15_000, 65_750,
    )  # fmt: skip
    assert {check["state"] for check in row["checks"]} == {"passed"}
    for query in ("annual_premium=x", "annual_premium=0", "plan=magic", "x=1", "term=0"):
        assert writer.get(f"{address(policy)}?{query}").status_code == 400, query
    with entered(acme):
        assert policies.Policy.objects.within(acme).count() == 1


def test_it_is_bound_billed_and_earns(writer: Client, policy: policies.Policy, acme: Scope) -> None:
    sent = form(writer, policy)
    answers = [writer.post(address(policy), sent) for _ in range(10)]
    assert {answer.status_code for answer in answers} == {303}
    assert {answer["Location"] for answer in answers} == {
        f"/policies/{policy.policy_number}?term=2&tab=timeline"
    }
    deliver(acme)
    assert deliver(acme) == 0
    with entered(acme):
        made = policies.Policy.objects.within(acme).get(prior_policy_id=policy.id)
        account = billing.BillingAccount.objects.within(acme).get(policy_id=made.id)
        invoice = billing.Invoice.objects.within(acme).get(billing_account_id=account.id)
        dues = billing.Installment.objects.within(acme).filter(billing_account_id=account.id)
        stream = billing.PremiumTransaction.objects.within(acme).get(policy_id=made.id)
        lines = billing.InvoiceLine.objects.within(acme).filter(invoice_id=invoice.id)
        parts = dict(lines.values_list("component", "amount_cents"))
        assert made.billing_account_id == account.id
        assert sum(due.premium_cents for due in dues) == 1_234_567
        assert (invoice.total_cents, invoice.due_date) == (324_392, policy.expiration_date)
        assert parts == {
            "tax": 61_729, "stamping_fee": 750, "policy_fee": 15_000, "premium": 246_913,
        }  # fmt: skip
        assert (stream.written_cents, stream.carrier_written_cents) == (1_234_567, 669_752)
        assert (stream.earn_from, stream.earn_to) == (made.effective_date, made.expiration_date)
        actions = AuditLog.objects.within(acme).filter(entity_id=policy.id)
        assert sorted(actions.values_list("action", flat=True)) == [
            "policy.renewal_bound", "policy.renewal_bound.intent",
        ]  # fmt: skip
    assert balances(acme) == {"1200": 324_392, "2900": -324_392}


def test_both_timelines_lead_to_the_other_term(writer: Client, policy: policies.Policy) -> None:
    assert "Renew this policy" in writer.get(page_of(policy, "work")).content.decode()
    writer.post(address(policy), form(writer, policy))
    number = policy.policy_number
    first = writer.get(page_of(policy, "timeline")).content.decode()
    assert f'href="/policies/{number}?term=2&amp;tab=timeline">Next term bound, term 2</a>' in first
    second = writer.get(f"/policies/{number}?term=2&tab=timeline").content.decode()
    words = "Bound, as the renewal of term 1"
    assert f'href="/policies/{number}?term=1&amp;tab=timeline">{words}</a>' in second
    assert "Renew this policy" not in writer.get(page_of(policy, "work")).content.decode()
    again = writer.get(address(policy)).content.decode()
    assert "Its next term stands already." in again
    assert f'href="/policies/{number}?term=2"' in again


def page_of(policy: policies.Policy, tab: str) -> str:
    return f"/policies/{policy.policy_number}?term=1&tab={tab}"


def test_a_refused_form_keeps_what_was_typed(
    writer: Client, policy: policies.Policy, acme: Scope
) -> None:
    sent = form(writer, policy, annual_premium="13,500.00", renew_confirm="wrong")
    refused = writer.post(address(policy), sent)
    body = refused.content.decode()
    assert refused.status_code == 422
    assert f"must be {policy.policy_number}, exactly" in body
    for kept in ('value="13,500.00"', 'value="wrong"', 'value="1350000"'):
        assert kept in body
    for fields in (
        {"annual_premium": "a lot"}, {"annual_premium": "0"}, {"plan": "WEEKLY"}, {"plan": ""},
        {"form_id": "forged"}, {"version": "x"},
    ):  # fmt: skip
        told = writer.post(address(policy), form(writer, policy, **fields), headers=JSON)
        assert told.status_code == 422, fields
    with entered(acme):
        assert policies.Policy.objects.within(acme).count() == 1


@pytest.mark.parametrize(
    ("model", "change", "label"),
    [
        (orgs.ProducerLicense, {"status": "lapsed"}, "Producer licensed in FL"),
        (orgs.Program, {"min_premium_cents": 9_999_999}, "Premium reaches the minimum"),
        (orgs.DaAgreement, {"authorized_states": ["GA"]}, "State is authorized"),
        (orgs.DaAgreement, {"max_occurrence_limit_cents": 1}, "Limit within authority"),
        (orgs.DaAgreement, {"max_premium_per_policy_cents": 1}, "Premium within authority"),
        (orgs.DaAgreement, {"annual_gwp_limit_cents": 2_469_133}, "Annual premium volume left"),
        (orgs.DaAgreement, {"quarterly_gwp_limit_cents": 1}, "Quarterly premium volume left"),
        (orgs.DaAgreement, {"allowed_terms_months": [6]}, "Term is allowed"),
        (orgs.DaAgreement, {"status": "ended"}, "State is authorized"),
        (orgs.RefTaxRate, {"state": "GA"}, "Tax rates of FL are on file"),
    ],
)
def test_each_point_stands_in_the_way(
    writer: Client, policy: policies.Policy, acme: Scope, model: Any, change: dict[str, Any],
    label: str,
) -> None:  # fmt: skip
    home = SystemScope(acme.org_id, "service:test")
    with entered(home):
        rows = model.objects.all() if model is orgs.RefTaxRate else model.objects.within(home)
        rows.update(**change)
    told = writer.post(address(policy), form(writer, policy), headers=JSON)
    assert told.status_code == 409
    assert label in told.json()["message"]
    page = writer.post(address(policy), form(writer, policy))
    assert page.status_code == 409
    with entered(acme):
        assert policies.Policy.objects.within(acme).count() == 1


def test_a_term_that_is_not_active_says_what_may_follow(
    writer: Client, policy: policies.Policy, acme: Scope
) -> None:
    sent = form(writer, policy)
    with entered(acme):
        policies.Policy.objects.within(acme).update(status="nonrenewal_pending")
    page = writer.get(address(policy)).content.decode()
    assert "it cannot be renewed" in page
    assert "nonrenewed or active" in page
    refused = writer.post(address(policy), sent, headers=JSON)
    assert (refused.status_code, refused.json()["error"]) == (422, "illegal_transition")
    assert "nonrenewed or active" in refused.json()["message"]


def test_ten_at_once_bind_one_term_and_bill_it_once(acme: Scope) -> None:
    """Real threads and commits; the organisation is fresh, so its rows disturb nobody."""
    today = timezone.now().date()
    thread, made = apart(lambda: renewable.term(acme, today, admitted=True))
    thread.join()
    (policy,), once = made, Once(new_id())
    now = datetime.combine(today, time(15), UTC)

    def bind() -> Any:
        with entered(acme):
            return renew(acme, policy, OFFER, once=once, now=now)

    for work in (bind, lambda: deliver(acme)):
        started = [apart(work) for _ in range(10)]
        for thread, _ in started:
            thread.join()
        assert not [one for _, found in started for one in found if isinstance(one, Problem)]
    with entered(acme):
        assert policies.Policy.objects.within(acme).count() == 2
        assert billing.BillingAccount.objects.within(acme).count() == 1
        assert billing.Invoice.objects.within(acme).count() == 1
    assert balances(acme) == {"1200": 340_000, "2900": -340_000}
