"""Claims money that a carrier pays in: deposits to the claims fund of a program (domain.md 5.4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import Q, Sum

from openinsure.billing import claim_money
from openinsure.billing.models import LedgerTransfer
from openinsure.billing.operations.journal import post_entry
from openinsure.billing.payouts import PENDING, VOID_PENDING
from openinsure.console.forms import Once
from openinsure.console.money import format_cents
from openinsure.problems import BadForm, Conflict
from openinsure.tenancy.scope import Scope

KIND = "fund_deposit"
REFERENCE_LENGTH_MAX = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """Money as it came in. words: the program's, for the entry."""

    program_id: str
    carrier_id: str
    cents: int
    received_on: date
    reference: str
    words: str
    currency: str = "USD"

    def checked(self, today: date) -> Deposit:
        """Itself. Raises BadForm naming every field that cannot stand."""
        errors = {}
        if self.cents <= 0:
            errors["amount"] = "must be more than nothing"
        if self.received_on > today:
            errors["received_on"] = "must not be in the future"
        if not 1 <= len(self.reference) <= REFERENCE_LENGTH_MAX:
            errors["reference"] = f"must have 1 to {REFERENCE_LENGTH_MAX} characters"
        if errors:
            raise BadForm(errors)
        return self


@dataclass(frozen=True, slots=True)
class Deposited:
    """The entry of a deposit. repeated: the form had recorded it before."""

    number: str
    status: str
    repeated: bool


def record_deposit(
    scope: Scope, *, once: Once, deposit: Deposit, actor_user_id: str | None, now: datetime
) -> Deposited:
    """Post a deposit on the day it came in: claims cash against the program's claims fund.

    Raises BadForm; Conflict if no period is open.
    """
    deposit.checked(now.date())
    lines, legs = claim_money.deposit(deposit.program_id, deposit.carrier_id, deposit.cents)
    at = datetime.combine(deposit.received_on, time(12), UTC)
    posted = post_entry(
        scope,
        once=once,
        entry_date=deposit.received_on,
        source_type=KIND,
        source_id=once.id,
        lines=[replace(line, currency=deposit.currency) for line in lines],
        transfers=[replace(leg, currency=deposit.currency) for leg in legs],
        now=now,
        event_at=min(at, now),
        description=f"Claims fund deposit, {deposit.words}: {deposit.reference}",
        actor_user_id=actor_user_id,
    )
    return Deposited(posted.number, "posted", posted.repeated)


def still_in_fund(scope: Scope, entry_id: str) -> None:
    """Raises Conflict where reserves took more of the fund than taking the deposit back leaves."""
    rows = LedgerTransfer.objects.within(scope)
    for moved in rows.filter(gl_entry_id=entry_id, source_type=KIND):
        held = _held_cents(rows, moved.credit_account_id)
        if held < moved.amount_cents:
            told = format_cents(max(held, 0), moved.currency)
            raise Conflict(f"The fund holds {told} by now: reserves have taken the rest.")


def _held_cents(rows: Any, account_id: str) -> int:
    """What an account on the credit side holds, with what is on its way and what is held back."""
    standing = rows.exclude(status="refused")
    into = standing.filter(credit_account_id=account_id)
    out = standing.filter(debit_account_id=account_id)
    moved = Q(tb_flags__in=[flag | link for flag in (PENDING, VOID_PENDING) for link in (0, 1)])
    found = [side.exclude(moved).aggregate(cents=Sum("amount_cents")) for side in (into, out)]
    return int(found[0]["cents"] or 0) - int(found[1]["cents"] or 0)
