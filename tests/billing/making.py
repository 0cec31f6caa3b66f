"""Rows of billing for tests: one factory a noun, scope first, believable values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from openinsure.billing import models as billing
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import entered
from tests.factories import made

_serial = count(1)
EARLIEST = datetime(2026, 2, 20, 15, tzinfo=UTC)


def account(scope: Any, **given: Any) -> billing.BillingAccount:
    """The receivable account of a policy that owes nothing."""
    serial = next(_serial)
    values = {
        "id": new_id(),
        "account_number": f"ACC-TST-{serial:06d}",
        "insured_id": new_id(),
        "insured_name_norm": f"haulier {serial:06d} llc",
        "policy_id": new_id(),
        "policy_number": f"TST-2026-{serial:06d}",
        "bill_type": "direct_bill",
        "producer_id": new_id(),
        "payer_name": f"Haulier {serial:06d} LLC",
        "payer_email": "office@haulier.test",
        "plan_code": "MONTHLY_10",
        "status": "active",
        "currency": "USD",
        "created_at": EARLIEST,
        "updated_at": EARLIEST,
    } | given
    row: billing.BillingAccount = made(scope, billing.BillingAccount, values)
    return row


def invoice(scope: Any, of: billing.BillingAccount, **given: Any) -> billing.Invoice:
    """An issued invoice of 1,242.57: premium and an installment fee, no lines."""
    serial = next(_serial)
    values = {
        "id": new_id(),
        "invoice_number": f"INV-TST-{serial:06d}",
        "billing_account_id": of.id,
        "policy_id": of.policy_id,
        "policy_number": of.policy_number,
        "producer_id": of.producer_id,
        "status": "issued",
        "issue_date": date(2026, 4, 11),
        "due_date": date(2026, 5, 1),
        "premium_cents": 123_457,
        "fee_cents": 800,
        "total_cents": 124_257,
        "balance_cents": 124_257,
        "currency": "USD",
        "delivery_method": "email",
        "created_at": EARLIEST,
        "updated_at": EARLIEST,
    } | given
    row: billing.Invoice = made(scope, billing.Invoice, values)
    return row


def line(scope: Any, of: billing.Invoice, number: int, component: str, cents: int) -> Any:
    """One unpaid line of an invoice."""
    values = {
        "id": new_id(),
        "invoice_id": of.id,
        "line_no": number,
        "component": component,
        "amount_cents": cents,
        "currency": "USD",
    }
    return made(scope, billing.InvoiceLine, values)


def installment(scope: Any, of: billing.BillingAccount, **given: Any) -> billing.Installment:
    """A planned installment of 1,242.57 that is not billed yet."""
    values = {
        "id": new_id(),
        "billing_account_id": of.id,
        "billing_schedule_id": of.id,
        "policy_id": of.policy_id,
        "seq": next(_serial),
        "kind": "installment",
        "due_date": date(2026, 6, 1),
        "premium_cents": 123_457,
        "fee_cents": 800,
        "currency": "USD",
        "status": "pending",
        "created_at": EARLIEST,
        "updated_at": EARLIEST,
    } | given
    values["total_cents"] = values["premium_cents"] + values["fee_cents"]
    row: billing.Installment = made(scope, billing.Installment, values)
    return row


def planned(scope: Any, of: billing.BillingAccount) -> list[int]:
    """Premium of installments that are to be billed, in their order."""
    with entered(scope):
        rows = billing.Installment.objects.within(scope).filter(
            billing_account_id=of.id, status="pending"
        )
        return list(rows.order_by("seq").values_list("premium_cents", flat=True))


def payment(scope: Any, of: billing.BillingAccount, **given: Any) -> billing.Payment:
    """A received payment of 1,242.57, not applied."""
    serial = next(_serial)
    values = {
        "id": new_id(),
        "payment_number": f"PAY-TST-{serial:06d}",
        "billing_account_id": of.id,
        "policy_id": of.policy_id,
        "policy_number": of.policy_number,
        "payer_name": of.payer_name,
        "payer_name_norm": of.insured_name_norm,
        "method": "ach",
        "status": "succeeded",
        "amount_cents": 124_257,
        "currency": "USD",
        "received_at": datetime(2026, 5, 1, 15, tzinfo=UTC),
        "split_status": "pending",
        "idempotency_key": new_id(),
        "created_at": EARLIEST,
        "updated_at": EARLIEST,
    } | given
    row: billing.Payment = made(scope, billing.Payment, values)
    return row


def allocation(scope: Any, of: billing.Payment, to: billing.Invoice, **given: Any) -> Any:
    """The premium of receipt 2 of the golden policy, with its legs."""
    values = {
        "id": new_id(),
        "payment_id": of.id,
        "invoice_id": to.id,
        "policy_id": of.policy_id,
        "component": "premium",
        "amount_cents": 123_457,
        "producer_commission_cents": 15_432,
        "mga_revenue_cents": 12_346,
        "reinsurer_cents": 28_704,
        "carrier_cents": 66_975,
        "currency": "USD",
        "allocated_at": of.received_at,
    } | given
    return made(scope, billing.PaymentAllocation, values)
