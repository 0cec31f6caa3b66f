"""Taxes paid over to a state: drawn up by one person, released by another, confirmed by the bank.

What was rejected or came back is held again; its period is drawn up on the same row anew.
Requirement: a state's tax is held in trust until it is remitted (domain.md 5.1, account 105).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError
from django.db.models import Sum

from openinsure.audit import reasons
from openinsure.billing import payouts
from openinsure.billing.models import TaxAccrual, TaxRemittance
from openinsure.billing.operations.holding import pending_id, sent
from openinsure.billing.operations.journal import post_entry
from openinsure.billing.operations.moneyed import end_of, in_transaction
from openinsure.billing.operations.settlements import nothing_waits, touch
from openinsure.billing.payouts import Payout
from openinsure.billing.postings import LedgerKey
from openinsure.console.forms import Once
from openinsure.console.states import Machine
from openinsure.keyspaces.ids import fixed_id
from openinsure.problems import BadForm, Conflict, Forbidden, NotFound
from openinsure.tenancy.scope import Scope

REJECTED, RETURNED = "rejected", "returned"
MACHINE = Machine(
    "remittance",
    {
        "ready": ("released", REJECTED),
        "released": ("remitted", RETURNED),
        REJECTED: ("ready",),
        RETURNED: ("ready",),
    },
)
RELEASE, CONFIRM, RETURN = "tax_remittance", "tax_confirm", "tax_return"
CONFIRMATION_LENGTHS = (3, 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is to be remitted: every open accrual of a state's tax up to a day."""

    state: str
    tax_code: str
    period_end: date
    due_date: date


@dataclass(frozen=True, slots=True)
class Remitted:
    """A remittance after a step. number names it to people; repeated: the step was done before."""

    remittance_id: str
    number: str
    status: str
    repeated: bool


def draw_remittance(
    scope: Scope, *, once: Once, due: Due, actor_user_id: str, now: datetime
) -> Remitted:
    """Gather the open accruals into a remittance that another person releases.

    A period whose remittance was rejected or came back has the same one again. Raises BadForm when
    nothing is held or the period is not over; Conflict for a period that has one already.
    """
    errors = {}
    if due.period_end >= now.date():
        errors["period_end"] = "must be over: before today"
    if due.due_date < due.period_end:
        errors["due_date"] = "must not be before the end of the period"
    if errors:
        raise BadForm(errors)

    def work() -> Remitted:
        every = TaxRemittance.objects.within(scope).select_for_update()
        row = every.filter(
            state=due.state, tax_code=due.tax_code, period_end=due.period_end
        ).first()
        if row is not None and once.id in (row.id, row.form_id):
            return _told(row, repeated=True)
        if row is not None and row.status not in (REJECTED, RETURNED):
            raise Conflict("This period of the tax has a remittance already.")
        held = TaxAccrual.objects.within(scope).filter(
            state=due.state,
            tax_code=due.tax_code,
            status="open",
            created_at__lt=end_of(due.period_end),
        )
        rows = list(held.select_for_update().order_by("created_at", "id"))
        cents = sum(one.amount_cents for one in rows)
        if cents <= 0:
            raise BadForm({"period_end": "leaves nothing held to remit"})
        row = _drawn(scope, row, once, due, rows, cents, actor_user_id, now)
        held.filter(id__in=[one.id for one in rows]).update(
            status="remitting", remittance_id=row.id, updated_at=now
        )
        return _told(row, repeated=False)

    try:
        return in_transaction(work)
    except IntegrityError:
        raise Conflict("This period of the tax has a remittance already.") from None


def release_remittance(
    scope: Scope, *, remittance_id: str, actor_user_id: str, now: datetime
) -> Remitted:
    """Send it: held tax to payouts in transit, pending in the ledger. By another person.

    Raises Forbidden for its author; Conflict while transfers wait for the ledger.
    """

    def work() -> Remitted:
        row = _locked(scope, remittance_id)
        if row.approved_by_user_id == actor_user_id and row.status in ("released", "remitted"):
            return _told(row, repeated=True)
        MACHINE.check(row.status, "released")
        if actor_user_id == row.author_user_id:
            raise Forbidden("Who drew up a remittance cannot release it.", code="own_request")
        nothing_waits(scope)
        row.status, row.approved_by_user_id, row.approved_at = "released", actor_user_id, now
        touch(row, now)
        lines, transfers = payouts.authorised(_payout(row))
        _post(scope, row, RELEASE, lines, transfers, actor_user_id, now)
        return _told(row, repeated=False)

    return in_transaction(work)


def confirm_remittance(
    scope: Scope, *, remittance_id: str, confirmation: str, actor_user_id: str, now: datetime
) -> Remitted:
    """The state has it: post the pending transfer with the cash that left.

    confirmation: the state's number. Raises BadForm; Conflict while the ledger has not taken it.
    """
    low, high = CONFIRMATION_LENGTHS
    said = confirmation.strip()
    if not low <= len(said) <= high:
        raise BadForm({"confirmation": f"must have {low} to {high} characters"})

    def work() -> Remitted:
        row = _locked(scope, remittance_id)
        if row.status == "remitted":
            return _told(row, repeated=True)
        MACHINE.check(row.status, "remitted")
        pending = pending_id(sent(scope, RELEASE, row.id))
        row.status, row.confirmation_number, row.filed_at = "remitted", said, now
        touch(row, now)
        TaxAccrual.objects.within(scope).filter(remittance_id=row.id).update(
            status="remitted", updated_at=now
        )
        lines, transfers = payouts.confirmed(_payout(row), pending)
        _post(scope, row, CONFIRM, lines, transfers, actor_user_id, now)
        return _told(row, repeated=False)

    return in_transaction(work)


def reject_remittance(
    scope: Scope, *, remittance_id: str, reason: str, actor_user_id: str, now: datetime
) -> Remitted:
    """The tax stays held. Raises BadForm, NotFound, IllegalTransition; Forbidden to its author."""
    said = reasons.stated(reason)

    def work() -> Remitted:
        row = _locked(scope, remittance_id)
        if row.status == REJECTED:
            return _told(row, repeated=True)
        MACHINE.check(row.status, REJECTED)
        if actor_user_id == row.author_user_id:
            raise Forbidden("Who drew up a remittance cannot reject it.", code="own_request")
        row.status, row.reason = REJECTED, said
        _let_go(scope, row, now)
        return _told(row, repeated=False)

    return in_transaction(work)


def return_remittance(
    scope: Scope, *, remittance_id: str, reason: str, actor_user_id: str, now: datetime
) -> Remitted:
    """The bank or the ledger did not take it: the tax is held again, its entry mirrored.

    Raises BadForm, NotFound, IllegalTransition; Conflict while the transfer is on its way.
    """
    said = reasons.stated(reason)

    def work() -> Remitted:
        row = _locked(scope, remittance_id)
        if row.status == RETURNED:
            return _told(row, repeated=True)
        MACHINE.check(row.status, RETURNED)
        standing = sent(scope, RELEASE, row.id)
        refused = standing.status == "refused"
        lines, voided = payouts.returned(_payout(row), "" if refused else pending_id(standing))
        legs = [] if refused else voided  # the ledger never held it
        _post(scope, row, RETURN, lines, legs, actor_user_id, now, standing.gl_entry_id)
        row.status, row.reason = RETURNED, said
        _let_go(scope, row, now)
        return _told(row, repeated=False)

    return in_transaction(work)


def _let_go(scope: Scope, row: Any, now: datetime) -> None:
    """Its receipts are held and not remitted, as before it was drawn up."""
    TaxAccrual.objects.within(scope).filter(remittance_id=row.id).update(
        status="open", remittance_id=None, updated_at=now
    )
    touch(row, now)


def held_cents(scope: Scope) -> int:
    """Taxes of the organisation not remitted yet, cents: GL 2300 with 2090 in transit."""
    rows = TaxAccrual.objects.within(scope).exclude(status="remitted")
    return int(rows.aggregate(cents=Sum("amount_cents"))["cents"] or 0)


def _drawn(
    scope: Scope, row: Any, once: Once, due: Due, rows: list[Any], cents: int, author: str,
    now: datetime,
) -> Any:  # fmt: skip
    """The row of the period, ready: a new one, or the one that came to nothing."""
    if not row:
        row = TaxRemittance(
            org_id=scope.org_id, id=once.id, state=due.state, tax_code=due.tax_code,
            period_end=due.period_end, created_at=now,
        )  # fmt: skip
    else:
        MACHINE.check(row.status, "ready")
        row.attempt += 1
    row.period_start, row.due_date = rows[0].created_at.date(), due.due_date
    row.amount_cents, row.currency = cents, rows[0].currency
    row.status, row.author_user_id, row.form_id = "ready", author, once.id
    row.approved_by_user_id = row.approved_at = row.reason = None
    row.updated_at = now
    row.save()
    return row


def _told(row: Any, *, repeated: bool) -> Remitted:
    return Remitted(row.id, f"{row.state} {row.tax_code} {row.period_end}", row.status, repeated)


def _locked(scope: Scope, remittance_id: str) -> Any:
    row = TaxRemittance.objects.within(scope).select_for_update().filter(id=remittance_id).first()
    if row is None:
        raise NotFound("remittance", remittance_id[:40])
    return row


def _payout(row: Any) -> Payout:
    key = f"{row.state}:{row.tax_code}"
    return Payout(
        account="2300",
        payable=LedgerKey("TAX_AUTHORITY_PAYABLE", "tax", key),
        payee=LedgerKey("EXTERNAL_PAYOUT", "payee", key),
        cents=row.amount_cents,
        currency=row.currency,
        state=row.state,
    )


def _post(
    scope: Scope, row: Any, source: str, lines: Any, transfers: Any, actor: str, now: datetime,
    mirrors: str | None = None,
) -> None:  # fmt: skip
    """Post a step, once an attempt. mirrors: the entry that it takes back."""
    once, legs = Once(row.id), transfers
    if row.attempt:
        once = Once(fixed_id(row.id, row.attempt))
        legs = [replace(leg, leg=f"{leg.leg}.{row.attempt}") for leg in transfers]
    post_entry(
        scope,
        once=once,
        entry_date=now.date(),
        source_type=source,
        source_id=row.id,
        lines=lines,
        transfers=legs,
        now=now,
        event_at=row.approved_at,
        description=f"Tax {row.tax_code} of {row.state} to {row.period_end}",
        actor_user_id=actor,
        reversal_of=mirrors,
    )
