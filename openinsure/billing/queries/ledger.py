"""Reads of the mirror of the ledger: stored balances with their age, and what waits for it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q

from openinsure.billing.books.counting import SUMS, ledger_types
from openinsure.billing.ledger_rows import (
    LedgerAccountRow,
    LedgerBalance,
    Outbox,
    StoredAccount,
)
from openinsure.billing.models import GlJournalEntry, LedgerAccount, LedgerTransfer
from openinsure.console.lists import Ask
from openinsure.console.row_reading import rows_of
from openinsure.ledger.accounts import TYPES, AccountType
from openinsure.tenancy.listing import ListSpec, Page, Sort, list_page
from openinsure.tenancy.scope import Scope

ACCOUNTS_SHOWN = 100
NAMES = frozenset(kind.name for kind in TYPES)
DEFAULT_CURRENCY = "USD"
WAITING, STUCK = ("queued", "sent"), ("refused", "needs_review")
ACCOUNT_COLUMNS = {
    "purpose": "sub_purpose",
    "debits_posted_cents": "last_debits_posted",
    "credits_posted_cents": "last_credits_posted",
    "debits_pending_cents": "last_debits_pending",
    "credits_pending_cents": "last_credits_pending",
    "balance_cents": "last_balance_cents",
    "read_at": "last_synced_at",
}
ACCOUNTS = ListSpec(
    model=LedgerAccount,
    row=StoredAccount,
    columns=ACCOUNT_COLUMNS,
    sorts={
        "balance_cents": Sort(
            "last_balance_cents",
            "ledger_accounts_org_account_type_last_balance_id",
            within={"account_type": "ledger_accounts_org_account_type_last_balance_id"},
        )
    },
)


def list_balances(scope: Scope) -> list[LedgerBalance]:
    """The nine account types, then the clearing ones; LOSS_FUND twice. One statement.

    Balances are those the worker stored, as last added up; a type without an account stands with
    zeros.
    """
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in ledger_types(scope):
        found[row["account_type"], row["sub_purpose"]].append(row)
    return [
        _balance(kind, row)
        for kind in TYPES
        for row in found.get((kind.name, kind.sub_purpose)) or [{}]
    ]


def _balance(kind: AccountType, row: dict[str, Any]) -> LedgerBalance:
    sums = {name: int(row.get(name) or 0) for name in SUMS}
    net = sums["debits_posted_cents"] - sums["credits_posted_cents"]
    currency = row.get("currency", DEFAULT_CURRENCY)
    return LedgerBalance(
        id=":".join(filter(None, (kind.name, kind.sub_purpose, currency))),
        code=kind.code,
        account_type=kind.name,
        purpose=kind.sub_purpose,
        currency=currency,
        normal_side=kind.side,
        means=kind.means,
        clearing=kind.clearing,
        accounts=row.get("accounts", 0),
        balance_cents=net if kind.side == "D" else -net,
        latest_transfer_at=row.get("latest"),
        read_at=row.get("read_at"),
        **sums,
    )


def list_accounts(scope: Scope, account_type: str) -> list[LedgerAccountRow]:
    """The ACCOUNTS_SHOWN biggest accounts of a type. One statement."""
    rows = LedgerAccount.objects.within(scope).filter(account_type=account_type)
    found = rows_of(
        rows.order_by("-last_balance_cents", "-id"), StoredAccount, ACCOUNT_COLUMNS,
        limit=ACCOUNTS_SHOWN,
    )  # fmt: skip
    return [_account(row) for row in found]


def page_of_accounts(scope: Scope, account_type: str, asked: Ask) -> Page[LedgerAccountRow]:
    """One page of the accounts of a type. One statement."""
    page = list_page(scope, ACCOUNTS, where={"account_type": account_type}, sort=asked.sort,
                     descending=asked.descending, at=asked.at, size=asked.size)  # fmt: skip
    return Page(tuple(map(_account, page.rows)), page.next, page.previous, page.searched_to)


def _account(row: StoredAccount) -> LedgerAccountRow:
    """The engine's sums are wider than a column of cents: decimals become integers here."""
    values: dict[str, Any] = asdict(row)
    cents = {name: int(value) for name, value in values.items() if name.endswith("_cents")}
    return LedgerAccountRow(**(values | cents))


def outbox_state(scope: Scope, *, now: datetime) -> Outbox:
    """What waits for the ledger and what it will not take. One statement."""
    rows = (
        not_taken_back(scope, LedgerTransfer.objects.within(scope))
        .filter(status__in=(*WAITING, *STUCK))
        .order_by()
        .values("status")
        .annotate(number=Count("id"), oldest=Min("created_at"))
    )
    told = {row["status"]: row for row in rows}
    waits = [told[name] for name in WAITING if name in told]
    oldest_at = min((row["oldest"] for row in waits), default=now)
    return Outbox(
        waiting=sum(row["number"] for row in waits),
        behind_minutes=int((now - oldest_at).total_seconds() // 60),
        stuck=sum(told[name]["number"] for name in STUCK if name in told),
    )


def not_taken_back(scope: Scope, rows: Any) -> Any:
    """These transfers but those that the ledger refused and whose entry was taken back since:
    the journal does not have them any more, and the ledger never had.
    """
    entries = GlJournalEntry.objects.within(scope)
    back = entries.filter(id=OuterRef("gl_entry_id"), reversed_by_id__isnull=False)
    return rows.exclude(Q(status="refused") & Exists(back))
