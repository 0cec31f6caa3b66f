"""A submission with everything that hangs on it, and shorthand for its parts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from openinsure.keyspaces.ids import new_id
from openinsure.submissions import models
from openinsure.tenancy.scope import Scope
from tests import factories

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
PASSING: list[dict[str, Any]] = [
    {"rule": "state", "value": "FL", "allowed": ["FL", "GA"]},
    {"rule": "naics", "value": "484121", "allowed": ["484121"]},
    {"rule": "limits", "value": 100_000_000, "limit": 100_000_000, "unit": "cents"},
    {"rule": "premium_per_policy", "value": 1_234_567, "limit": 5_000_000, "unit": "cents"},
    {"rule": "annual_gwp", "value": 4_000_000_000, "limit": 6_000_000_000, "unit": "cents"},
    {"rule": "quarterly_gwp", "value": 900_000_000, "limit": 1_500_000_000, "unit": "cents"},
    {"rule": "policies_per_insured", "value": 1, "limit": 3},
    {"rule": "terms", "value": 12, "allowed": [6, 12]},
]


def part(scope: Scope, model: Any, **values: Any) -> Any:
    """A saved row with a fresh id."""
    return factories.made(scope, model, {"id": new_id(), **values})


def submission(scope: Scope, **given: Any) -> models.Submission:
    """A submission received from a producer, assigned to nobody yet."""
    serial = next(factories._serial)
    received = factories.EARLIEST + timedelta(minutes=serial)
    name = f"Applicant {serial:06d} LLC"
    values = {
        "id": new_id(),
        "submission_number": f"SUB-TST-{serial:06d}",
        "program_id": new_id(),
        "producer_id": new_id(),
        "insured_name": name,
        "insured_name_norm": name.lower(),
        "line_of_business": "COMMERCIAL_AUTO",
        "state": "FL",
        "status": "received",
        "channel": "portal",
        "priority": "normal",
        "received_at": received,
        "target_premium_cents": 1_500_000,
        "currency": "USD",
        "vehicle_count": 3,
        "driver_count": 4,
        "created_at": received,
        "updated_at": received,
    } | given
    row: models.Submission = factories.made(scope, models.Submission, values)
    return row


def carrier(scope: Scope, **given: Any) -> models.MotorCarrier:
    """A motor carrier file."""
    values = {
        "legal_name": "Haulier LLC",
        "name_norm": "haulier llc",
        "usdot_number": "1234567",
        "mc_number": "765432",
        "total_power_units": 5,
        "total_drivers": 6,
    } | given
    row: models.MotorCarrier = part(scope, models.MotorCarrier, **values)
    return row


def snapshot(scope: Scope, of: models.MotorCarrier, fetched_at: datetime) -> models.FmcsaSnapshot:
    """What FMCSA answered at an instant."""
    row: models.FmcsaSnapshot = part(
        scope,
        models.FmcsaSnapshot,
        motor_carrier_id=of.id,
        usdot_number=of.usdot_number,
        fetched_at=fetched_at,
        payload={"mcs150_mileage": 410_000, "hazmat": False},
        payload_sha256="a" * 64,
        authority_status="active",
        power_units=5,
    )
    return row


def quote(scope: Scope, of: models.Submission, **given: Any) -> models.Quote:
    """A released quote of 12,345.67."""
    values = {
        "quote_number": "QUO-TST-000001",
        "submission_id": of.id,
        "version_no": 1,
        "status": "released",
        "program_id": of.program_id,
        "carrier_id": new_id(),
        "producer_id": of.producer_id,
        "plan_code": "MONTHLY_10",
        "effective_date": date(2026, 12, 1),
        "expiration_date": date(2027, 12, 1),
        "annual_premium_cents": 1_234_567,
        "total_cents": 1_312_046,
        "currency": "USD",
        "producer_commission_rate": Decimal("0.125"),
        "mga_commission_rate": Decimal("0.1"),
        "valid_until": date(2026, 12, 15),
        "da_check_detail": PASSING,
    } | given
    row: models.Quote = part(scope, models.Quote, **values)
    return row


def coverage(scope: Scope, of: models.Quote, **given: Any) -> Any:
    """Auto liability of a million."""
    values = {
        "quote_id": of.id,
        "coverage_code": "AL",
        "limit_cents": 100_000_000,
        "annual_premium_cents": 900_000,
        "currency": "USD",
        "selected": True,
    } | given
    return part(scope, models.QuoteCoverage, **values)


def referral(scope: Scope, of: models.Submission, **given: Any) -> models.SubmissionReferral:
    """A referral that waits for a decision."""
    values = {
        "submission_id": of.id,
        "referral_type": "LOSS_HISTORY",
        "status": "open",
        "referred_to": "Senior underwriter",
        "referred_at": NOW,
    } | given
    row: models.SubmissionReferral = part(scope, models.SubmissionReferral, **values)
    return row


def info_request(scope: Scope, of: models.Submission, **given: Any) -> models.SubmissionInfoRequest:
    """Something asked of the producer."""
    values = {
        "submission_id": of.id,
        "requested_by_user_id": new_id(),
        "item": "Loss runs of 2024",
        "status": "open",
    } | given
    row: models.SubmissionInfoRequest = part(scope, models.SubmissionInfoRequest, **values)
    return row


def underwriter(scope: Scope, name: str = "Uma Underwriter") -> str:
    """An underwriter of the organisation in users; the id."""
    from openinsure.orgs import staff
    from openinsure.orgs.models import User

    key = new_id()
    values = {
        "id": key,
        "auth_user_id": f"auth|{key[-12:]}",
        "email": f"{key[-12:]}@people.test",
        "full_name": name,
        "role": "underwriter",
        "status": "active",
        "locale": "en-US",
        "timezone": "UTC",
    }
    factories.made(scope, User, values)
    staff.forget(scope.org_id)
    return key


def message(scope: Scope, **given: Any) -> models.InboundMessage:
    """A message that waits to be filed."""
    values = {
        "mailbox": "maildir",
        "message_id": f"<{new_id()}@sender.test>",
        "from_address": "driver@sender.test",
        "subject": "A photo",
        "classified_as": "other",
        "received_at": factories.EARLIEST,
        "status": "new",
    } | given
    row: models.InboundMessage = part(scope, models.InboundMessage, **values)
    return row
