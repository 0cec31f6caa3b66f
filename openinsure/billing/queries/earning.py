"""Reads of earned premium: what of a policy is earned, the runs and their postings."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet, Sum

from openinsure.billing.filters import Where
from openinsure.billing.models import (
    EarnedPremiumPosting,
    LedgerTransfer,
    PremiumTransaction,
)
from openinsure.console.lists import Ask
from openinsure.console.row_reading import rows_of
from openinsure.tenancy.listing import ListSpec, Page, Sort, list_page
from openinsure.tenancy.scope import Scope

POSTINGS_MAX = 200


@dataclass(frozen=True, slots=True)
class PostingRow:
    """What one stream earned by one run, cents."""

    id: str
    policy_id: str
    policy_number: str
    as_of_date: date
    days_elapsed: int
    days_total: int
    earned_cents: int
    cumulative_cents: int
    carrier_earned_cents: int
    ledger_earned_cents: int
    currency: str
    ledger_transfer_id: str | None


@dataclass(frozen=True, slots=True)
class StoredPosting:
    """A posting as its table has it, cents."""

    id: str
    premium_transaction_id: str
    as_of_date: date
    days_elapsed: int
    days_total: int
    earned_cents: int
    carrier_earned_cents: int
    ledger_earned_cents: int
    currency: str
    ledger_transfer_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingLine(StoredPosting):
    """A posting with its policy and, if it moved anything in the ledger, that transfer's id."""

    policy_number: str
    transfer: str | None


POSTINGS = ListSpec(
    model=EarnedPremiumPosting,
    row=StoredPosting,
    sorts={
        "as_of_date": Sort(
            "as_of_date",
            "earned_premium_postings_org_policy_as_of",
            within={
                "gl_entry_id": "earned_premium_postings_org_gl_entry_as_of_id",
                "policy_id": "earned_premium_postings_org_policy_as_of",
            },
        )
    },
)


def carrier_earned(scope: Scope, policy_id: str) -> int:
    """The carrier share earned of a policy so far, cents: E of domain.md 4.7. One statement."""
    rows = EarnedPremiumPosting.objects.within(scope).filter(policy_id=policy_id)
    return int(rows.aggregate(cents=Sum("carrier_earned_cents"))["cents"] or 0)


def postings_of_transfer(scope: Scope, transfer_id: str) -> list[PostingRow]:
    """Streams whose earning a transfer carries, biggest first, at most POSTINGS_MAX.

    Two statements: the transfer's entry is what postings are found by.
    """
    moved = LedgerTransfer.objects.within(scope).filter(id=transfer_id)
    entry: str | None = moved.values_list("gl_entry_id", flat=True).first()
    return postings_of_entry(scope, entry) if entry else []


def postings_of_entry(scope: Scope, entry_id: str) -> list[PostingRow]:
    """What streams earned in one entry, biggest first, at most POSTINGS_MAX. One statement."""
    rows = EarnedPremiumPosting.objects.within(scope).filter(gl_entry_id=entry_id)
    return _postings(rows.order_by("-carrier_earned_cents", "id"))


def list_postings(scope: Scope, where: Where, asked: Ask) -> Page[PostingLine]:
    """One page of the postings of an entry or of a policy's terms, newest day first.

    Three statements: postings, numbers of their policies, numbers of their transfers.
    """
    page = list_page(scope, POSTINGS, where=where, sort=asked.sort, descending=asked.descending,
                     at=asked.at, size=asked.size)  # fmt: skip
    streams = PremiumTransaction.objects.within(scope).filter(
        id__in=sorted({row.premium_transaction_id for row in page.rows})
    )
    policies = dict(streams.values_list("id", "policy_number")) if page.rows else {}
    moved = LedgerTransfer.objects.within(scope).filter(
        id__in=sorted({row.ledger_transfer_id for row in page.rows} - {None})
    )
    numbers = dict(moved.values_list("id", "tb_transfer_id")) if page.rows else {}
    rows = tuple(
        PostingLine(
            **asdict(row),
            policy_number=policies.get(row.premium_transaction_id, ""),
            transfer=numbers.get(row.ledger_transfer_id or ""),
        )
        for row in page.rows
    )
    return Page(rows, page.next, page.previous, page.searched_to)


def _postings(rows: QuerySet[Any]) -> list[PostingRow]:
    columns = {"policy_number": "premium_transaction__policy_number"}
    return rows_of(rows, PostingRow, columns, limit=POSTINGS_MAX)
