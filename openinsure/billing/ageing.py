"""What is past due, by account and by how long: read whole by the roll-up job, never by a page.

Age counts from the due date of each open invoice: 0-30, 31-60, 61-90 and over 90 days.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from openinsure.billing.models import BillingAccount, Invoice
from openinsure.tenancy.scope import Scope

OPEN = ("issued", "partially_paid", "overdue")
BUCKETS = ("d0_30", "d31_60", "d61_90", "d90_plus")
LAST_DAYS = (30, 60, 90)
BATCH_ROWS = 2_000


def bucket_of(days_late: int) -> int:
    """The place in BUCKETS of an invoice that many days past its due date."""
    return next((k for k, last in enumerate(LAST_DAYS) if days_late <= last), len(LAST_DAYS))


@dataclass(slots=True)
class Aged:
    """What one account owes past due. cents: by bucket, in the order of BUCKETS."""

    account_id: str
    account_number: str
    policy_number: str | None
    payer: str
    currency: str
    oldest_due: date
    cents: list[int] = field(default_factory=lambda: [0] * len(BUCKETS))

    @property
    def total_cents(self) -> int:
        """Past due in all."""
        return sum(self.cents)


def age_accounts(scope: Scope, *, today: date) -> Iterator[Aged]:
    """Accounts with something past due on a day, each once. Two statements a batch."""
    after = ("", "")
    aged: Aged | None = None
    while True:
        rows = list(_open_invoices(scope, today, after))
        names = _names(scope, {account for account, *_ in rows})
        for account, key, due, cents, currency in rows:
            if aged is not None and aged.account_id != account:
                yield aged
                aged = None
            aged = aged or Aged(account, *names[account], currency, due)
            aged.cents[bucket_of((today - due).days)] += cents
            aged.oldest_due = min(aged.oldest_due, due)
            after = (account, key)
        if len(rows) < BATCH_ROWS:
            break
    if aged is not None:
        yield aged


def _open_invoices(
    scope: Scope, today: date, after: tuple[str, str]
) -> list[tuple[str, str, date, int, str]]:
    account, key = after
    beyond = Q(billing_account_id__gt=account) | Q(billing_account_id=account, id__gt=key)
    rows = (
        Invoice.objects.within(scope)
        .filter(beyond, status__in=OPEN, due_date__lt=today, balance_cents__gt=0)
        .order_by("billing_account_id", "id")
        .values_list("billing_account_id", "id", "due_date", "balance_cents", "currency")
    )
    return list(rows[:BATCH_ROWS])


def _names(scope: Scope, ids: set[str]) -> dict[str, tuple[str, str | None, str]]:
    rows = (
        BillingAccount.objects.within(scope)
        .filter(id__in=sorted(ids))
        .values_list("id", "account_number", "policy_number", "payer_name")
    )
    return {key: (number, policy, payer) for key, number, policy, payer in rows}
