"""Waiving a late or NSF fee that nobody has paid: off the invoice, off the receivable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from openinsure.audit import reasons
from openinsure.billing.models import FeeCharge, Invoice, InvoiceLine
from openinsure.billing.operations import applying
from openinsure.billing.operations.journal import post_entry
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.postings import Line
from openinsure.console.forms import Once
from openinsure.problems import Conflict, NotFound
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True)
class Waived:
    """A fee that is no longer owed. repeated: it was waived before."""

    fee_id: str
    cents: int
    repeated: bool


def waive_fee(
    scope: Scope, *, once: Once, account_number: str, fee_id: str, reason: str,
    actor_user_id: str | None, now: datetime,
) -> Waived:  # fmt: skip
    """Waive a fee charge. Raises BadForm (reason), NotFound, Conflict (paid, or not billed)."""
    reason = reasons.stated(reason)

    def work() -> Waived:
        account = applying.locked_account(scope, account_number=account_number)
        rows = FeeCharge.objects.within(scope).select_for_update()
        fee = rows.filter(id=fee_id, billing_account_id=account.id).first()
        if fee is None:
            raise NotFound("fee")
        if fee.waived_at is not None:
            return Waived(fee_id, fee.amount_cents, True)
        _take_off(scope, fee, actor_user_id, now)
        fee.waived_at, fee.waived_by_user_id, fee.reason = now, actor_user_id, reason
        fee.updated_at = now
        fee.save()
        applying.restand(scope, account, now)
        post_entry(
            scope,
            once=once,
            entry_date=now.date(),
            source_type="fee_waiver",
            source_id=fee.invoice_id or fee_id,
            lines=[
                Line(account="2900", cents=fee.amount_cents, policy_id=fee.policy_id),
                Line(account="1200", cents=-fee.amount_cents, policy_id=fee.policy_id),
            ],
            transfers=[],
            now=now,
            description="Fee waived",
            actor_user_id=actor_user_id,
        )
        return Waived(fee_id, fee.amount_cents, False)

    return in_transaction(work)


def _take_off(scope: Scope, fee: FeeCharge, actor: str | None, now: datetime) -> None:
    """The fee's line becomes zero and the invoice's total falls."""
    invoice = (
        Invoice.objects.within(scope).select_for_update().filter(id=fee.invoice_id or "").first()
    )
    line = (
        InvoiceLine.objects.within(scope)
        .filter(
            invoice_id=fee.invoice_id or "",
            component=f"{fee.fee_code.lower()}_fee",
            amount_cents=fee.amount_cents,
            paid_cents=0,
        )
        .order_by("-line_no", "-id")
        .first()
    )
    if invoice is None or line is None:
        raise Conflict("This fee has been paid in part or whole, or is on no invoice yet.")
    line.amount_cents = 0
    line.updated_at = now
    line.save(update_fields=["amount_cents", "updated_at"])
    applying.settle(
        scope, invoice, 0, kind="invoice.fee_waived", actor=actor, now=now,
        total_change_cents=-fee.amount_cents,
    )  # fmt: skip
