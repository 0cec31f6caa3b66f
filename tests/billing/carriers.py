"""Rows about carriers for tests: bordereaux, settlements, payouts; one factory a noun."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from openinsure.billing import models as billing
from openinsure.keyspaces.ids import new_id
from tests.factories import made

_serial = count(1)
EARLIEST = datetime(2026, 6, 1, 15, tzinfo=UTC)
STAMPS = {"created_at": EARLIEST, "updated_at": EARLIEST}


def bordereau(scope: Any, **given: Any) -> Any:
    """A premium bordereau of May, acknowledged."""
    values = {
        "id": new_id(),
        "bordereau_number": f"BDX-TST-{next(_serial):06d}",
        "kind": "premium",
        "carrier_id": new_id(),
        "period_start": date(2026, 5, 1),
        "period_end": date(2026, 5, 31),
        "status": "acknowledged",
        "template_version": "crs-5.2",
        "line_count": 1,
        "gross_premium_cents": 1_234_567,
        "producer_commission_cents": 154_321,
        "mga_commission_cents": 123_457,
        "net_to_carrier_cents": 669_752,
        "currency": "USD",
        "author_user_id": new_id(),
        "generated_at": EARLIEST,
        **STAMPS,
    } | given
    return made(scope, billing.Bordereau, values)


def line(scope: Any, of: Any, **given: Any) -> Any:
    """The new business of the golden policy."""
    values = {
        "id": new_id(),
        "bordereau_id": of.id,
        "line_no": 1,
        "policy_number": "TST-2026-000001",
        "transaction_type": "NEW",
        "insured_name": "Haulier LLC",
        "state": "FL",
        "gross_premium_cents": 1_234_567,
        "net_cents": 669_752,
        "currency": "USD",
        "payload": {"premium_cents": 1_234_567, "producer_cents": 154_321, "mga_cents": 123_457,
                    "ceded_cents": 287_037, "net_cents": 669_752},
    } | given  # fmt: skip
    return made(scope, billing.BordereauLine, values)


def settlement(scope: Any, **given: Any) -> Any:
    """A settlement of 1,100.96 that waits for approval."""
    values = {
        "id": new_id(),
        "settlement_number": f"STL-TST-{next(_serial):06d}",
        "carrier_id": new_id(),
        "period_end": date(2026, 5, 31),
        "premium_due_cents": 110_096,
        "net_due_cents": 110_096,
        "currency": "USD",
        "status": "ready",
        "due_date": date(2026, 6, 15),
        "author_user_id": new_id(),
        **STAMPS,
    } | given
    return made(scope, billing.CarrierSettlement, values)


def payout(scope: Any, of: Any, name: str = "A carrier", **given: Any) -> Any:
    """The carrier's payout, scheduled, to a verified account."""
    account = made(scope, billing.ExternalAccount, {
        "id": new_id(), "owner_type": "carrier", "owner_id": of.carrier_id, "display_name": name,
        "bank_name": "First Bank", "account_last4": "4411", "token_ref": "tok", "currency": "USD",
        "tb_account_id": new_id().replace("-", ""), "verified_at": EARLIEST, "status": "active",
    })  # fmt: skip
    values = {
        "id": new_id(),
        "settlement_id": of.id,
        "payee_type": "carrier",
        "payee_id": of.carrier_id,
        "account_type": "CARRIER_PAYABLE",
        "amount_cents": of.net_due_cents,
        "currency": "USD",
        "external_account_id": account.id,
        "status": "scheduled",
        **STAMPS,
    } | given
    return made(scope, billing.SettlementPayout, values)
