"""A book to test its sums on: many entries at once, and the sums of the lines themselves."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Sum

from openinsure.billing import models as billing
from openinsure.billing.books.reading import CarrierSums
from openinsure.billing.operations.settlements import SETTLING
from openinsure.billing.postings import Line
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope
from tests.billing.booked import STAMPS
from tests.factories import made

Sums = dict[tuple[str, str], tuple[int, ...]]


def earned(carrier: str, ledger: int, later: int) -> list[Line]:
    """A night of a carrier: collected and not collected."""
    amounts = (("2500", ledger), ("2100", -ledger), ("1210", later), ("2110", -later))
    return [Line(account=code, cents=cents, carrier_id=carrier) for code, cents in amounts]


def stream(scope: Scope, carrier: str, cents: int, on: date) -> None:
    """A written movement of a carrier's premium."""
    when = datetime.combine(on, time(12), UTC)
    made(scope, billing.PremiumTransaction, {
        "id": new_id(), "policy_id": new_id(), "policy_number": "TST-2026-000001",
        "policy_transaction_id": new_id(), "program_id": new_id(), "carrier_id": carrier,
        "state": "FL", "written_cents": cents, "carrier_written_cents": cents, "currency": "USD",
        "earn_from": on, "earn_to": on + timedelta(days=365), "status": "open",
        "created_at": when, "updated_at": when,
    })  # fmt: skip


def summed(scope: Scope, first: date | None, upto: date) -> Sums:
    """Debits and credits by account and currency, line by line."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in billing.GlJournalLine.objects.within(scope):
        if (first is None or row.entry_date >= first) and row.entry_date <= upto:
            sums[row.account_code, row.currency][0] += row.debit_cents
            sums[row.account_code, row.currency][1] += row.credit_cents
    return {key: tuple(cents) for key, cents in sums.items() if any(cents)}


def carrier(scope: Scope, carrier_id: str, cutoff: date) -> CarrierSums:
    """A carrier's sums, from streams and lines themselves."""
    ends = datetime.combine(cutoff + timedelta(days=1), time(), UTC)
    streams = billing.PremiumTransaction.objects.within(scope).filter(
        carrier_id=carrier_id, created_at__lt=ends
    )
    written = streams.aggregate(cents=Sum("carrier_written_cents"))["cents"] or 0
    rows = billing.GlJournalLine.objects.within(scope).filter(
        carrier_id=carrier_id, entry_date__lte=cutoff
    )
    owed: dict[tuple[str, bool], int] = defaultdict(int)
    night = 0
    for row in rows.select_related("journal_entry"):
        kind, cents = row.journal_entry.source_type, row.credit_cents - row.debit_cents
        owed[row.account_code, kind in SETTLING] += cents
        if kind == "earned_premium" and row.account_code in ("2100", "2110"):
            night += cents
    settled = -owed["2100", True]
    return CarrierSums(
        int(written), night, owed["2110", False], settled, owed["2100", False] - settled
    )


def entries(scope: Scope, month: date, many: int, *, first: int = 1, **line: Any) -> None:
    """Entries of a month by the hundred, numbered on from `first`: cash against fees."""
    of = billing.GlPeriod.objects.within(scope).filter(period_code=f"{month:%Y-%m}").first()
    period = of or billing.GlPeriod.objects.within(scope).create(
        id=new_id(), period_code=f"{month:%Y-%m}", start_date=month, status="open",
        end_date=month + timedelta(days=27), **STAMPS,
    )  # fmt: skip
    made_entries, lines = [], []
    for number in range(first, first + many):
        day = month + timedelta(days=number % 28)
        entry = billing.GlJournalEntry(
            org_id=scope.org_id, id=new_id(), entry_number=f"JE-{month:%Y-%m}-{number:08d}",
            period_id=period.id, entry_date=day, effective_date=day, source_type="payment",
            status="posted", total_debit_cents=number, total_credit_cents=number,
            currency="USD", idempotency_key=new_id(), **STAMPS,
        )  # fmt: skip
        made_entries.append(entry)
        for place, (code, debit, credit) in enumerate((("1010", number, 0), ("2100", 0, number))):
            lines.append(billing.GlJournalLine(
                org_id=scope.org_id, id=new_id(), journal_entry_id=entry.id, line_no=place,
                gl_account_id=new_id(), account_code=code, debit_cents=debit,
                credit_cents=credit, currency="USD", entry_date=day, source_type="payment",
                created_at=STAMPS["created_at"], **line,
            ))  # fmt: skip
    billing.GlJournalEntry.objects.bulk_create(made_entries, batch_size=500)
    billing.GlJournalLine.objects.bulk_create(lines, batch_size=500)


def accounts(scope: Scope, kind: str, many: int) -> None:
    """Ledger accounts of a type, a cent on the debit side of each."""
    billing.LedgerAccount.objects.bulk_create(
        billing.LedgerAccount(
            org_id=scope.org_id, id=new_id(), tb_account_id=new_id().replace("-", "")[:32],
            account_type=kind, entity_type="policy", entity_id=new_id(), ledger_code=1840,
            tb_code=1, normal_side="D", currency="USD", name=kind, status="active",
            last_debits_posted=1, last_balance_cents=1, last_synced_at=STAMPS["created_at"],
            **STAMPS,
        )
        for _ in range(many)
    )  # fmt: skip


def accruals(scope: Scope, producer_id: str, many: int, **given: Any) -> None:
    """Open commission of a producer, ten cents each."""
    values = {"kind": "collected", "rate": 0, "amount_cents": 10, "currency": "USD",
              "status": "open", **STAMPS} | given  # fmt: skip
    billing.CommissionAccrual.objects.bulk_create(
        billing.CommissionAccrual(
            org_id=scope.org_id, id=new_id(), producer_id=producer_id, policy_id=new_id(), **values
        )
        for _ in range(many)
    )
