"""Earning streams: one per written premium movement, each with the carrier's share of it."""

from __future__ import annotations

from openinsure.demo.billing_rows import Row
from openinsure.demo.book import Book
from openinsure.demo.till import split_of
from openinsure.money.earning import carrier_shares


def streams(book: Book, policy: Row) -> None:
    """Rows of premium_transactions for the movements just written of a policy.

    A cancellation is no stream: it stops those that stand, and written becomes what is retained.
    """
    moved = []
    for row in reversed(book.basket.tables["policy_transactions"]):
        if row["policy_id"] != policy["id"]:
            break
        moved.append(row)
    written = [row for row in reversed(moved) if row["transaction_type"] != "CANCELLATION"]
    shares = carrier_shares(split_of(policy), [row["written_premium_cents"] for row in written])
    stopped = policy.get("cancellation_effective_date")
    for row, share in zip(written, shares, strict=True):
        over = stopped is not None or policy["expiration_date"] <= book.today
        book.basket.add(
            "premium_transactions",
            id=book.id(row["created_at"]),
            policy_id=policy["id"],
            policy_number=policy["policy_number"],
            policy_transaction_id=row["id"],
            program_id=policy["program_id"],
            carrier_id=policy["carrier_id"],
            state=policy["state"],
            transaction_no=row["transaction_no"],
            written_cents=row["written_premium_cents"],
            carrier_written_cents=share,
            currency="USD",
            earn_from=row["effective_date"],
            earn_to=policy["expiration_date"],
            stopped_on=stopped,
            fully_earned=over,
            status="stopped" if stopped else "earned" if over else "open",
            created_at=row["created_at"],
            updated_at=row["created_at"],
        )
