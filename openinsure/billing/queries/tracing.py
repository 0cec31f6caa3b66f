"""Where a payment surfaced at the carrier: lines of bordereaux for the policies it paid."""

from __future__ import annotations

from openinsure.billing.models import BordereauLine, PaymentAllocation
from openinsure.billing.rows import TracedLine
from openinsure.tenancy.scope import Scope

ROWS_MAX = 200


def list_bordereau_lines(scope: Scope, payment_id: str) -> list[TracedLine]:
    """Lines of the policies that the payment was applied to, oldest first. Two statements."""
    applied = PaymentAllocation.objects.within(scope).filter(payment_id=payment_id)
    policies = sorted(set(applied.values_list("policy_id", flat=True)) - {None})
    if not policies:
        return []
    rows = (
        BordereauLine.objects.within(scope)
        .filter(policy_id__in=policies)
        .order_by("bordereau__period_start", "bordereau_id", "line_no", "id")
        .values_list(
            "id", "bordereau__bordereau_number", "line_no", "policy_number", "transaction_type",
            "gross_premium_cents", "net_cents", "currency", "bordereau__status",
            "bordereau__period_end",
        )[:ROWS_MAX]
    )  # fmt: skip
    return [TracedLine(*values) for values in rows]
