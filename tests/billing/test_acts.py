"""Forms of a billing account: who may, once, what is kept when refused, what is recorded."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from openinsure.audit.models import AuditLog
from openinsure.billing.models import BillingHold
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.billing import making

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_billing"])


def opened(client: Client, address: str) -> dict[str, str]:
    page = client.get(address).content.decode()
    found = re.search(r'name="form_id" value="([^"]+)"', page)
    assert found, page[:500]
    return {"form_id": found[1]}


def holds(scope: Scope) -> list[Any]:
    with entered(scope):
        return list(BillingHold.objects.within(scope).order_by("id"))


def test_it_places_a_hold_once_and_lifts_it(acme: Scope, acme_finance: Client) -> None:
    address = f"/billing/accounts/{making.account(acme).account_number}/holds"
    form = opened(acme_finance, address) | {"scope": "account", "reason": "Hurricane moratorium"}
    for _ in range(2):
        answer: Any = acme_finance.post(address, form)
        assert answer.status_code == 303, answer.content
    (hold,) = holds(acme)
    lifting = f"{address}/{hold.id}/releases"
    assert acme_finance.post(lifting, opened(acme_finance, lifting)).status_code == 303
    assert holds(acme)[0].released_at is not None
    with entered(acme):
        done = set(AuditLog.objects.within(acme).values_list("action", flat=True))
    assert {"billing_hold.placed.intent", "billing_hold.placed", "billing_hold.lifted"} <= done


def test_it_keeps_what_was_typed_when_refused(acme: Scope, acme_finance: Client) -> None:
    address = f"/billing/accounts/{making.account(acme).account_number}/holds"
    form = opened(acme_finance, address) | {"scope": "account", "reason": "<b>short"}
    answer = acme_finance.post(address, form | {"ends_on": "31.12.2026"})
    assert answer.status_code == 422
    assert "ends_on-error" in answer.content.decode()
    again = acme_finance.post(address, form)
    assert "&lt;b&gt;short" in again.content.decode()
    assert holds(acme) == []


def test_it_is_closed_to_readers_and_foreign_accounts(
    acme: Scope, borealis: Scope, acme_support: Client, acme_finance: Client
) -> None:
    ours, theirs = making.account(acme), making.account(borealis)
    assert acme_support.get(f"/billing/accounts/{ours.account_number}/holds").status_code == 403
    assert acme_finance.get(f"/billing/accounts/{theirs.account_number}/holds").status_code == 404
    script = people.bearer(acme.org_id, "finance_analyst")
    assert script.post(f"/billing/accounts/{ours.account_number}/holds").status_code == 422
