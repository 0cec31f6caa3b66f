"""Paying a commission statement out: drawn up, approved and released by three people.

In the ledger the payout is pending from release until the bank answers (domain.md 5.4, 5.5 step
9; decisions 36).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Sum

from openinsure.audit import reasons
from openinsure.billing import payouts
from openinsure.billing.models import (
    CommissionPayout,
    CommissionStatement,
    ExternalAccount,
)
from openinsure.billing.operations.holding import pending_id, sent
from openinsure.billing.operations.journal import post_entry
from openinsure.billing.operations.moneyed import end_of, in_transaction
from openinsure.billing.operations.settlements import nothing_waits, touch
from openinsure.billing.payouts import Payout
from openinsure.billing.postings import LedgerKey
from openinsure.console.forms import Once
from openinsure.console.states import Machine
from openinsure.problems import Conflict, Forbidden, NotFound
from openinsure.tenancy.scope import Scope

READY, APPROVED, RELEASED, PAID = "ready", "approved", "released", "paid"
REJECTED, RETURNED = "rejected", "returned"
PAYOUT = Machine(
    "commission payout",
    {READY: (APPROVED, REJECTED), APPROVED: (RELEASED, REJECTED), RELEASED: (PAID, RETURNED)},
)
RELEASE, ROWS_MAX = "commission_release", 200
PREFIX, LAST_LETTERS = "COM-", 12  # a payout's number is the end of its id


@dataclass(frozen=True, slots=True)
class PaidOut:
    """A payout after a step. number: its id. repeated: the step was done before."""

    number: str
    status: str
    repeated: bool


def draw_payout(
    scope: Scope, *, once: Once, statement_id: str, actor_user_id: str, now: datetime
) -> PaidOut:
    """Ask that the producer's newest statement be paid, less what is on its way since.

    Raises NotFound; Conflict for an older statement, nothing to pay, or no verified account.
    """

    def work() -> PaidOut:
        rows = CommissionStatement.objects.within(scope).select_for_update()
        statement = rows.filter(id=statement_id).first()
        if statement is None:
            raise NotFound("statement", statement_id[:40])
        standing = CommissionPayout.objects.within(scope).filter(id=once.id).first()
        if standing is not None:
            return PaidOut(standing.id, standing.status, repeated=True)
        later = rows.filter(producer_id=statement.producer_id, period_end__gt=statement.period_end)
        if later.exists():
            raise Conflict("A later statement of this producer carries this one; pay that.")
        cents = statement.closing_cents - _since(scope, statement)
        if cents <= 0:
            raise Conflict("Nothing of this statement is left to pay.")
        account = _account(scope, statement.producer_id)
        row = CommissionPayout.objects.create(
            org_id=scope.org_id,
            id=once.id,
            producer_id=statement.producer_id,
            statement_id=statement.id,
            amount_cents=cents,
            currency=statement.currency,
            status=READY,
            external_account_id=account.id,
            author_user_id=actor_user_id,
            created_at=now,
            updated_at=now,
        )
        return PaidOut(row.id, READY, repeated=False)

    return in_transaction(work)


def payout_named(scope: Scope, number: str) -> Any:
    """A payout by the number that approvals show, decided or not. Raises NotFound."""
    last = number.removeprefix(PREFIX).lower()
    rows = CommissionPayout.objects.within(scope).filter(id__endswith=last)
    row = rows.first() if number.startswith(PREFIX) and len(last) == LAST_LETTERS else None
    if row is None:
        raise NotFound("commission payout", number)
    return row


def get_payout(scope: Scope, payout_id: str) -> Any:
    """One payout. Raises NotFound."""
    row = CommissionPayout.objects.within(scope).filter(id=payout_id).first()
    if row is None:
        raise NotFound("commission payout", payout_id[:40])
    return row


def payouts_of(scope: Scope, statement_id: str) -> list[Any]:
    """The payouts of a statement, newest first. One statement."""
    rows = CommissionPayout.objects.within(scope).filter(statement_id=statement_id)
    return list(rows.order_by("-created_at", "-id")[:ROWS_MAX])


def approve_payout(scope: Scope, payout_id: str, *, actor_user_id: str, now: datetime) -> PaidOut:
    """By another person than drew it up. Raises NotFound, Forbidden, IllegalTransition."""

    def work() -> PaidOut:
        row = _locked(scope, payout_id)
        if row.approved_by_user_id == actor_user_id:
            return PaidOut(row.id, row.status, repeated=True)
        PAYOUT.check(row.status, APPROVED)
        _not_one_of(actor_user_id, row.author_user_id)
        row.status, row.approved_by_user_id, row.approved_at = APPROVED, actor_user_id, now
        touch(row, now)
        return PaidOut(row.id, APPROVED, repeated=False)

    return in_transaction(work)


def reject_payout(
    scope: Scope, payout_id: str, *, reason: str, actor_user_id: str, now: datetime
) -> PaidOut:
    """Nothing is paid; never by its author. Raises BadForm, NotFound, Forbidden."""
    said = reasons.stated(reason)

    def work() -> PaidOut:
        row = _locked(scope, payout_id)
        if row.status == REJECTED:
            return PaidOut(row.id, REJECTED, repeated=True)
        PAYOUT.check(row.status, REJECTED)
        _not_one_of(actor_user_id, row.author_user_id)
        row.status, row.reason = REJECTED, said
        touch(row, now)
        return PaidOut(row.id, REJECTED, repeated=False)

    return in_transaction(work)


def release_payout(scope: Scope, payout_id: str, *, actor_user_id: str, now: datetime) -> PaidOut:
    """Send it: commission owed to payouts in transit, pending in the ledger. By a third person.

    Raises Forbidden; Conflict while transfers wait for the ledger.
    """

    def work() -> PaidOut:
        row = _locked(scope, payout_id)
        if row.released_by_user_id == actor_user_id:
            return PaidOut(row.id, row.status, repeated=True)
        PAYOUT.check(row.status, RELEASED)
        _not_one_of(actor_user_id, row.author_user_id, row.approved_by_user_id)
        nothing_waits(scope)
        row.status, row.released_by_user_id, row.released_at = RELEASED, actor_user_id, now
        lines, transfers = payouts.authorised(_facts(row))
        _post(scope, row, RELEASE, lines, transfers, actor_user_id, now)
        row.ledger_transfer_id = sent(scope, RELEASE, row.id).id
        touch(row, now)
        return PaidOut(row.id, RELEASED, repeated=False)

    return in_transaction(work)


def confirm_payout(scope: Scope, payout_id: str, *, actor_user_id: str, now: datetime) -> PaidOut:
    """The bank has paid: the pending transfer is posted with the cash that left.

    Raises NotFound, IllegalTransition; Conflict while the ledger has not taken it.
    """

    def work() -> PaidOut:
        row = _locked(scope, payout_id)
        if row.status == PAID:
            return PaidOut(row.id, PAID, repeated=True)
        PAYOUT.check(row.status, PAID)
        pending = pending_id(sent(scope, RELEASE, row.id))
        lines, transfers = payouts.confirmed(_facts(row), pending)
        _post(scope, row, "commission_confirm", lines, transfers, actor_user_id, now)
        row.status, row.paid_at = PAID, now
        touch(row, now)
        CommissionStatement.objects.within(scope).filter(id=row.statement_id).update(
            status=PAID, updated_at=now
        )
        return PaidOut(row.id, PAID, repeated=False)

    return in_transaction(work)


def return_payout(
    scope: Scope, payout_id: str, *, reason: str, actor_user_id: str, now: datetime
) -> PaidOut:
    """The bank did not pay: the commission is owed again. Raises BadForm, NotFound, Conflict."""
    said = reasons.stated(reason)

    def work() -> PaidOut:
        row = _locked(scope, payout_id)
        if row.status == RETURNED:
            return PaidOut(row.id, RETURNED, repeated=True)
        PAYOUT.check(row.status, RETURNED)
        standing = sent(scope, RELEASE, row.id)
        refused = standing.status == "refused"
        pending = "" if refused else pending_id(standing)
        lines, transfers = payouts.returned(_facts(row), pending)
        transfers = [] if refused else transfers  # the ledger never held it
        _post(scope, row, "commission_return", lines, transfers, actor_user_id, now,
              standing.gl_entry_id)  # fmt: skip
        row.status, row.reason = RETURNED, said
        touch(row, now)
        return PaidOut(row.id, RETURNED, repeated=False)

    return in_transaction(work)


def _since(scope: Scope, statement: Any) -> int:
    """What was paid after the statement's period, or is on its way. Cents."""
    rows = CommissionPayout.objects.within(scope).filter(producer_id=statement.producer_id)
    waits = rows.filter(status__in=(READY, APPROVED, RELEASED))
    done = rows.filter(status=PAID, paid_at__gte=end_of(statement.period_end))
    sums = (part.aggregate(cents=Sum("amount_cents"))["cents"] or 0 for part in (waits, done))
    return int(sum(sums))


def _account(scope: Scope, producer_id: str) -> Any:
    rows = ExternalAccount.objects.within(scope).filter(
        owner_type="producer", owner_id=producer_id, status="active", verified_at__isnull=False
    )
    found = rows.order_by("verified_at", "id").first()
    if found is None:
        raise Conflict("This producer has no verified outside account; nothing is paid to another.")
    return found


def _not_one_of(actor: str, *people: str | None) -> None:
    if actor in people:
        said = "Author, approver and releaser of a commission payout are three people."
        raise Forbidden(said, code="own_request")


def _locked(scope: Scope, payout_id: str) -> Any:
    row = CommissionPayout.objects.within(scope).select_for_update().filter(id=payout_id).first()
    if row is None:
        raise NotFound("commission payout", payout_id[:40])
    return row


def _facts(row: Any) -> Payout:
    return Payout(
        account="2200",
        payable=LedgerKey("PRODUCER_PAYABLE", "producer", row.producer_id),
        payee=LedgerKey("EXTERNAL_PAYOUT", "payee", row.external_account_id),
        cents=row.amount_cents,
        currency=row.currency,
        producer_id=row.producer_id,
    )


def _post(
    scope: Scope, row: Any, source: str, lines: Any, transfers: Any, actor: str, now: datetime,
    mirrors: str | None = None,
) -> None:  # fmt: skip
    """Post a step. mirrors: the entry that it takes back."""
    post_entry(
        scope,
        once=Once(row.id),
        entry_date=now.date(),
        source_type=source,
        source_id=row.id,
        lines=lines,
        transfers=transfers,
        now=now,
        event_at=row.approved_at if source == RELEASE else now,
        description="Commission paid out",
        actor_user_id=actor,
        reversal_of=mirrors,
    )
