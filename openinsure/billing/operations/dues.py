"""What a receipt makes us owe to others, row by row: commission to producers, taxes to states.

Accruals follow the allocation that caused them, in its transaction; a return claws back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError
from django.db.models import Sum

from openinsure.billing.models import (
    CommissionAccrual,
    CommissionPayout,
    CommissionStatement,
    TaxAccrual,
)
from openinsure.billing.operations.moneyed import end_of, in_transaction
from openinsure.billing.receipts import TAXES, Part, Terms
from openinsure.console.forms import Once
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Conflict
from openinsure.tenancy.scope import Scope

RATE_PLACES = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Stated:
    """A commission statement. repeated: the form had drawn it before."""

    statement_id: str
    number: str
    status: str
    repeated: bool


def accrue(scope: Scope, allocation: Any, part: Part, terms: Terms, now: datetime) -> None:
    """The accruals of one allocation; of a returned one the clawback. At most two statements."""
    stamps = {"created_at": allocation.allocated_at, "updated_at": now}
    if part.legs.producer_cents:
        split = terms.split.producer
        rate = (Decimal(split.numerator) / Decimal(split.denominator)).quantize(RATE_PLACES)
        CommissionAccrual.objects.create(
            org_id=scope.org_id,
            id=new_id(),
            producer_id=terms.producer_id,
            policy_id=terms.policy_id,
            payment_allocation_id=allocation.id,
            kind="clawback" if allocation.reversal_of_id else "collected",
            basis_cents=part.cents,
            rate=rate,
            amount_cents=part.legs.producer_cents,
            currency=allocation.currency,
            status="open",
            **stamps,
        )
    if part.component in TAXES:
        TaxAccrual.objects.create(
            org_id=scope.org_id,
            id=new_id(),
            policy_id=terms.policy_id,
            payment_allocation_id=allocation.id,
            state=terms.state,
            tax_code=part.component,
            amount_cents=part.cents,
            currency=allocation.currency,
            status="open",
            **stamps,
        )


def draw_statement(
    scope: Scope, *, once: Once, producer_id: str, period_end: date, now: datetime
) -> Stated:
    """The producer's statement up to a day: opening + earned - clawed back - paid = closing.

    Takes every open accrual up to that day. Raises BadForm when the period is not over or not
    after the last one; Conflict when another statement took the period meanwhile.
    """
    if period_end >= now.date():
        raise BadForm({"period_end": "must be over: before today"})

    def work() -> Stated:
        rows = CommissionStatement.objects.within(scope).select_for_update()
        mine = rows.filter(producer_id=producer_id).order_by("-period_end", "-id")
        standing = rows.filter(id=once.id).first()
        if standing is not None:
            return Stated(standing.id, str(standing.period_end), standing.status, True)
        last = mine.first()
        if last is not None and last.period_end >= period_end:
            raise BadForm({"period_end": f"must be after the last statement, {last.period_end}"})
        return _draw(scope, once, producer_id, period_end, last, now)

    try:
        return in_transaction(work)
    except IntegrityError:
        raise Conflict("Another statement took this period meanwhile. Try again.") from None


def _draw(
    scope: Scope, once: Once, producer_id: str, period_end: date, last: Any, now: datetime
) -> Stated:
    open_ones = CommissionAccrual.objects.within(scope).filter(
        producer_id=producer_id, status="open", created_at__lt=end_of(period_end)
    )
    found = list(open_ones.select_for_update().order_by("created_at", "id"))
    if not found and last is None:
        raise BadForm({"period_end": "leaves nothing to state for this producer"})
    paid = _paid(scope, producer_id, last.period_end if last else None, period_end)
    opening = last.closing_cents if last else 0
    earned = sum(row.amount_cents for row in found if row.amount_cents > 0)
    clawed = -sum(row.amount_cents for row in found if row.amount_cents < 0)
    first = found[0].created_at.date() if found else period_end
    row = CommissionStatement(
        org_id=scope.org_id,
        id=once.id,
        producer_id=producer_id,
        period_start=last.period_end if last else first,
        period_end=period_end,
        opening_cents=opening,
        accrued_cents=earned,
        clawback_cents=clawed,
        paid_cents=paid,
        closing_cents=opening + earned - clawed - paid,
        currency=found[0].currency if found else last.currency,
        status="issued",
        issued_at=now,
        created_at=now,
        updated_at=now,
    )
    row.save(force_insert=True)
    CommissionAccrual.objects.within(scope).filter(id__in=[one.id for one in found]).update(
        status="stated", statement_id=row.id, updated_at=now
    )
    return Stated(row.id, str(period_end), row.status, False)


def _paid(scope: Scope, producer_id: str, after: date | None, upto: date) -> int:
    rows = CommissionPayout.objects.within(scope).filter(
        producer_id=producer_id, status="paid", paid_at__lt=end_of(upto)
    )
    if after is not None:
        rows = rows.filter(paid_at__gte=end_of(after))
    return int(rows.aggregate(cents=Sum("amount_cents"))["cents"] or 0)
