"""Objects with everything on them: six statements in JSON and in each tab, rows and all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from openinsure.authz.permissions import Role
from openinsure.pages import claim_tabs, policy_detail, submission_detail
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people
from tests.billing import booked, differences
from tests.claims import made
from tests.pages.test_caller import book
from tests.submissions import binding, world

pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])
AT_MOST = 6
AT = datetime(2026, 5, 2, 15, tzinfo=UTC)


def policy(scope: Scope) -> str:
    """A policy with money, a claim, a unit, a change and transfers; it was cancelled once."""
    found = book(scope)
    factories.coverage(scope, found)
    factories.endorsement(scope, found)
    factories.event(scope, found)
    factories.reinstatement(scope, found, factories.cancellation(scope, found))
    factories.transaction(scope, found)
    factories.vehicle(scope, found)
    entry = booked.entry(scope, policy_id=found.id)
    differences.transfer(scope, gl_entry_id=entry.id, policy_id=found.id)
    paid_before(scope, found)
    return f"/policies/{found.policy_number}"


def paid_before(scope: Scope, found: Any) -> Any:
    """The term before, with a claim that was paid: its transfer stands on the ledger tab too."""
    before = factories.policy(
        scope, policy_number=found.policy_number, term_number=2, effective_date=date(2025, 3, 1),
        expiration_date=date(2026, 3, 1),
    )  # fmt: skip
    row = made.claim(scope, policy_id=before.id, policy_number=before.policy_number)
    kept = differences.account(scope, "RESERVES", entity_id=row.id, name=f"claim:{row.id}:RESERVES")
    differences.transfer(scope, policy_id=before.id, claim_id=row.id, debit_account_id=kept.id)
    return row


def claim(scope: Scope) -> str:
    """A claim with people, exposures, money and a diary kept by someone."""
    covered = factories.policy(scope)
    factories.coverage(scope, covered)
    row = made.claim(
        scope, policy_id=covered.id, policy_number=covered.policy_number, date_of_loss=AT
    )
    made.claimant(scope, row)
    made.exposure(scope, row)
    made.disbursement(scope, row)
    return f"/claims/{row.claim_number}"


def submission(scope: Scope) -> str:
    """A quoted submission of a carrier with snapshots, an accepted quote and a licence."""
    row, carrier = binding.ready(scope).row, world.carrier(scope, usdot_number="2345678")
    world.snapshot(scope, carrier, AT)
    with entered(scope):
        row.motor_carrier_id, row.insured_id = carrier.id, factories.insured(scope).id
        row.save()
    world.referral(scope, row)
    world.info_request(scope, row)
    world.submission(scope, usdot_number="2345678")
    return f"/submissions/{row.submission_number}"


def reserved(scope: Scope) -> Any:
    """The transfer of a claim's reserve and its entry; accounts and lines name the claim."""
    covered = factories.policy(scope)
    row = made.claim(scope, policy_id=covered.id, policy_number=covered.policy_number)
    entry = booked.entry(scope, policy_id=covered.id, claim_id=row.id, source_type="claim_reserve")
    kept = differences.account(scope, "RESERVES", entity_id=row.id, name=f"claim:{row.id}:RESERVES")
    return differences.transfer(
        scope, gl_entry_id=entry.id, policy_id=covered.id, claim_id=row.id,
        source_type="claim_reserve", credit_account_id=kept.id,
    ), entry, row  # fmt: skip


@pytest.mark.parametrize("page", ["transfer", "entry"])
def test_the_books_of_a_claim_cost_six_statements(acme: Scope, page: str) -> None:
    transfer, entry, row = reserved(acme)
    address = {
        "transfer": f"/ledger/transfers/{transfer.tb_transfer_id}",
        "entry": f"/ledger/journal/{entry.entry_number}",
    }[page]
    client = people.browser(acme.org_id, Role.ORG_ADMIN)
    assert row.claim_number in client.get(address).content.decode()
    assert spent(client, address, {}) <= AT_MOST
    assert spent(client, address, {"accept": "application/json"}) <= AT_MOST


PAGES: dict[str, tuple[Callable[[Scope], str], tuple[str, ...]]] = {
    "policy": (policy, tuple(policy_detail.TABS)),
    "claim": (claim, tuple(claim_tabs.TABS)),
    "submission": (submission, tuple(submission_detail.TABS)),
}


def spent(client: Client, address: str, headers: dict[str, str]) -> int:
    """Statements of a warm request on the keyspaces; the fewest of two: copies are renewed."""
    client.get(address, headers=headers)
    return min(once(client, address, headers) for _ in range(2))


def once(client: Client, address: str, headers: dict[str, str]) -> int:
    """Statements of one request on the keyspaces."""
    with ExitStack() as stack:
        caught = [
            stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in KEYSPACES
        ]
        answer: Any = client.get(address, headers=headers)
    assert answer.status_code == 200, answer.content
    return sum(len(queries) for queries in caught)


def test_the_ledger_tab_names_a_claim_of_another_term_that_exists_for_the_viewer(
    acme: Scope,
) -> None:
    found = factories.policy(acme)
    row = paid_before(acme, found)
    viewer = people.account(acme.org_id, Role.ORG_ADMIN)
    client, address = people.browser_of(viewer), f"/policies/{found.policy_number}?tab=ledger"
    assert f'href="/claims/{row.claim_number}?tab=books"' in client.get(address).content.decode()
    made.recusal(acme, row, viewer.user_id)
    assert row.claim_number not in client.get(address).content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_it_makes_six_statements_of_a_full_object(acme: Scope, name: str) -> None:
    make, tabs = PAGES[name]
    address = make(acme)
    client = people.browser(acme.org_id, Role.ORG_ADMIN)
    json = {"accept": "application/json"}
    found = {"json": spent(client, address, json)}
    for tab in tabs:
        found[tab] = spent(client, f"{address}?tab={tab}", {})
        found[f"{tab} json"] = spent(client, f"{address}?tab={tab}", json)
    assert {what: count for what, count in found.items() if count > AT_MOST} == {}
