"""Reads of the mirror of the ledger: stored balances with their age, and what waits for it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, QuerySet, Sum

from openinsure.billing.ledger_rows import LedgerAccountRow, LedgerBalance, Outbox
from openinsure.billing.models import LedgerAccount, LedgerTransfer
from openinsure.ledger.accounts import TYPES, AccountType
from openinsure.problems import NotFound
from openinsure.tenancy.scope import Scope

ACCOUNTS_MAX = 500
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
SUMS = {
    name: Sum(column)
    for name, column in ACCOUNT_COLUMNS.items()
    if name.endswith("_cents") and name != "balance_cents"
}


def list_balances(scope: Scope) -> list[LedgerBalance]:
    """The nine account types, then the clearing ones; LOSS_FUND twice. Two statements.

    Balances are those the worker stored; a type without an account stands with zeros.
    """
    latest = _latest_transfers(scope)
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    rows = (
        LedgerAccount.objects.within(scope)
        .order_by()
        .values("account_type", "sub_purpose", "currency")
        .annotate(accounts=Count("id"), read_at=Min("last_synced_at"), **SUMS)
    )
    for row in rows:
        found[row["account_type"], row["sub_purpose"]].append(row)
    return [
        _balance(kind, row, latest.get((kind.name, kind.sub_purpose)))
        for kind in TYPES
        for row in found.get((kind.name, kind.sub_purpose)) or [{}]
    ]


def _balance(kind: AccountType, row: dict[str, Any], latest: datetime | None) -> LedgerBalance:
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
        latest_transfer_at=latest,
        read_at=row.get("read_at"),
        **sums,
    )


def _latest_transfers(scope: Scope) -> dict[tuple[str, str], datetime]:
    """(type, purpose) -> when a transfer last reached it. Both sides in one statement."""
    newest: dict[tuple[str, str], datetime] = {}
    rows = LedgerTransfer.objects.within(scope).filter(status="posted").order_by("-created_at")
    recent = rows.values_list(
        "debit_account__account_type", "debit_account__sub_purpose",
        "credit_account__account_type", "credit_account__sub_purpose", "posted_at",
    )[:ACCOUNTS_MAX]  # fmt: skip
    for debit, debit_for, credit, credit_for, at in recent:
        for key in ((debit, debit_for), (credit, credit_for)):
            newest[key] = max(at, newest.get(key, at))
    return newest


def list_accounts(scope: Scope, account_type: str) -> list[LedgerAccountRow]:
    """At most ACCOUNTS_MAX accounts of a type, by name. Raises NotFound for a type there is not."""
    if account_type not in {kind.name for kind in TYPES}:
        raise NotFound("account type", account_type[:40])
    rows = LedgerAccount.objects.within(scope).filter(account_type=account_type)
    return _account_rows(rows.order_by("sub_purpose", "name", "id"))


def _account_rows(rows: QuerySet[Any]) -> list[LedgerAccountRow]:
    """The engine's sums are wider than a column of cents: decimals become integers here."""
    fields = LedgerAccountRow.__dataclass_fields__
    named = {name: ACCOUNT_COLUMNS.get(name, name) for name in fields}
    found = []
    for row in rows.values_list(*named.values())[:ACCOUNTS_MAX]:
        values: dict[str, Any] = dict(zip(named, row, strict=True))
        cents = {name: int(values[name]) for name in named if name.endswith("_cents")}
        found.append(LedgerAccountRow(**(values | cents)))
    return found


def outbox_state(scope: Scope) -> Outbox:
    """What waits for the ledger and what it will not take. One statement."""
    rows = (
        LedgerTransfer.objects.within(scope)
        .filter(status__in=(*WAITING, *STUCK))
        .order_by()
        .values("status")
        .annotate(number=Count("id"), oldest=Min("created_at"))
    )
    told = {row["status"]: row for row in rows}
    waits = [told[name] for name in WAITING if name in told]
    return Outbox(
        waiting=sum(row["number"] for row in waits),
        oldest_at=min((row["oldest"] for row in waits), default=None),
        stuck=sum(told[name]["number"] for name in STUCK if name in told),
    )


def latest_reading(scope: Scope) -> datetime | None:
    """When any balance was last read from the ledger."""
    found = LedgerAccount.objects.within(scope).aggregate(at=Max("last_synced_at"))
    at: datetime | None = found["at"]
    return at
