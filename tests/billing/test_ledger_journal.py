"""/ledger/journal, one entry and the trial balance: whose lines, which, and that they add up."""

from __future__ import annotations

import csv
from datetime import date
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from openinsure.billing.models import GlJournalEntry
from openinsure.billing.operations.journal import post_entry
from openinsure.billing.operations.mirrors import reverse_entry
from openinsure.billing.postings import Line
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.billing import making, posting
from tests.billing.posting import NOW, leg, once, pair
from tests.billing.test_lists import told

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_billing"])
FIELDS = {
    "id", "entry_number", "posted_at", "account", "debit_cents", "credit_cents", "reference",
}  # fmt: skip


@pytest.fixture
def script(db: None, acme: Scope) -> Client:
    """A program with a finance token of acme."""
    posting.organization(acme)
    return people.bearer(acme.org_id, "finance_analyst")


def post(scope: Scope, on: date, cents: int = 1_000, **given: Any) -> Any:
    """An entry of trust cash against fee income."""
    wanted: dict[str, Any] = {
        "source_type": "payment", "source_id": once().id, "lines": pair(cents),
        "transfers": [leg(cents)], "now": NOW,
    } | given  # fmt: skip
    with entered(scope):
        return post_entry(scope, once=once(), entry_date=on, **wanted)


def test_it_lists_own_lines_with_their_entries(
    script: Client, acme: Scope, borealis: Scope
) -> None:
    account = making.account(acme)
    lines = [
        Line(account="1200", cents=700, policy_id=account.policy_id),
        Line(account="2900", cents=-700, policy_id=account.policy_id),
    ]
    ours = post(acme, date(2026, 5, 1), source_type="invoice", lines=lines, transfers=[])
    posting.organization(borealis)
    post(borealis, date(2026, 5, 2))
    rows = told(script, "/ledger/journal")["rows"]
    assert [(row["account"], row["debit_cents"], row["credit_cents"]) for row in rows] == [
        ("2900", 0, 700),
        ("1200", 700, 0),
    ]
    for row in rows:
        assert set(row) >= FIELDS
        assert (row["entry_number"], row["balanced"]) == (ours.number, "balanced")
        assert row["policy_number"] == account.policy_number
        assert row["reference"].startswith("invoice:")


def test_it_filters(script: Client, acme: Scope) -> None:
    account = making.account(acme)
    may = post(acme, date(2026, 5, 1))
    lines = [Line(account="2500", cents=9, policy_id=account.policy_id),
             Line(account="2100", cents=-9, policy_id=account.policy_id)]  # fmt: skip
    june = post(acme, date(2026, 6, 30), source_type="earned_premium", lines=lines, transfers=[])
    for query, found in (
        ("period=2026-05", [may.number] * 2),
        ("period=2026-06", [june.number] * 2),
        ("account=2500", [june.number]),
        ("account=2500&account=1010", [june.number, may.number]),
        ("kind=earned_premium", [june.number] * 2),
        (f"policy={account.policy_number}", [june.number] * 2),
        (f"policy={account.policy_number}&account=2100", [june.number]),
        ("policy=TST-0000-000000", []),
        ("date_from=2026-06-01", [june.number] * 2),
        ("date_to=2026-05-31", [may.number] * 2),
        ("period=2026-07", []),
    ):
        rows = told(script, f"/ledger/journal?{query}")["rows"]
        assert [row["entry_number"] for row in rows] == found, query


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("period=2026-13", "period"),
        ("period=2026-05&date_from=2026-05-01", "period"),
        ("account=9999", "account"),
        ("kind=gift", "kind"),
        ("policy=%27", "policy"),
        ("sort=debit_cents", "sort"),
        ("acount=1010", "acount"),
    ],
)
def test_it_names_what_it_cannot_read(script: Client, query: str, field: str) -> None:
    answer = script.get(f"/ledger/journal?{query}")
    assert answer.status_code == 400
    assert field in answer.json()["message"]


def test_it_walks_every_line_once(script: Client, acme: Scope) -> None:
    for day in range(1, 16):
        post(acme, date(2026, 5, day % 5 + 1))
    seen, address = list[str](), "/ledger/journal?size=10"
    while address:
        page = told(script, address)
        seen += [row["id"] for row in page["rows"]]
        address = page["next"]
    assert len(seen) == len(set(seen)) == 30


def test_it_reads_a_page_at_a_fixed_cost(script: Client, acme: Scope) -> None:
    for _ in range(3):
        post(acme, date(2026, 5, 1))
    told(script, "/ledger/journal")
    few = statements(script)
    for _ in range(9):
        post(acme, date(2026, 5, 1))
    assert statements(script) == few <= 6


def statements(client: Client) -> int:
    """Statements on oi_billing of one page."""
    with CaptureQueriesContext(connections["oi_billing"]) as made:
        told(client, "/ledger/journal")
    return len(made)


def test_it_leads_from_a_line_to_the_payment_and_back(script: Client, acme: Scope) -> None:
    payment = making.payment(acme, making.account(acme))
    posted = post(acme, date(2026, 5, 1), source_id=payment.id)
    browser = people.browser(acme.org_id, "finance_analyst")
    listed = browser.get("/ledger/journal").content.decode()
    assert f'href="/ledger/journal/{posted.number}"' in listed
    page = browser.get(f"/ledger/journal/{posted.number}").content.decode()
    assert f'href="/billing/payments/{payment.payment_number}"' in page
    back = browser.get(f"/billing/payments/{payment.payment_number}?tab=books").content.decode()
    assert f'href="/ledger/journal/{posted.number}"' in back


def test_it_tells_an_entry_with_lines_and_transfers(script: Client, acme: Scope) -> None:
    posted = post(acme, date(2026, 5, 1))
    answer = told(script, f"/ledger/journal/{posted.number}")
    assert (answer["row"]["number"], answer["row"]["balanced"]) == (posted.number, True)
    assert [row["account"] for row in answer["panels"]["lines"]["rows"]] == ["1010", "4200"]
    (transfer,) = answer["panels"]["transfers"]["rows"]
    assert transfer["amount_cents"] == 1_000


def test_it_joins_an_entry_and_its_mirror(script: Client, acme: Scope) -> None:
    posted = post(acme, date(2026, 5, 1))
    with entered(acme):
        mirror = reverse_entry(
            acme, posted.entry_id, once=once(), entry_date=date(2026, 5, 9), now=NOW
        )
    first = told(script, f"/ledger/journal/{posted.number}")["row"]
    second = told(script, f"/ledger/journal/{mirror.number}")["row"]
    assert (first["status"], first["mirrored_by"]) == ("reversed", mirror.number)
    assert second["mirrors"] == posted.number
    page = people.browser(acme.org_id, "org_admin").get(f"/ledger/journal/{posted.number}")
    assert f'href="/ledger/journal/{mirror.number}"' in page.content.decode()


def test_it_says_when_lines_are_not_the_entrys_sums(script: Client, acme: Scope) -> None:
    posted = post(acme, date(2026, 5, 1))
    with entered(acme):
        GlJournalEntry.objects.within(acme).filter(id=posted.entry_id).update(total_debit_cents=1)
    assert told(script, f"/ledger/journal/{posted.number}")["row"]["balanced"] is False


def test_it_balances_as_of_any_day(script: Client, acme: Scope) -> None:
    post(acme, date(2026, 5, 1), 1_000)
    post(acme, date(2026, 6, 1), 500)
    for query, cents in (("?as_of=2026-04-30", None), ("?as_of=2026-05-31", 1_000), ("", 1_500)):
        rows = told(script, f"/ledger/trial-balance{query}")["rows"]
        found = {row["account"]: row["debit_cents"] - row["credit_cents"] for row in rows}
        assert found == ({"1010": cents, "4200": -cents} if cents else {})
    page = people.browser(acme.org_id, "finance_analyst").get("/ledger/trial-balance")
    assert "Balanced" in page.content.decode()


def test_it_gives_the_trial_balance_as_csv(acme: Scope, script: Client) -> None:
    post(acme, date(2026, 5, 1))
    file = people.browser(acme.org_id, "finance_analyst").get("/ledger/trial-balance?format=csv")
    body = file.getvalue()
    rows = list(csv.DictReader(body.decode("utf-8-sig").splitlines()))
    assert [(row["account"], row["debit_cents"], row["credit_cents"]) for row in rows] == [
        ("1010", "1000", "0"),
        ("4200", "0", "1000"),
    ]
    assert script.get("/ledger/trial-balance?as_of=2026-02-30").status_code == 400


@pytest.mark.parametrize("role", ["support", "underwriter", "adjuster", "mhcis_operator"])
def test_it_is_closed_without_the_permission(acme: Scope, role: str) -> None:
    for page in ("journal", "trial-balance", "close"):
        assert people.bearer(acme.org_id, role).get(f"/ledger/{page}").status_code == 403
