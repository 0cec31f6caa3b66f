"""Both sides of the comparison as oi_billing has them. Read inside one transaction: one moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import F, Max, Sum

from openinsure.billing.models import (
    GlJournalLine,
    LedgerAccount,
    LedgerReconciliationRun,
    LedgerTransfer,
)
from openinsure.billing.reconciling import (
    PAYOUT_CODE,
    Kind,
    Moved,
    Sums,
    codes_of,
    journal_effect,
    kind_of_code,
)
from openinsure.tenancy.scope import Scope

NET = Sum("debit_cents") - Sum("credit_cents")
MOVED = (
    *("id", "debit_account_id", "credit_account_id", "amount_cents", "tb_flags"),
    *("transfer_code", "gl_entry_id"),
)
WAITING, STUCK, POSTED = ("queued", "sent"), ("refused", "needs_review"), "posted"
PAGE = 5_000


def journal_sums(scope: Scope) -> dict[Kind, Sums]:
    """The mapped accounts of the journal, period-close entries left out. One statement."""
    rows = (
        GlJournalLine.objects.within(scope)
        .exclude(source_type="close")
        .order_by()
        .values_list("account_code", "currency")
        .annotate(debits=Sum("debit_cents"), credits=Sum("credit_cents"))
    )
    sums: dict[Kind, Sums] = defaultdict(Sums)
    for code, currency, debits, credits in rows:
        kind = kind_of_code(code, currency)
        if kind is not None:
            old = sums[kind]
            sums[kind] = Sums(old.debits + int(debits), old.credits + int(credits))
    return dict(sums)


def accounts(scope: Scope) -> list[LedgerAccount]:
    """Every ledger account of the organisation."""
    return list(LedgerAccount.objects.within(scope).order_by("id"))


def waiting(scope: Scope, *, stuck: bool = False) -> list[Moved]:
    """Transfers the ledger does not have: on their way, or (stuck) those it will not take."""
    rows = LedgerTransfer.objects.within(scope).filter(status__in=STUCK if stuck else WAITING)
    return [Moved._make(row) for row in rows.order_by("id").values_list(*MOVED)]


def sent_numbers(scope: Scope) -> dict[str, str]:
    """Ledger id -> id of transfers that were sent and never answered: they may stand."""
    rows = LedgerTransfer.objects.within(scope).filter(status="sent")
    return dict(rows.values_list("tb_transfer_id", "id"))


def payouts(scope: Scope) -> list[Moved]:
    """Payouts in the ledger, pending ones and how they ended, found by their clearing accounts."""
    clearing = LedgerAccount.objects.within(scope).filter(account_type="EXTERNAL_PAYOUT")
    rows = LedgerTransfer.objects.within(scope).filter(
        credit_account_id__in=list(clearing.values_list("id", flat=True)),
        transfer_code=PAYOUT_CODE,
        status=POSTED,
    )
    return [Moved._make(row) for row in rows.order_by("id").values_list(*MOVED)]


def mirror_sums(scope: Scope) -> dict[str, Sums]:
    """Account id -> what its posted transfers add up to. Two statements.

    Pending and voiding transfers move nothing that is posted.
    """
    rows = LedgerTransfer.objects.within(scope).filter(status=POSTED)
    sums: dict[str, Sums] = defaultdict(Sums)
    for side in ("debit", "credit"):
        told = (
            rows.order_by()
            .values_list(f"{side}_account_id", "tb_flags")
            .annotate(cents=Sum("amount_cents"))
        )
        for account, flags, cents in told:
            moves = 0 if flags & (2 | 8) else int(cents)
            old = sums[account]
            added = (moves, 0) if side == "debit" else (0, moves)
            sums[account] = Sums(old.debits + added[0], old.credits + added[1])
    return dict(sums)


def posted_since(scope: Scope, since: datetime | None) -> Iterator[list[dict[str, Any]]]:
    """Posted transfers queued since then (all without), in pages of PAGE."""
    rows = LedgerTransfer.objects.within(scope).filter(status=POSTED)
    if since is not None:
        rows = rows.filter(created_at__gte=since)
    fields = ("id", "tb_transfer_id", "created_at", *MOVED[1:])
    last = None
    while True:
        page = rows if last is None else rows.filter(id__gt=last)
        found = list(page.order_by("id").values(*fields)[:PAGE])
        if found:
            yield found
        if len(found) < PAGE:
            return
        last = found[-1]["id"]


def transfers_by_number(scope: Scope, numbers: Iterable[str]) -> set[str]:
    """Which of these ledger ids the mirror knows."""
    rows = LedgerTransfer.objects.within(scope).filter(tb_transfer_id__in=list(numbers))
    return set(rows.values_list("tb_transfer_id", flat=True))


def lines_by_entry(scope: Scope, kind: Kind) -> dict[str, int]:
    """Entry -> debits less credits on the accounts of a type."""
    rows = (
        GlJournalLine.objects.within(scope)
        .filter(account_code__in=codes_of(kind), currency=kind.currency)
        .exclude(source_type="close")
        .order_by()
        .values_list("journal_entry_id")
        .annotate(net=NET)
    )
    return {entry: int(net) for entry, net in rows if net}


def transfers_by_entry(scope: Scope, kind: Kind) -> dict[str, int]:
    """Entry -> what its transfers, wherever they stand, say of a type; debits less credits."""
    sums: dict[str, int] = defaultdict(int)
    for side, sign in (("debit", 1), ("credit", -1)):
        rows = (
            LedgerTransfer.objects.within(scope)
            .filter(
                **{
                    f"{side}_account__account_type": kind.account_type,
                    f"{side}_account__sub_purpose": kind.purpose,
                },
                currency=kind.currency,
            )
            .exclude(gl_entry_id=None)
        )
        for row in rows.order_by().values_list(*MOVED):
            moved = Moved._make(row)
            sums[str(moved.entry_id)] += sign * journal_effect(moved)
    return {entry: cents for entry, cents in sums.items() if cents}


def ledger_time(scope: Scope) -> int | None:
    """The engine's time of the newest transfer that stands, ns."""
    rows = LedgerTransfer.objects.within(scope).filter(status=POSTED)
    at: int | None = rows.aggregate(at=Max("tb_timestamp"))["at"]
    return at


def compared_until(scope: Scope) -> datetime | None:
    """Begin of the newest run that asked the ledger itself: older transfers were compared then."""
    rows = LedgerReconciliationRun.objects.within(scope).exclude(finished_at=None)
    asked = rows.filter(error_text=None).order_by(F("started_at").desc())
    at: datetime | None = asked.values_list("started_at", flat=True).first()
    return at
