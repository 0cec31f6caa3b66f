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
    LedgerReconciliationItem,
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
CORRECTED = "reconciliation"  # source of the transfers that correct the ledger


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


def unanswered(scope: Scope) -> dict[str, str]:
    """Ledger id -> id of transfers whose answer nobody stored: a killed worker's may stand."""
    rows = LedgerTransfer.objects.within(scope).filter(status__in=WAITING)
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


def posted_since(scope: Scope, since: datetime | None) -> Iterator[dict[str, Moved]]:
    """Posted transfers queued since then (all without) by ledger id, in pages of PAGE."""
    rows = LedgerTransfer.objects.within(scope).filter(status=POSTED)
    if since is not None:
        rows = rows.filter(created_at__gte=since)
    yield from _paged(rows)


def _paged(rows: Any) -> Iterator[dict[str, Moved]]:
    last = None
    while True:
        page = rows if last is None else rows.filter(id__gt=last)
        found = list(page.order_by("id").values_list("tb_transfer_id", *MOVED)[:PAGE])
        if found:
            yield {row[0]: Moved._make(row[1:]) for row in found}
        if len(found) < PAGE:
            return
        last = found[-1][1]


def posted_of(scope: Scope, ids: Iterable[str]) -> list[Moved]:
    """Those of these transfers that stand in the ledger by now."""
    wanted = sorted(ids)
    if not wanted:
        return []
    rows = LedgerTransfer.objects.within(scope).filter(id__in=wanted, status=POSTED)
    return [Moved._make(row) for row in rows.order_by("id").values_list(*MOVED)]


def transfers_by_number(scope: Scope, numbers: Iterable[str]) -> dict[str, Moved]:
    """Ledger id -> transfer, of those that the mirror knows."""
    rows = LedgerTransfer.objects.within(scope).filter(tb_transfer_id__in=list(numbers))
    return {row[0]: Moved._make(row[1:]) for row in rows.values_list("tb_transfer_id", *MOVED)}


def posted_on(scope: Scope, account_id: str) -> Iterator[dict[str, Moved]]:
    """Posted transfers of an account by ledger id, both sides, in pages of PAGE."""
    for side in ("debit_account_id", "credit_account_id"):
        rows = LedgerTransfer.objects.within(scope).filter(**{side: account_id}, status=POSTED)
        yield from _paged(rows)


def suspects(scope: Scope) -> dict[str, Moved]:
    """Posted transfers that the newest comparison found wrong, by ledger id: asked for again."""
    runs = LedgerReconciliationRun.objects.within(scope).filter(error_text=None)
    run = runs.order_by(F("started_at").desc()).values_list("id", flat=True).first()
    found = LedgerReconciliationItem.objects.within(scope).filter(run_id=run)
    named = found.exclude(ledger_transfer_id=None).values_list("ledger_transfer_id", flat=True)
    rows = LedgerTransfer.objects.within(scope).filter(id__in=sorted(set(named)), status=POSTED)
    return {row[0]: Moved._make(row[1:]) for row in rows.values_list("tb_transfer_id", *MOVED)}


def mended(scope: Scope) -> dict[str, int]:
    """Transfer id -> cents that corrections in the ledger moved its way, back negative."""
    made = LedgerTransfer.objects.within(scope).filter(source_type=CORRECTED, status=POSTED)
    by_item = {row.source_id: row for row in made.order_by("id")}
    items = LedgerReconciliationItem.objects.within(scope).filter(id__in=sorted(by_item))
    sums: dict[str, int] = defaultdict(int)
    named = items.exclude(ledger_transfer_id=None) if by_item else items.none()
    for key, wrong, debit in named.values_list(
        "id", "ledger_transfer_id", "ledger_transfer__debit_account_id"
    ):
        same = by_item[key].debit_account_id == debit
        sums[wrong] += by_item[key].amount_cents if same else -by_item[key].amount_cents
    return dict(sums)


def transfer_of_entry(scope: Scope, entry_id: str, kind: Kind) -> tuple[Moved, bool] | None:
    """The one transfer of an entry on accounts of a type, and whether it debits it; else None."""
    rows = LedgerTransfer.objects.within(scope).filter(gl_entry_id=entry_id)
    sides = ("debit_account__account_type", "debit_account__sub_purpose",
             "credit_account__account_type", "credit_account__sub_purpose")  # fmt: skip
    found = [
        (Moved._make(row[4:]), row[:2] == kind[:2])
        for row in rows.order_by("id").values_list(*sides, *MOVED)
        if kind[:2] in (row[:2], row[2:4])
    ]
    return found[0] if len(found) == 1 else None


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
