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


def suspense(scope: Any, payment: Any, cents: int = 5_000, **given: Any) -> Any:
    """Money of a payment that waits."""
    values = {"id": new_id(), "payment_id": payment.id, "amount_cents": cents, "currency": "USD",
              "reason": "Overpaid", "status": "open", **STAMPS} | given  # fmt: skip
    return made(scope, billing.SuspenseItem, values)


def remittance(scope: Any, **given: Any) -> Any:
    """Florida's tax of May, ready to be released."""
    values = {
        "id": new_id(),
        "state": "FL",
        "tax_code": "tax",
        "period_start": date(2026, 5, 1),
        "period_end": date(2026, 5, 31),
        "due_date": date(2026, 7, 15),
        "amount_cents": 61_729,
        "currency": "USD",
        "status": "ready",
        "author_user_id": new_id(),
        **STAMPS,
    } | given
    return made(scope, billing.TaxRemittance, values)


def statement(scope: Any, **given: Any) -> Any:
    """A producer's statement of May."""
    values = {
        "id": new_id(),
        "producer_id": new_id(),
        "period_start": date(2026, 5, 1),
        "period_end": date(2026, 5, 31),
        "accrued_cents": 30_864,
        "closing_cents": 30_864,
        "currency": "USD",
        "status": "issued",
        **STAMPS,
    } | given
    return made(scope, billing.CommissionStatement, values)


def commission_payout(scope: Any, of: Any, **given: Any) -> Any:
    """A payout of a statement, released to the producer's verified account."""
    account = producer_account(scope, of.producer_id)
    values = {
        "id": new_id(),
        "producer_id": of.producer_id,
        "statement_id": of.id,
        "amount_cents": of.closing_cents,
        "currency": "USD",
        "status": "released",
        "external_account_id": account.id,
        **STAMPS,
    } | given
    return made(scope, billing.CommissionPayout, values)


def producer_account(scope: Any, producer_id: str) -> Any:
    """A producer's verified outside account."""
    return made(scope, billing.ExternalAccount, {
        "id": new_id(), "owner_type": "producer", "owner_id": producer_id,
        "display_name": "An agency", "token_ref": "tok", "currency": "USD",
        "tb_account_id": new_id().replace("-", ""), "verified_at": EARLIEST, "status": "active",
    })  # fmt: skip


def treaty(scope: Any, *, reinsurer_name: str = "Re One", **given: Any) -> Any:
    """A quota share of 30 % with one participant."""
    values = {
        "id": new_id(),
        "treaty_code": f"QS-TST-{next(_serial):06d}",
        "treaty_type": "quota_share",
        "program_id": new_id(),
        "effective_date": date(2026, 1, 1),
        "expiration_date": date(2027, 1, 1),
        "ceded_rate": "0.300000",
        "ceding_commission_rate": "0.225000",
        "currency": "USD",
        "status": "active",
        **STAMPS,
    } | given
    row = made(scope, billing.ReinsuranceTreaty, values)
    participant(scope, row, reinsurer_name)
    return row


def participant(scope: Any, of: Any, name: str, share: str = "1.000000") -> Any:
    """One reinsurer of a treaty."""
    values = {"id": new_id(), "treaty_id": of.id, "reinsurer_name": name, "share_rate": share,
              "currency": "USD", **STAMPS}  # fmt: skip
    return made(scope, billing.ReinsuranceParticipant, values)


def cession(scope: Any, of: Any, **given: Any) -> Any:
    """A statement of May to the treaty's reinsurer."""
    values = {
        "id": new_id(),
        "treaty_id": of.id,
        "participant_id": new_id(),
        "period_start": date(2026, 5, 1),
        "period_end": date(2026, 5, 31),
        "ceded_premium_cents": 74_074,
        "ceding_commission_cents": 16_667,
        "net_cents": 57_407,
        "currency": "USD",
        "status": "agreed",
        **STAMPS,
    } | given
    return made(scope, billing.ReinsuranceCession, values)


def trust_account(scope: Any, kind: str = "premium") -> Any:
    """A bank account."""
    values = {"id": new_id(), "bank_name": "First Bank", "nickname": f"Trust {kind}",
              "account_last4": "4411", "account_kind": kind, "currency": "USD",
              "status": "active", **STAMPS}  # fmt: skip
    return made(scope, billing.TrustAccount, values)


def bank_line(scope: Any, **given: Any) -> Any:
    """A deposit of 1,242.57 that nothing is matched to."""
    values = {
        "id": new_id(),
        "trust_account_id": given.pop("trust_account_id", None) or trust_account(scope).id,
        "bank_ref": f"BK{next(_serial):06d}",
        "posted_on": date(2026, 5, 2),
        "amount_cents": 124_257,
        "currency": "USD",
        "description": "Deposit",
        "direction": "credit",
        "match_status": "open",
        **STAMPS,
    } | given
    return made(scope, billing.BankTransaction, values)
