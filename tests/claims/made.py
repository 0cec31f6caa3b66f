"""Claims and what hangs on them, as a test needs them; every figure of a header has its rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from openinsure.authz.models import AuthzOutbox
from openinsure.claims import models
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope
from tests.factories import made

_serial = count(1)
REPORTED = datetime(2026, 5, 4, 15, tzinfo=UTC)


def claim(scope: Scope, **given: Any) -> models.Claim:
    """An open claim without money, reported 2026-05-04."""
    serial = next(_serial)
    at = REPORTED + timedelta(seconds=serial)
    values = {
        "id": new_id(),
        "claim_number": f"CLM-TST-{serial:06d}",
        "policy_id": new_id(),
        "policy_number": f"TST-2026-{serial:06d}",
        "insured_id": new_id(),
        "insured_name": f"Haulier {serial} LLC",
        "insured_name_norm": f"haulier {serial} llc",
        "program_id": new_id(),
        "carrier_id": new_id(),
        "producer_id": new_id(),
        "status": "investigating",
        "line_of_business": "commercial_auto",
        "loss_type": "collision",
        "date_of_loss": at - timedelta(days=2),
        "date_reported": at,
        "loss_state": "FL",
        "policy_limit_cents": 100_000_000,
        "currency": "USD",
        "created_at": at,
        "updated_at": at,
    } | given
    row: models.Claim = made(scope, models.Claim, values)
    return row


def adjuster(scope: Scope, **given: Any) -> models.Adjuster:
    """A staff adjuster of the organisation."""
    values = {
        "id": new_id(),
        "user_id": new_id(),
        "full_name": f"Adjuster {next(_serial)}",
        "max_open_claims": 35,
        "status": "active",
        "level": "staff",
    } | given
    row: models.Adjuster = made(scope, models.Adjuster, values)
    return row


def authority(scope: Scope, of: models.Adjuster | None = None, **given: Any) -> Any:
    """Authority for 50,000.00 of reserve and 10,000.00 of payment, by person or by role."""
    values = {
        "id": new_id(),
        "adjuster_id": of.id if of else None,
        "role": None if of else "adjuster",
        "limit_scope": "exposure",
        "reserve_limit_cents": 5_000_000,
        "payment_limit_cents": 1_000_000,
        "currency": "USD",
        "effective_date": date(2026, 1, 1),
    } | given
    return made(scope, models.AdjusterAuthorityLimit, values)


def claimant(scope: Scope, of: models.Claim, **given: Any) -> models.Claimant:
    """A claimant whose contact data must never be shown."""
    serial = next(_serial)
    values = {
        "id": new_id(),
        "claim_id": of.id,
        "party_role": "third_party",
        "entity_type": "person",
        "full_name": f"Rosa Claimant {serial}",
        "name_norm": f"rosa claimant {serial}",
        "phone": "(305) 555-0147",
        "phone_digits": "3055550147",
        "email": "rosa.secret@claimants.test",
        "address_line1": "77 Hidden Road",
        "city": "Tampa",
        "state": "FL",
        "tin_last4": "6789",
        "tin_enc": b"sealed",
        "currency": "USD",
        "status": "open",
    } | given
    row: models.Claimant = made(scope, models.Claimant, values)
    return row


def exposure(scope: Scope, of: models.Claim, **given: Any) -> models.ClaimExposure:
    """An open exposure with a limit of 250,000.00."""
    claimant_id = given.pop("claimant_id", None) or claimant(scope, of).id
    values = {
        "id": new_id(),
        "claim_id": of.id,
        "exposure_no": 1,
        "claimant_id": claimant_id,
        "coverage_code": "AL",
        "exposure_type": "bodily_injury",
        "status": "open",
        "limit_cents": 25_000_000,
        "currency": "USD",
        "opened_at": REPORTED,
    } | given
    row: models.ClaimExposure = made(scope, models.ClaimExposure, values)
    return row


def recusal(scope: Scope, of: models.Claim, user_id: str, operation: str = "touch") -> Any:
    """The person may not see the claim; operation "delete" withdraws that."""
    values = {
        "id": new_id(),
        "resource_type": "claim",
        "resource_id": of.id,
        "relation": "recused",
        "subject_type": "user",
        "subject_id": user_id,
        "operation": operation,
        "status": "queued",
    }
    return made(scope, AuthzOutbox, values)


def disbursement(scope: Scope, of: models.Claim | None, **given: Any) -> models.Disbursement:
    """A check waiting for approval."""
    serial = next(_serial)
    at = REPORTED + timedelta(seconds=serial)
    values = {
        "id": new_id(),
        "disbursement_number": f"DSB-TST-{serial:06d}",
        "source_type": "claim_payments" if of else "refunds",
        "source_id": new_id(),
        "claim_id": of.id if of else None,
        "payee_name": "Rosa Hiddenpayee",
        "payee_name_norm": "rosa hiddenpayee",
        "method": "check",
        "amount_cents": 125_000,
        "currency": "USD",
        "status": "pending_approval",
        "requested_by_user_id": new_id(),
        "idempotency_key": new_id(),
        "created_at": at,
        "updated_at": at,
    } | given
    row: models.Disbursement = made(scope, models.Disbursement, values)
    return row


def recovery(scope: Scope, of: models.Claim, **given: Any) -> models.ClaimRecovery:
    """12.00 of salvage, received."""
    values = {
        "id": new_id(),
        "claim_id": of.id,
        "recovery_type": "salvage",
        "expected_cents": 1_200,
        "received_cents": 1_200,
        "currency": "USD",
        "payer_name": "Yard",
        "received_at": REPORTED,
        "status": "received",
    } | given
    row: models.ClaimRecovery = made(scope, models.ClaimRecovery, values)
    return row
