"""A term that may be renewed: G1 of the domain page, its program, authority, licence and risks."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from openinsure.keyspaces.ids import new_id
from openinsure.money.plans import add_months
from openinsure.orgs import models as orgs
from openinsure.policies import models as policies
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests import factories
from tests.factories import made

LONG_AGO = date(2020, 1, 1)


def term(scope: Scope, today: date, **given: Any) -> policies.Policy:
    """An active G1 that ends in sixty days, with two coverages, two units and a driver."""
    ends = given.pop("expiration_date", today + timedelta(days=60))
    program = factories.program(
        scope, quota_share_rate=Decimal("0.30"), policy_fee_cents=15_000,
        admitted=given.pop("admitted", False), effective_date=LONG_AGO,
        mga_commission_rate=Decimal("0.10"), default_producer_commission_rate=Decimal("0.125"),
    )  # fmt: skip
    producer = factories.producer(scope)
    authority(scope, program, today)
    licence(scope, producer.id)
    who = factories.insured(scope)
    policy = factories.policy(
        scope, program_id=program.id, carrier_id=program.carrier_id, producer_id=producer.id,
        insured_id=who.id, insured_name=who.legal_name, insured_name_norm=who.name_norm,
        **{"effective_date": add_months(ends, -12), "expiration_date": ends,
           "fees_cents": 15_000, "taxes_cents": 62_479, "total_cents": 1_312_046,
           "liability_limit_cents": 100_000_000, "vehicle_count": 2, "driver_count": 1,
           "producer_commission_rate": Decimal("0.125"),
           "mga_commission_rate": Decimal("0.10")} | given,
    )  # fmt: skip
    factories.transaction(scope, policy, transaction_no=1)
    risks(scope, policy)
    return policy


def risks(scope: Scope, policy: policies.Policy) -> None:
    """Two units, of which one is removed before the end, a driver of the other, two coverages."""
    kept = factories.vehicle(scope, policy)
    gone = factories.vehicle(
        scope, policy, unit_no=2, vin="1FUJGLDR0CSBP0001", vin_last6="BP0001",
        removal_date=policy.expiration_date - timedelta(days=30),
    )  # fmt: skip
    driver = factories.driver(scope, policy)
    for unit in (kept, gone):
        made(scope, policies.PolicyVehicleDriver, {
            "id": new_id(), "policy_id": policy.id, "vehicle_id": unit.id,
            "driver_id": driver.id, "effective_date": policy.effective_date,
        })  # fmt: skip
    factories.coverage(scope, policy, annual_premium_cents=900_000)
    factories.coverage(
        scope, policy, coverage_code="PD", annual_premium_cents=334_567, vehicle_id=kept.id
    )
    factories.coverage(
        scope, policy, coverage_code="PD", annual_premium_cents=5_000, vehicle_id=gone.id
    )


def authority(scope: Scope, program: orgs.Program, today: date) -> orgs.DaAgreement:
    """An agreement with room for G1, and its use of yesterday."""
    row: orgs.DaAgreement = made(scope, orgs.DaAgreement, {
        "id": new_id(), "carrier_id": program.carrier_id, "program_id": program.id,
        "version_no": 1, "status": "active", "effective_date": LONG_AGO,
        "max_occurrence_limit_cents": 100_000_000, "max_premium_per_policy_cents": 5_000_000,
        "annual_gwp_limit_cents": 900_000_000, "quarterly_gwp_limit_cents": 300_000_000,
        "authorized_states": ["FL", "GA"], "excluded_states": ["GA"],
        "allowed_terms_months": [12], "currency": "USD",
    })  # fmt: skip
    made(scope, orgs.DaUtilizationSnapshot, {
        "id": new_id(), "da_agreement_id": row.id, "as_of_date": today - timedelta(days=1),
        "bound_gwp_cents": 1_234_567, "limit_cents": 900_000_000, "policy_count": 1,
        "utilization_rate": Decimal("0.001372"), "currency": "USD",
    })  # fmt: skip
    return row


def licence(scope: Scope, producer_id: str) -> orgs.ProducerLicense:
    """A licence in Florida that ends long after every test."""
    row: orgs.ProducerLicense = made(scope, orgs.ProducerLicense, {
        "id": new_id(), "producer_id": producer_id, "state": "FL", "license_number": "FL-1",
        "status": "active", "effective_date": LONG_AGO, "expiration_date": date(2037, 1, 1),
    })  # fmt: skip
    return row


def agreed(scope: Scope, program_id: str, producer: str, mga: str = "0.100000") -> None:
    """What the program pays for renewals."""
    made(scope, orgs.ProgramCommissionRate, {
        "id": new_id(), "program_id": program_id, "transaction_type": "RENEWAL",
        "mga_rate": Decimal(mga), "producer_rate": Decimal(producer), "effective_date": LONG_AGO,
    })  # fmt: skip


def taxed(org_id: str) -> None:
    """Florida's tax and service-office fee."""
    with entered(SystemScope(org_id, "service:test")):
        for code, rate in (("SURPLUS_LINES", "0.0494"), ("SERVICE_OFFICE", "0.0006")):
            orgs.RefTaxRate.objects.create(
                id=new_id(), state="FL", tax_code=code, rate=Decimal(rate), includes_fees=True,
                currency="USD", effective_date=LONG_AGO,
            )  # fmt: skip
