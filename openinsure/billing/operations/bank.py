"""Bank lines against the books: a line matched to its payment, a month tied out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, Sum

from openinsure.billing.models import (
    BankReconciliation,
    BankTransaction,
    GlJournalLine,
    Payment,
    TrustAccount,
)
from openinsure.billing.operations.moneyed import end_of, in_transaction
from openinsure.billing.operations.settlements import touch
from openinsure.billing.queries.bank_out import OUT
from openinsure.console.forms import Once
from openinsure.problems import BadForm, Conflict, NotFound
from openinsure.tenancy.scope import Scope

CASH = {"premium": "1010", "claims": "1020"}  # account kind -> account of the chart


@dataclass(frozen=True, slots=True)
class Tied:
    """A bank line or a tied-out month. repeated: it stood already."""

    number: str
    status: str
    repeated: bool


def match_line(scope: Scope, *, line_id: str, payment_number: str, now: datetime) -> Tied:
    """A line of money in is this payment. Raises NotFound, Conflict; BadForm for another amount."""

    def work() -> Tied:
        line = BankTransaction.objects.within(scope).select_for_update().filter(id=line_id).first()
        if line is None:
            raise NotFound("bank line", line_id[:40])
        rows = Payment.objects.within(scope).select_for_update()
        payment = rows.filter(payment_number=payment_number).first()
        if payment is None:
            raise BadForm({"payment": "must be the number of a payment of this organization"})
        if line.matched_id == payment.id:
            return Tied(line.bank_ref, line.match_status, True)
        if line.match_status == "matched":
            raise Conflict("This line of the statement is matched already.")
        if line.direction != "credit" or payment.bank_transaction_id:
            raise BadForm({"payment": "must be money in that no other line is matched to"})
        if (payment.amount_cents, payment.currency) != (line.amount_cents, line.currency):
            raise BadForm({"payment": "must be of the line's amount"})
        line.match_status, line.matched_type, line.matched_id = "matched", "payment", payment.id
        touch(line, now)
        payment.bank_transaction_id, payment.deposit_date = line.id, line.posted_on
        payment.lock_version += 1
        touch(payment, now)
        return Tied(line.bank_ref, "matched", False)

    return in_transaction(work)


def tie_out(
    scope: Scope, *, once: Once, trust_account_id: str, on: date, statement_cents: int,
    checks_cents: int, actor_user_id: str, now: datetime,
) -> Tied:  # fmt: skip
    """Book against statement on a day: statement - outstanding + in transit - book = difference.

    statement_cents: the balance that the bank's statement shows; checks_cents: claim checks issued
    and not cleared by then. A repeat for the same day writes the figures anew. Raises BadForm.
    """
    if on >= now.date():
        raise BadForm({"on": "must be over: before today"})

    def work() -> Tied:
        trust = TrustAccount.objects.within(scope).select_for_update()
        account = trust.filter(id=trust_account_id).first()
        if account is None:
            raise BadForm({"account": "must be one of the bank accounts offered"})
        book = book_cents(scope, CASH[account.account_kind], on)
        premium = account.account_kind == "premium"
        transit = in_transit_cents(scope, on) if premium else 0
        waiting = outstanding_cents(scope, on) if premium else checks_cents
        difference = statement_cents - waiting + transit - book
        rows = BankReconciliation.objects.within(scope).select_for_update()
        row = rows.filter(trust_account_id=account.id, statement_date=on).first()
        row = row or BankReconciliation(
            org_id=scope.org_id, id=once.id, trust_account_id=account.id, statement_date=on,
            currency=account.currency, created_at=now,
        )  # fmt: skip
        row.statement_balance_cents, row.book_balance_cents = statement_cents, book
        row.outstanding_checks_cents, row.deposits_in_transit_cents = waiting, transit
        row.difference_cents = difference
        row.status = "matched" if difference == 0 else "unexplained"
        row.reviewed_by_user_id = actor_user_id
        touch_or_insert(row, now)
        return Tied(str(on), row.status, False)

    return in_transaction(work)


def touch_or_insert(row: BankReconciliation, now: datetime) -> None:
    """Save a new or a changed row."""
    row.updated_at = now
    row.save()


def book_cents(scope: Scope, account: str, on: date) -> int:
    """A cash account of the journal at the end of a day, cents."""
    lines = GlJournalLine.objects.within(scope).filter(account_code=account, entry_date__lte=on)
    sums = lines.aggregate(debit=Sum("debit_cents"), credit=Sum("credit_cents"))
    return int(sums["debit"] or 0) - int(sums["credit"] or 0)


def in_transit_cents(scope: Scope, on: date) -> int:
    """Received by the end of a day and deposited later or not yet, cents."""
    rows = Payment.objects.within(scope).filter(received_at__lt=end_of(on))
    rows = rows.filter(Q(deposit_date=None) | Q(deposit_date__gt=on))
    return _cents(rows.filter(Q(reversed_at=None) | Q(reversed_at__gte=end_of(on))))


def outstanding_cents(scope: Scope, on: date) -> int:
    """Payouts of every kind out of the books by a day, less those on the statement by then, cents.

    One that the statement shows before the books do counts against it.
    """
    left = sum(
        _cents(kind.model.objects.within(scope).filter(
            status=kind.status, **{f"{kind.left}__lt": end_of(on)}
        ))
        for kind in OUT.values()
    )  # fmt: skip
    lines = BankTransaction.objects.within(scope).filter(
        direction="debit", match_status="matched", matched_type__in=tuple(OUT), posted_on__lte=on
    )
    return left - _cents(lines)


def _cents(rows: Any) -> int:
    return int(rows.aggregate(cents=Sum("amount_cents"))["cents"] or 0)
