"""The roll-up `policy_standing` of the rows just made: balance, past due, open claims."""

from __future__ import annotations

from typing import Any

from openinsure.demo.book import Book
from openinsure.demo.clock import at

OVER = ("closed", "denied", "settled")


def standing(book: Book, chunk: list[dict[str, Any]], filed: list[dict[str, Any]]) -> None:
    """One roll-up row per policy of the chunk (decisions.md 9)."""
    accounts = {row["policy_id"]: row for row in book.basket.tables["billing_accounts"]}
    open_claims: dict[str, int] = {}
    for claim in filed:
        if claim["status"] not in OVER:
            open_claims[claim["policy_id"]] = open_claims.get(claim["policy_id"], 0) + 1
    for policy in chunk:
        account = accounts[policy["id"]]
        book.basket.add(
            "policy_standing",
            policy_id=policy["id"],
            balance_cents=account["balance_cents"],
            past_due_cents=account["past_due_cents"],
            open_claims=open_claims.get(policy["id"], 0),
            read_at=at(book.today, 0),
        )
