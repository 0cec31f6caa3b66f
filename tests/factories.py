"""One factory per noun, scope first: rows as the console's own models write them.

Each enters the scope itself, fills what a test does not say with believable values, and returns
the saved model.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from openinsure.keyspaces.ids import new_id
from openinsure.keyspaces.sealing import keyed_hash
from openinsure.orgs.models import Producer, Program
from openinsure.pages.models import PolicyStanding
from openinsure.policies import models as policies
from openinsure.tenancy.scope import Scope, entered

_serial = count(1)
EARLIEST = datetime(2026, 1, 1, 12, tzinfo=UTC)


def made(scope: Scope, model: Any, values: dict[str, Any]) -> Any:
    """A saved row of the scope's organisation."""
    with entered(scope):
        row = model(org_id=scope.org_id, **values)
        row.save(force_insert=True)
    return row


def program(scope: Scope, **given: Any) -> Program:
    """A program of the organisation."""
    serial = next(_serial)
    values = {
        "id": new_id(),
        "code": f"PRG{serial}",
        "name": f"Trucking program {serial}",
        "line_of_business": "COMMERCIAL_AUTO",
        "carrier_id": new_id(),
        "status": "active",
        "effective_date": date(2026, 1, 1),
        "currency": "USD",
        "short_rate_factor": Decimal("0.9"),
        "carrier_payable_basis": "collected",
        "cancel_method_insured": "short_rate",
    } | given
    row: Program = made(scope, Program, values)
    return row


def producer(scope: Scope, **given: Any) -> Producer:
    """A producer appointed by the organisation."""
    serial = next(_serial)
    values = {
        "id": new_id(),
        "code": f"PROD{serial}",
        "agency_name": f"Agency {serial}",
        "name_norm": f"agency {serial}",
        "status": "active",
        "billing_mode": "direct",
    } | given
    row: Producer = made(scope, Producer, values)
    return row


def insured(scope: Scope, **given: Any) -> policies.Insured:
    """A haulier with every key."""
    name = given.pop("legal_name", "Red Rock Flatbed LLC")
    values = {
        "id": new_id(),
        "entity_type": "business",
        "legal_name": name,
        "name_norm": name.lower(),
        "fein_last4": "4417",
        "fein_hash": keyed_hash(scope.org_id, "123454417"),
        "usdot_number": "2345678",
        "mc_number": "765432",
        "phone": "(813) 555-0142",
        "phone_digits": "8135550142",
        "email": "office@redrock.test",
        "country": "US",
        "status": "active",
        "created_at": EARLIEST,
        "updated_at": EARLIEST,
    } | given
    row: policies.Insured = made(scope, policies.Insured, values)
    return row


def policy(scope: Scope, **given: Any) -> policies.Policy:
    """One active policy term of a year from 2026-03-01."""
    row: policies.Policy = made(scope, policies.Policy, policy_values(given))
    return row


def many_policies(scope: Scope, rows: list[dict[str, Any]]) -> None:
    """Policy terms in bulk, each with what it gives."""
    with entered(scope):
        policies.Policy.objects.within(scope).bulk_create(
            [policies.Policy(org_id=scope.org_id, **policy_values(given)) for given in rows],
            batch_size=500,
        )


def policy_values(given: dict[str, Any]) -> dict[str, Any]:
    """Every column of a believable policy term."""
    serial = next(_serial)
    updated = EARLIEST + timedelta(minutes=serial)
    name = f"Haulier {serial:06d} LLC"
    return {
        "id": new_id(),
        "policy_number": f"TST-2026-{serial:06d}",
        "term_number": 1,
        "program_id": new_id(),
        "carrier_id": new_id(),
        "producer_id": new_id(),
        "insured_id": new_id(),
        "status": "active",
        "line_of_business": "COMMERCIAL_AUTO",
        "state": "FL",
        "effective_date": date(2026, 3, 1),
        "expiration_date": date(2027, 3, 1),
        "effective_time": "00:01",
        "timezone": "America/New_York",
        "bound_at": datetime(2026, 2, 20, 15, tzinfo=UTC),
        "currency": "USD",
        "annual_premium_cents": 1_234_567,
        "written_premium_cents": 1_234_567,
        "total_cents": 1_234_567,
        "billing_plan": "MONTHLY_10",
        "insured_name": name,
        "insured_name_norm": name.lower(),
        "created_at": updated,
        "updated_at": updated,
    } | given


def transaction(scope: Scope, of: policies.Policy, **given: Any) -> policies.PolicyTransaction:
    """A written premium movement; by default the whole premium of a new term."""
    values = {
        "id": new_id(),
        "policy_id": of.id,
        "policy_number": of.policy_number,
        "transaction_no": next(_serial),
        "transaction_type": "NEW",
        "source_table": "policies",
        "source_id": of.id,
        "effective_date": of.effective_date,
        "process_date": of.effective_date,
        "written_premium_cents": of.written_premium_cents,
        "currency": "USD",
        "status": "posted",
    } | given
    row: policies.PolicyTransaction = made(scope, policies.PolicyTransaction, values)
    return row


def cancellation(scope: Scope, of: policies.Policy, **given: Any) -> policies.Cancellation:
    """A cancellation that took effect on 2026-06-01."""
    values = {
        "id": new_id(),
        "policy_id": of.id,
        "policy_number": of.policy_number,
        "cancellation_type": "pro_rata",
        "reason_code": "NONPAY",
        "initiated_by": "company",
        "status": "effective",
        "notice_days": 10,
        "short_rate_factor": Decimal("0.9"),
        "effective_date": date(2026, 6, 1),
        "currency": "USD",
    } | given
    row: policies.Cancellation = made(scope, policies.Cancellation, values)
    return row


def reinstatement(
    scope: Scope, of: policies.Policy, cancelled: policies.Cancellation, **given: Any
) -> policies.Reinstatement:
    """Coverage back on 2026-06-15."""
    values = {
        "id": new_id(),
        "policy_id": of.id,
        "cancellation_id": cancelled.id,
        "status": "effective",
        "effective_date": date(2026, 6, 15),
        "currency": "USD",
    } | given
    row: policies.Reinstatement = made(scope, policies.Reinstatement, values)
    return row


def vehicle(scope: Scope, of: policies.Policy, **given: Any) -> policies.PolicyVehicle:
    """A scheduled power unit."""
    values = {
        "id": new_id(),
        "policy_id": of.id,
        "unit_no": 1,
        "vin": "1FUJGLDR9CSBP8834",
        "vin_last6": "BP8834",
        "model_year": 2022,
        "make": "Freightliner",
        "model": "Cascadia",
        "currency": "USD",
        "effective_date": of.effective_date,
        "status": "active",
    } | given
    row: policies.PolicyVehicle = made(scope, policies.PolicyVehicle, values)
    return row


def driver(scope: Scope, of: policies.Policy, **given: Any) -> policies.PolicyDriver:
    """A scheduled driver whose licence ends in 4821."""
    serial = next(_serial)
    values = {
        "id": new_id(),
        "policy_id": of.id,
        "full_name": f"Driver {serial}",
        "name_norm": f"driver {serial}",
        "dob_enc": b"sealed-birth-date",
        "license_number_enc": b"sealed-license",
        "license_last4": "4821",
        "license_state": "FL",
        "effective_date": of.effective_date,
        "status": "active",
    } | given
    row: policies.PolicyDriver = made(scope, policies.PolicyDriver, values)
    return row


def coverage(scope: Scope, of: policies.Policy, **given: Any) -> policies.PolicyCoverage:
    """Auto liability of a million for the whole term."""
    values = {
        "id": new_id(),
        "policy_id": of.id,
        "segment_id": new_id(),
        "coverage_code": "AL",
        "description": "Auto liability",
        "limit_type": "per_occurrence",
        "per_occurrence_limit_cents": 100_000_000,
        "annual_premium_cents": of.annual_premium_cents,
        "term_premium_cents": of.annual_premium_cents,
        "currency": "USD",
        "effective_date": of.effective_date,
        "expiration_date": of.expiration_date,
        "status": "active",
    } | given
    row: policies.PolicyCoverage = made(scope, policies.PolicyCoverage, values)
    return row


def endorsement(scope: Scope, of: policies.Policy, **given: Any) -> policies.Endorsement:
    """A bound endorsement of 240.00."""
    values = {
        "id": new_id(),
        "policy_id": of.id,
        "endorsement_no": 1,
        "type_code": "COVERAGE_ADD",
        "status": "bound",
        "effective_date": date(2026, 5, 1),
        "requested_at": EARLIEST,
        "prorata_factor": Decimal("0.8333333333"),
        "written_delta_cents": 24_000,
        "annual_delta_cents": 28_800,
        "currency": "USD",
    } | given
    row: policies.Endorsement = made(scope, policies.Endorsement, values)
    return row


def event(scope: Scope, of: policies.Policy, **given: Any) -> policies.PolicyEvent:
    """The event that bound the policy."""
    values = {
        "id": new_id(),
        "policy_id": of.id,
        "seq": next(_serial),
        "event_type": "policy.bound",
        "to_status": "bound",
        "actor_role": "underwriter",
        "effective_date": of.effective_date,
        "occurred_at": EARLIEST,
    } | given
    row: policies.PolicyEvent = made(scope, policies.PolicyEvent, values)
    return row


def standing(scope: Scope, of: policies.Policy, **given: Any) -> PolicyStanding:
    """The roll-up row of a policy that owes nothing."""
    row: PolicyStanding = made(
        scope, PolicyStanding, {"policy_id": of.id, "read_at": EARLIEST} | given
    )
    return row
