"""What tests of postings share: an organisation with a ledger, sums of the journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

from openinsure.billing.models import GlJournalEntry, GlJournalLine, LedgerTransfer
from openinsure.billing.payouts import PENDING, VOID_PENDING
from openinsure.billing.postings import LedgerKey, Line, Transfer
from openinsure.console.forms import Once
from openinsure.keyspaces.ids import new_id
from openinsure.orgs.models import Organization
from openinsure.tenancy.scope import Scope, entered

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
CASH = LedgerKey("MGA_FIDUCIARY", "trust_account", "premium")
REVENUE = LedgerKey("MGA_REVENUE", "org", "self")
NUMBERS = count(int(new_id().replace("-", "")[-5:], 16) + 10)  # of ledgers; none twice here


def once() -> Once:
    """A fresh form."""
    return Once(new_id())


def organization(scope: Scope) -> None:
    """The scope's organisation with a ledger number nobody else has."""
    number = next(NUMBERS)
    with entered(scope):
        Organization(
            id=scope.org_id,
            slug=f"org-{scope.org_id[-12:]}",
            legal_name="Test organization",
            display_name="Test organization",
            organization_type="mga",
            status="active",
            timezone="America/New_York",
            default_currency="USD",
            tb_ledger_id=1000 * number + 840,
        ).save(force_insert=True)


def ledger_of(scope: Scope) -> int:
    """The number of the organisation's ledger, currency included."""
    with entered(scope):
        return int(Organization.objects.within(scope).get().tb_ledger_id)


def pair(cents: int) -> list[Line]:
    """Trust cash against fee income."""
    return [Line(account="1010", cents=cents), Line(account="4200", cents=-cents)]


def leg(cents: int, name: str = "fee") -> Transfer:
    """The same as a transfer."""
    return Transfer(leg=name, code=1003, debit=CASH, credit=REVENUE, cents=cents)


@contextmanager
def read(scope: Scope) -> Iterator[None]:
    """Inside the scope."""
    with entered(scope):
        yield


def balances(scope: Scope) -> dict[str, int]:
    """Debits less credits by account code."""
    sums: dict[str, int] = defaultdict(int)
    with entered(scope):
        for row in GlJournalLine.objects.within(scope):
            sums[row.account_code] += row.debit_cents - row.credit_cents
    return {code: cents for code, cents in sums.items() if cents}


def ledger_balances(scope: Scope) -> dict[str, int]:
    """Debits less credits by ledger account type, of every transfer queued that posts."""
    sums: dict[str, int] = defaultdict(int)
    with entered(scope):
        rows = LedgerTransfer.objects.within(scope).select_related(
            "debit_account", "credit_account"
        )
        for row in rows:
            assert row.amount_cents > 0
            if row.tb_flags & (PENDING | VOID_PENDING):
                continue
            sums[row.debit_account.account_type] += row.amount_cents
            sums[row.credit_account.account_type] -= row.amount_cents
    return {name: cents for name, cents in sums.items() if cents}


def take_holds(scope: Scope) -> None:
    """The ledger takes every transfer that is held pending."""
    with entered(scope):
        rows = LedgerTransfer.objects.within(scope).filter(status="queued")
        rows.filter(tb_flags__in=(PENDING, PENDING | 1)).update(status="posted")


def entries(scope: Scope) -> list[Any]:
    """Every entry by number."""
    with entered(scope):
        return list(GlJournalEntry.objects.within(scope).order_by("entry_number", "id"))
