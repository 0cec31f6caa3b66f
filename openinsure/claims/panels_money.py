"""Reads of oi_claims for the money of one claim: exposures, reserves, payments, settlement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from openinsure.claims.masking import masked_name
from openinsure.claims.models import (
    ClaimExposure,
    ClaimPayment,
    ClaimReserve,
    ClaimReserveHistory,
    Disbursement,
    Settlement,
    SettlementOffer,
)
from openinsure.claims.panel_rows import (
    ExposureRow,
    OfferRow,
    PaymentRow,
    ReserveRow,
    ReserveStepRow,
    SettlementRow,
)
from openinsure.claims.panels import ROWS_MAX, rows_of
from openinsure.claims.queries import DISBURSEMENTS
from openinsure.claims.rows import DisbursementRow
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, reading


def list_exposures(scope: Scope, claim_id: str) -> Reading[ExposureRow]:
    """Exposures by number with their own incurred. One query."""
    rows = rows_of(scope, ClaimExposure, claim_id, "exposure_no").values_list(
        "id", "exposure_no", "claimant__full_name", "coverage_code", "exposure_type", "status",
        "outstanding_indemnity_cents", "outstanding_expense_cents", "paid_indemnity_cents",
        "paid_expense_cents", "recovered_cents", "limit_cents", "deductible_cents", "currency",
        "closed_at",
    )  # fmt: skip
    return reading(rows[:ROWS_MAX], _exposure)


def _exposure(*row: Any) -> ExposureRow:
    return ExposureRow(
        id=row[0],
        number=row[1],
        claimant=row[2],
        coverage=row[3],
        type=row[4],
        status=row[5],
        reserve_cents=row[6] + row[7],
        paid_cents=row[8] + row[9],
        recovered_cents=row[10],
        incurred_cents=row[6] + row[7] + row[8] + row[9] - row[10],
        limit_cents=row[11],
        deductible_cents=row[12],
        currency=row[13],
        closed=row[14],
    )


def list_reserves(scope: Scope, claim_id: str) -> Reading[ReserveRow]:
    """What is outstanding, by exposure and cost type. One query."""
    rows = rows_of(scope, ClaimReserve, claim_id, "exposure__exposure_no", "cost_type")
    columns = ("id", "exposure__exposure_no", "cost_type", "amount_cents", "currency", "updated_at")
    return reading(rows.values_list(*columns)[:ROWS_MAX], ReserveRow)


def list_reserve_steps(scope: Scope, claim_id: str) -> Reading[ReserveStepRow]:
    """Every step of every reserve, newest first. One query."""
    rows = rows_of(scope, ClaimReserveHistory, claim_id, "-changed_at", "-seq")
    columns = (
        "id", "exposure__exposure_no", "cost_type", "seq", "previous_cents", "delta_cents",
        "new_cents", "currency", "reason_code", "rationale", "changed_by_user_id", "changed_at",
    )  # fmt: skip
    return reading(rows.values_list(*columns)[:ROWS_MAX], ReserveStepRow)


def list_payments(scope: Scope, claim_id: str) -> Reading[PaymentRow]:
    """Payments against exposures, newest first. One query."""
    rows = rows_of(scope, ClaimPayment, claim_id, "-requested_at").values_list(
        "id", "payment_number", "exposure__exposure_no", "cost_type", "payee_name",
        "amount_cents", "reserve_takedown_cents", "currency", "status", "requested_at",
        "requested_by_user_id",
    )  # fmt: skip
    return reading(
        rows[:ROWS_MAX],
        lambda key, number, exposure, cost, payee, *rest: PaymentRow(
            key, number, exposure, cost, masked_name(payee), *rest
        ),
    )


def list_claim_disbursements(scope: Scope, claim_id: str) -> Reading[DisbursementRow]:
    """Money that left the trust account for this claim, newest first. One query."""
    rows = rows_of(scope, Disbursement, claim_id, "-created_at")
    found = reading(rows.values_list(*DISBURSEMENTS.selected)[:ROWS_MAX], DisbursementRow)
    return found.then(lambda made: [replace(row, payee=masked_name(row.payee)) for row in made])


def list_settlements(scope: Scope, claim_id: str) -> Reading[SettlementRow]:
    """Agreements. One query."""
    rows = rows_of(scope, Settlement, claim_id, "-created_at")
    columns = ("id", "amount_cents", "currency", "status", "agreed_at")
    return reading(rows.values_list(*columns)[:ROWS_MAX], SettlementRow)


def list_offers(scope: Scope, claim_id: str) -> Reading[OfferRow]:
    """Offers and demands, newest first. One query."""
    rows = rows_of(scope, SettlementOffer, claim_id, "-offered_at").values_list(
        "id", "direction", "amount_cents", "currency", "status", "offered_at", "expires_at"
    )
    return reading(rows[:ROWS_MAX], OfferRow)
