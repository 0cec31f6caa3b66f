"""/ledger and what is below it: from any cent to the payment or policy it came from, and back."""

from __future__ import annotations

import random
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from openinsure.billing.models import LedgerReconciliationItem, LedgerTransfer
from openinsure.billing.operations.resolving import resolve_item
from openinsure.jobs import earned_premium, reconciliation, relay
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Conflict, NotFound
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people
from tests.billing import booked, differences, posting
from tests.billing.earning import Book
from tests.billing.test_payments import World
from tests.ledgers import Away

pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_billing", "oi_policies", "oi_claims", "ledger_engine"]
)
NOW = datetime(2026, 11, 21, tzinfo=UTC)
JSON = {"accept": "application/json"}


@pytest.fixture
def finance(acme: Scope) -> Client:
    return people.browser(acme.org_id, "finance_analyst")


def told(client: Client, path: str) -> Any:
    answer = client.get(path, headers=JSON)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_it_shows_the_nine_types_with_their_balances(finance: Client, acme: Scope) -> None:
    differences.transfer(acme)
    rows = told(finance, "/ledger")["rows"]
    nine = {row["account_type"] for row in rows if not row["clearing"]}
    assert len(nine) == 9
    funds = {row["purpose"] for row in rows if row["account_type"] == "LOSS_FUND"}
    assert funds == {"unearned", "claims"}
    cash = next(row for row in rows if row["account_type"] == "MGA_FIDUCIARY")
    assert (cash["debits_posted_cents"], cash["balance_cents"]) == (7_500, 5_000)
    assert (cash["normal_side"], cash["debits_pending_cents"]) == ("D", 0)
    assert cash["latest_transfer_at"] is not None


SECTIONS = (
    "/ledger", "/ledger/transfers", "/ledger/journal", "/ledger/trial-balance",
    "/ledger/reconciliation", "/ledger/close", "/ledger/close/{period}",
)  # fmt: skip


@pytest.mark.parametrize("path", SECTIONS)
def test_it_says_how_far_the_ledger_is_behind(finance: Client, acme: Scope, path: str) -> None:
    path = path.format(period=booked.period(acme).period_code)
    assert b'data-banner="ledger-behind"' not in finance.get(path).content
    differences.transfer(acme, status="queued")
    differences.transfer(acme, status="needs_review")
    page = finance.get(path).content.decode()
    assert page.count('data-banner="ledger-behind"') == 1
    assert "behind by 1 transfer, " in page
    assert page.count('data-banner="ledger-stuck"') == 1


def test_it_lists_transfers_of_one_side_of_an_account(finance: Client, acme: Scope) -> None:
    one, other = differences.transfer(acme), differences.transfer(acme, status="refused")
    rows = told(finance, f"/ledger/transfers?debit={one.debit_account_id}")["rows"]
    assert [row["id"] for row in rows] == [one.id]
    rows = told(finance, "/ledger/transfers?status=refused")["rows"]
    assert [row["id"] for row in rows] == [other.id]
    assert finance.get("/ledger/transfers?debit=x").status_code == 400
    assert finance.get("/ledger/transfers/" + "0" * 32).status_code == 404
    assert finance.get("/ledger/accounts/NO_SUCH").status_code == 404


def links(client: Client, path: str, pattern: str) -> list[str]:
    """Addresses on a page that match."""
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.content[:300])
    return re.findall(f'href="({pattern})"', answer.content.decode())


def test_it_leads_from_a_balance_to_the_payment_and_back(finance: Client, acme: Scope) -> None:
    policy = World(acme)
    number = policy.pay(324_392).number
    with entered(acme):
        relay.relay(acme, now=NOW)
    assert "/ledger/accounts/MGA_FIDUCIARY" in links(finance, "/ledger", "/ledger/accounts/[A-Z_]+")
    listed = links(finance, "/ledger/accounts/MGA_FIDUCIARY", r"/ledger/transfers\?debit=[^\"]+")
    transfer = links(finance, listed[0], "/ledger/transfers/[0-9a-f]{32}")[0]
    entry = links(finance, transfer, '/ledger/journal/[^"]+')[0]
    assert f"/billing/payments/{number}" in links(finance, entry, '/billing/payments/[^"]+')
    books = f"/billing/payments/{number}?tab=books"
    assert transfer in links(finance, books, "/ledger/transfers/[0-9a-f]{32}")


def test_it_leads_from_an_earned_cent_to_its_policies(finance: Client, acme: Scope) -> None:
    posting.organization(acme)
    book = Book(acme)
    book.policy(random.Random(4))
    with entered(acme):
        earned_premium.run_org(acme, datetime(2026, 11, 20, 3, tzinfo=UTC))
        transfers = LedgerTransfer.objects.within(acme)
        number = transfers.values_list("tb_transfer_id", flat=True).first()
    assert links(finance, f"/ledger/transfers/{number}", r"/policies/TST-[^\"]+")


def test_it_leads_from_what_a_policy_earned_back_to_the_transfer(
    finance: Client, acme: Scope
) -> None:
    posting.organization(acme)
    Book(acme).policy(random.Random(4))
    with entered(acme):
        earned_premium.run_org(acme, datetime(2026, 11, 20, 3, tzinfo=UTC))
        number = LedgerTransfer.objects.within(acme).values_list("tb_transfer_id", flat=True)[0]
    transfer = f"/ledger/transfers/{number}"
    policy = links(finance, transfer, r"/policies/TST-[^\"]+")[0].partition("?")[0]
    nights = policy.replace("/policies/", "/ledger/policies/") + "/postings"
    assert links(finance, nights, transfer)
    assert links(finance, nights, policy)
    entry = links(finance, transfer, r"/ledger/journal/JE-[^\"/]+")[0]
    assert entry in links(finance, f"{entry}/postings", entry)


def test_it_leads_to_what_an_unpaid_policy_earned(finance: Client, acme: Scope) -> None:
    number = factories.policy(acme).policy_number
    page = f"/policies/{number}?tab=ledger"
    assert b"Nothing moved in the ledger yet" in finance.get(page).content
    assert links(finance, page, f"/ledger/policies/{number}/postings")


def test_it_answers_with_the_ledger_away(finance: Client, acme: Scope, away: Away) -> None:
    """A day without the ledger: pages answer, the journal grows, every cent is explained."""
    policy = World(acme)
    policy.pay(324_392)
    with entered(acme):
        relay.relay(acme, now=datetime(2020, 1, 1, tzinfo=UTC))
    with away():
        policy.pay(124_257, month=4)
        with entered(acme):
            relay.relay(acme, now=datetime(2020, 1, 2, tzinfo=UTC))
            reconciliation.reconcile(acme, date(2026, 11, 20), now=datetime(2020, 1, 3, tzinfo=UTC))
        rows = told(finance, "/ledger/reconciliation")["rows"]
        assert any(row["difference_cents"] for row in rows)
        assert {row["unexplained_cents"] for row in rows} == {0}
        assert {row["cause"] for row in rows if row["difference_cents"]} == {"LEDGER_DOWN"}
        for path in ("/ledger", "/ledger/transfers", "/ledger/journal", "/ledger/reconciliation"):
            assert finance.get(path).status_code == 200
        assert b'data-banner="ledger-away"' in finance.get("/ledger/reconciliation").content
    with entered(acme):
        relay.relay(acme, now=datetime(2020, 1, 4, tzinfo=UTC))
        reconciliation.reconcile(acme, date(2026, 11, 21), now=datetime(2020, 1, 5, tzinfo=UTC))
    rows = told(finance, "/ledger/reconciliation")["rows"]
    assert {row["difference_cents"] for row in rows} == {0}


def resolve(scope: Scope, item: Any, *, who: str = "", correct: bool = False) -> Any:
    with entered(scope):
        return resolve_item(
            scope, item_id=item.id, note="Moved by hand at the bank.", correct=correct,
            actor_user_id=who or new_id(), now=NOW,
        )  # fmt: skip


def test_it_is_resolved_by_another_than_its_booker(acme: Scope, borealis: Scope) -> None:
    booker, other = new_id(), new_id()
    entry = booked.entry(acme, posted_by_user_id=booker)
    item = differences.fault(acme, differences.transfer(acme, gl_entry_id=entry.id))
    with pytest.raises(Conflict, match="booked"):
        resolve(acme, item, who=booker)
    with pytest.raises(NotFound):
        resolve(borealis, item)
    done = resolve(acme, item, who=other, correct=True)
    assert resolve(acme, item, who=other).repeated
    with pytest.raises(Conflict, match="resolved before"):
        resolve(acme, item)
    with entered(acme):
        made = LedgerTransfer.objects.within(acme).get(tb_transfer_id=done.correction)
        kept = LedgerReconciliationItem.objects.within(acme).get(id=item.id)
        cash = made.debit_account.account_type
    # Trust cash was 12.34 short in the ledger: the correction debits it.
    assert (made.amount_cents, made.transfer_code, cash) == (1_234, 1901, "MGA_FIDUCIARY")
    assert (kept.status, kept.unexplained_cents) == ("resolved", -1_234)


def test_it_refuses_a_correction_it_cannot_work_out(acme: Scope) -> None:
    item = differences.fault(acme)
    with pytest.raises(BadForm):
        resolve(acme, item, correct=True)
    with entered(acme), pytest.raises(BadForm):
        resolve_item(
            acme, item_id=item.id, note="short", correct=False, actor_user_id=new_id(), now=NOW
        )


def test_it_resolves_from_the_page(finance: Client, acme: Scope) -> None:
    item = differences.fault(acme, differences.transfer(acme))
    rows = told(finance, "/ledger/reconciliation")["rows"]
    assert [(row["difference_cents"], row["status"]) for row in rows] == [(-1_234, "unexplained")]
    below = told(finance, f"/ledger/reconciliation/{rows[0]['id']}")["panels"]["below"]["rows"]
    assert [row["id"] for row in below] == [item.id]
    path = f"/ledger/reconciliation/{item.id}/resolutions"
    page = finance.get(path).content.decode()
    (form,) = re.findall(r'name="form_id" value="([^"]+)"', page)
    short = finance.post(path, {"form_id": form, "note": "too short"})
    assert short.status_code == 422
    assert b"must have 10 to 255 characters" in short.content
    done = finance.post(path, {"form_id": form, "note": "Moved by hand at the bank."})
    assert done.status_code == 303
    assert b"Moved by hand" in finance.get(f"/ledger/reconciliation/{item.id}").content
