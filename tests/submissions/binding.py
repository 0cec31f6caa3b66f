"""A submission with an accepted quote of 12,345.67 that may be bound, as G1 of the domain page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from openinsure.keyspaces.ids import new_id
from openinsure.orgs.models import ProducerLicense
from openinsure.submissions import models
from openinsure.submissions.checklist import Licence
from openinsure.tenancy.scope import Scope
from tests import factories
from tests.submissions import world

EFFECTIVE, EXPIRES = date(2026, 12, 1), date(2027, 12, 1)
LICENCE = Licence("FL-1", date(2027, 6, 30))
VIN = "1FUJGLDR9CSBP8834"


@dataclass(frozen=True, slots=True)
class Ready:
    """What the tests name."""

    row: models.Submission
    quote: models.Quote
    producer: Any
    program: Any


def ready(scope: Scope, **given: Any) -> Ready:
    """Quoted, accepted, licensed, two coverages, one unit, one driver."""
    program = factories.program(scope, quota_share_rate=Decimal("0.3"))
    producer = factories.producer(scope)
    factories.made(scope, ProducerLicense, {
        "id": new_id(), "producer_id": producer.id, "state": "FL", "license_number": "FL-1",
        "status": "active", "effective_date": date(2026, 1, 1),
        "expiration_date": LICENCE.expires,
    })  # fmt: skip
    row = world.submission(
        scope, status="quoted", program_id=program.id, producer_id=producer.id,
        usdot_number="2345678",
    )  # fmt: skip
    values = {
        "status": "accepted",
        "quote_number": f"QUO-{row.submission_number}",
        "fees_cents": 15_000,
        "taxes_cents": 62_479,
        "total_cents": 1_312_046,
        "effective_date": EFFECTIVE,
        "expiration_date": EXPIRES,
        "valid_until": timezone.now().date() + timedelta(days=9),
    } | given
    quote = world.quote(scope, row, **values)
    world.coverage(scope, quote, deductible_cents=250_000)
    world.coverage(
        scope, quote, coverage_code="MTC", limit_cents=10_000_000, annual_premium_cents=334_567
    )
    world.coverage(scope, quote, coverage_code="PD", selected=False, annual_premium_cents=1)
    unit(scope, quote, 1, VIN)
    world.part(
        scope, models.QuoteDriver, quote_id=quote.id, full_name="Dana Driver",
        license_hash="b" * 64, license_state="FL", points=2,
    )  # fmt: skip
    return Ready(row, quote, producer, program)


def unit(scope: Scope, quote: models.Quote, number: int, vin: str | None) -> Any:
    """One scheduled unit of a quote."""
    return factories.made(scope, models.QuoteVehicle, {
        "id": new_id(), "quote_id": quote.id, "unit_no": number, "vin": vin, "model_year": 2022,
        "make": "Freightliner", "model": "Cascadia", "stated_value_cents": 12_000_000,
        "currency": "USD",
    })  # fmt: skip
