"""Return premium of a cancelled policy: off what is open first, then back in cash.

Of what was billed beyond the premium retained, open invoices are credited (the newest first) and
the rest waits as a refund; issuing it takes the money back from every party by the cumulative
rule, as a returned payment does (domain.md 4.5, 5.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from openinsure.billing.models import (
    GlJournalEntry,
    Payment,
    PaymentAllocation,
    PremiumTransaction,
    Refund,
)
from openinsure.billing.operations import applying
from openinsure.billing.operations.journal import find_entry, post_entry
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.operations.payments import allocation_row
from openinsure.billing.postings import Line
from openinsure.billing.receipts import REFUNDED, Part, Terms, lines_of, transfers_of
from openinsure.console.forms import Once
from openinsure.money.cancellation import cash_refund_cents
from openinsure.money.legs import receipt_legs
from openinsure.problems import Conflict, Forbidden, NotFound
from openinsure.tenancy.scope import Scope

DUE_DAYS = 30
RETURNED = "invoice.return_premium"  # the event of an invoice that was credited


@dataclass(frozen=True, slots=True)
class Issued:
    """A refund that is paid out. number: its account's. repeated: it was issued before."""

    number: str
    status: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class Returned:
    """What the account got back. credited: off open invoices; refund: still to be paid, cents."""

    credited_cents: int
    refund_cents: int
    repeated: bool


def return_premium(
    scope: Scope, *, once: Once, cancellation_id: str, retained_cents: int, terms: Terms, on: date,
    actor_user_id: str | None, now: datetime,
) -> Returned:  # fmt: skip
    """Stop the streams and give back what was billed beyond `retained_cents`, once per form.

    Raises NotFound. A policy that was billed less than it keeps gets nothing back.
    """

    def work() -> Returned:
        account = applying.locked_account(scope, policy_id=terms.policy_id)
        if find_entry(scope, f"return_premium:{once.id}", locking=True) is not None:
            return Returned(0, 0, repeated=True)
        PremiumTransaction.objects.within(scope).filter(
            policy_id=terms.policy_id, stopped_on=None
        ).update(stopped_on=on, updated_at=now)
        collected = applying.collected(scope, terms.policy_id).premium_cents
        cash = cash_refund_cents(
            collected_cents=collected, earned_cents=retained_cents, penalty_cents=0
        )
        lines = _open_premium(scope, account.id)
        billed = collected + sum(line.amount_cents - line.paid_cents for line, _ in lines)
        credited = _credit(scope, lines, max(0, billed - retained_cents) - cash, actor_user_id, now)
        if cash:
            _ask_refund(scope, once, account, terms, cancellation_id, cash, on, now)
        applying.restand(scope, account, now)
        if credited + cash:
            _post(scope, once, cancellation_id, terms, credited + cash, on, actor_user_id, now)
        return Returned(credited, cash, repeated=False)

    return in_transaction(work)


def issue_refund(
    scope: Scope, refund_id: str, *, once: Once, terms: Terms, actor_user_id: str | None,
    now: datetime,
) -> Issued:  # fmt: skip
    """Pay a refund out. Raises NotFound; Conflict; Forbidden to whom cancelled the policy."""

    def work() -> Issued:
        account = applying.locked_account(scope, policy_id=terms.policy_id)
        due = applying.earned_so_far(scope, terms)
        refund = Refund.objects.within(scope).select_for_update().filter(id=refund_id).first()
        if refund is None or refund.policy_id != terms.policy_id:
            raise NotFound("refund")
        if refund.status == "issued":
            return Issued(account.account_number, refund.status, repeated=True)
        if refund.status != "requested":
            raise Conflict(f"A refund that is {refund.status} cannot be issued.")
        _by_another(scope, refund, actor_user_id)
        before = applying.collected(scope, terms.policy_id)
        parts = _give_back(scope, terms, refund.amount_cents, before.premium_cents, now)
        amounts = {"unapplied_cents": 0, "collected_cents": before.carrier_cents}
        post_entry(
            scope,
            once=once,
            entry_date=now.date(),
            source_type="refund",
            source_id=refund.id,
            lines=lines_of(due, parts, **amounts),
            transfers=transfers_of(due, parts, **amounts, returned_as=REFUNDED),
            now=now,
            description="Refund of return premium",
            actor_user_id=actor_user_id,
        )
        refund.status, refund.approved_by_user_id, refund.updated_at = "issued", actor_user_id, now
        refund.save()
        return Issued(account.account_number, "issued", repeated=False)

    return in_transaction(work)


def _by_another(scope: Scope, refund: Any, actor: str | None) -> None:
    """Two people: whose cancellation made the refund does not pay it out."""
    made = GlJournalEntry.objects.within(scope).filter(
        idempotency_key=f"return_premium:{refund.id}"
    )
    asked = made.values_list("posted_by_user_id", flat=True).first()
    if asked is not None and asked == actor:
        raise Forbidden("Another person than the one who cancelled the policy issues its refund.")


def _open_premium(scope: Scope, account_id: str) -> list[tuple[Any, Any]]:
    """Open premium lines with their invoices, the newest invoice first."""
    found = applying.open_lines(scope, account_id)
    return [pair for pair in reversed(found) if pair[0].component == "premium"]


def _credit(
    scope: Scope, lines: list[tuple[Any, Any]], cents: int, actor: str | None, now: datetime
) -> int:
    left = cents
    for line, invoice in lines:
        taken = min(left, line.amount_cents - line.paid_cents)
        if not taken:
            break
        line.amount_cents -= taken
        line.updated_at = now
        line.save(update_fields=["amount_cents", "updated_at"])
        applying.credit_premium(scope, invoice, taken, kind=RETURNED, actor=actor, now=now)
        left -= taken
    return cents - left


def _ask_refund(
    scope: Scope, once: Once, account: Any, terms: Terms, cancellation_id: str, cents: int,
    on: date, now: datetime,
) -> None:  # fmt: skip
    Refund.objects.create(
        org_id=scope.org_id,
        id=once.id,
        billing_account_id=account.id,
        policy_id=terms.policy_id,
        cancellation_id=cancellation_id,
        amount_cents=cents,
        currency=account.currency,
        status="requested",
        due_date=on + timedelta(days=DUE_DAYS),
        created_at=now,
        updated_at=now,
    )


def _post(
    scope: Scope, once: Once, cancellation_id: str, terms: Terms, cents: int, on: date,
    actor: str | None, now: datetime,
) -> None:  # fmt: skip
    post_entry(
        scope,
        once=once,
        entry_date=on,
        source_type="return_premium",
        source_id=cancellation_id,
        lines=[
            Line(account="2900", cents=cents, policy_id=terms.policy_id),
            Line(account="1200", cents=-cents, policy_id=terms.policy_id),
        ],
        transfers=[],
        now=now,
        description="Return premium",
        actor_user_id=actor,
    )


def _give_back(
    scope: Scope, terms: Terms, cents: int, premium_before: int, now: datetime
) -> list[Part]:
    """Negative allocations against the newest receipts. Raises Conflict if they do not cover it."""
    parts, left = [], cents
    for payment, row, kept in _receipts(scope, terms.policy_id):
        taken = min(left, kept)
        legs = receipt_legs(terms.split, before_cents=premium_before, now_cents=-taken)
        part = Part("premium", -taken, legs)
        allocation_row(scope, payment, None, None, part, terms, now, now, reversal_of=row.id)
        premium_before -= taken
        left -= taken
        parts.append(part)
        if not left:
            return parts
    raise Conflict("Less premium is collected than this refund gives back.")


def _receipts(scope: Scope, policy_id: str) -> Iterator[tuple[Any, Any, int]]:
    """Payment, its premium allocation and what of it stands, newest first."""
    rows = list(
        PaymentAllocation.objects.within(scope)
        .filter(policy_id=policy_id, component="premium", reversed_at=None)
        .order_by("-allocated_at", "-id")
    )
    back: dict[str, int] = {}
    for row in rows:
        if row.reversal_of_id:
            back[row.reversal_of_id] = back.get(row.reversal_of_id, 0) + row.amount_cents
    payments = Payment.objects.within(scope).filter(id__in=sorted({row.payment_id for row in rows}))
    by_id = {payment.id: payment for payment in payments}
    for row in rows:
        kept = row.amount_cents + back.get(row.id, 0)
        if not row.reversal_of_id and kept > 0:
            yield by_id[row.payment_id], row, kept
