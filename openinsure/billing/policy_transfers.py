"""The ledger transfers of one policy, newest first, with the accounts by name."""

from __future__ import annotations

from openinsure.billing.models import LedgerTransfer
from openinsure.billing.rows import TransferRow
from openinsure.tenancy.scope import Scope

ROWS_MAX = 200


def transfers_of_policy(scope: Scope, policy_id: str) -> list[TransferRow]:
    """At most ROWS_MAX transfers. One statement on oi_billing."""
    rows = (
        LedgerTransfer.objects.within(scope)
        .filter(policy_id=policy_id)
        .order_by("-created_at", "-batch_seq")
        .values_list("id", "tb_transfer_id", "transfer_code", "debit_account__name",
                     "credit_account__name", "amount_cents", "currency", "status")[:ROWS_MAX]
    )  # fmt: skip
    return [TransferRow(*values) for values in rows]
