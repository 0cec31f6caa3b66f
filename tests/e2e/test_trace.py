"""From any cent on /ledger to what it came from, and back: every kind of entry of the demo."""

from __future__ import annotations

import html
import re

import pytest

from openinsure.ledger.accounts import TYPES
from tests.e2e.conftest import Api

FINANCE = "finance@acme.test"
TRANSFER = "/ledger/transfers/[0-9a-f]{32}"
# What an accountant calls the source, by the kind of entry; {} is its own address.
SOURCES = {
    "payment": ("/billing/payments/[^\"?]+", "{}?tab=books"),
    "payment_reversal": ("/billing/payments/[^\"?]+", "{}?tab=books"),
    "refund": ("/billing/accounts/[^\"?]+", "{}?tab=books"),
    "earned_premium": ("/policies/[^\"?]+", "/ledger{}/postings"),
    "claim_reserve": ("/claims/[^\"?]+", "{}?tab=books"),
    "claim_payment": ("/claims/[^\"?]+", "{}?tab=books"),
    "claim_recovery": ("/claims/[^\"?]+", "{}?tab=books"),
    "fund_deposit": ("/programs/[^\"?]+", "{}"),
    "settlement_release": ("/billing/settlements/[^\"?]+", "{}?tab=books"),
    "settlement_confirm": ("/billing/settlements/[^\"?]+", "{}?tab=books"),
    "tax_remittance": ("/billing/taxes/[0-9a-f-]{36}", "{}"),
    "tax_confirm": ("/billing/taxes/[0-9a-f-]{36}", "{}"),
}  # fmt: skip


def links(api: Api, path: str, pattern: str) -> list[str]:
    """Addresses on a page that match, each once."""
    answer = api.get(path, FINANCE, accept="text/html")
    assert answer.status == 200, (path, answer.text[:300])
    found = re.findall(f'href="({pattern})', answer.text)
    return list(dict.fromkeys(map(html.unescape, found)))


def transfers_of(api: Api, kind: str) -> dict[str, str]:
    """Transfer code -> a transfer of this kind, from the newest entries of the journal."""
    rows = api.get(f"/ledger/journal?kind={kind}&size=50", FINANCE).json["rows"]
    made: dict[str, str] = {}
    for number in dict.fromkeys(row["entry_number"] for row in rows):
        moved = api.get(f"/ledger/journal/{number}", FINANCE).json["panels"]["transfers"]["rows"]
        made = {str(one["code"]): one["transfer_id"] for one in moved} | made
        if len(made) > 3:
            break
    return made


def listed(api: Api, path: str, field: str, value: str) -> bool:
    """Whether a row of a list, page after page, has this value."""
    while path:
        told = api.get(path, FINANCE).json
        if any(row[field] == value for row in told["rows"]):
            return True
        path = told["next"]
    return False


def back(api: Api, place: str, transfer: str) -> bool:
    """Whether a page of the source, or the lists it opens, lead to the transfer."""
    if place.endswith("/postings"):
        return listed(api, f"{place}?size=200", "transfer", transfer)
    if place.startswith("/programs/"):  # its accounts, then the transfers of each
        accounts = [one for page in links(api, place, "/ledger/accounts/[A-Z_]+") for one in
                    links(api, page, r"/ledger/transfers\?credit=[^\"]+")]  # fmt: skip
        return any(listed(api, f"{one}&size=200", "number", transfer) for one in accounts)
    return f"/ledger/transfers/{transfer}" in links(api, place, TRANSFER)


@pytest.mark.parametrize("kind", SOURCES)
def test_it_leads_from_a_transfer_to_its_source_and_back(api: Api, kind: str) -> None:
    pattern, books = SOURCES[kind]
    moved = transfers_of(api, kind)
    assert moved, f"the demo has no transfer of {kind}"
    for code, transfer in moved.items():
        page = f"/ledger/transfers/{transfer}"
        sources = links(api, page, pattern)
        assert sources, (kind, code, page)
        assert links(api, page, '/ledger/journal/[^"]+'), (kind, code, page)
        assert back(api, books.format(sources[0]), transfer), (kind, code, sources[0])


@pytest.mark.parametrize("account_type", sorted({one.name for one in TYPES}))
def test_it_leads_from_a_balance_to_its_transfers(api: Api, account_type: str) -> None:
    assert f"/ledger/accounts/{account_type}" in links(api, "/ledger", "/ledger/accounts/[A-Z_]+")
    page = api.get(f"/ledger/accounts/{account_type}/all?size=200", FINANCE).json
    balance = {
        row["account_type"] + row["purpose"]: row
        for row in api.get("/ledger", FINANCE).json["rows"]
    }
    shown = [row for key, row in balance.items() if key.startswith(account_type)]
    assert page["next"] or len(page["rows"]) == sum(row["accounts"] for row in shown)
    moved = [(row, side) for row in page["rows"] for side in ("debit", "credit")
             if row[f"{side}s_posted_cents"]]  # fmt: skip
    account, side = moved[0]
    found = api.get(f"/ledger/transfers?{side}={account['id']}&size=200", FINANCE).json
    assert found["rows"]
    newest = max(row["posted_at"] for row in found["rows"])
    assert account["last_transfer_at"] >= newest


def test_it_shows_every_cent_of_an_account_as_a_transfer(api: Api) -> None:
    """RESERVES moves at once (nothing pending): its transfers are its balance, to the cent."""
    for account in api.get("/ledger/accounts/RESERVES/all?size=10", FINANCE).json["rows"]:
        for side in ("debit", "credit"):
            told = api.get(f"/ledger/transfers?{side}={account['id']}&size=200", FINANCE).json
            assert told["next"] is None
            standing = sum(row["amount_cents"] for row in told["rows"])
            assert standing == account[f"{side}s_posted_cents"]
