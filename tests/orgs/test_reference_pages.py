"""/producers, /programs, /rules, /carriers, /reference: whose rows, which licences end."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openinsure.keyspaces.ids import new_id
from openinsure.orgs import models
from openinsure.orgs.file_views import REFERENCE
from openinsure.orgs.producers import EXPIRING_DAYS, standing_of
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import Scope, SystemScope
from tests import factories, people

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])
TODAY = date(2026, 11, 20)
PLATFORM = SystemScope(PLATFORM_ORG_ID, "service:test")  # who may write shared rows


@pytest.fixture
def script(db: None, acme: Scope) -> Client:
    """A program with a support token of acme."""
    return people.bearer(acme.org_id, "support")


def told(client: Client, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return response.json()


def html(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return str(response.content.decode())


def part(scope: Scope, model: Any, **values: Any) -> Any:
    return factories.made(scope, model, {"id": new_id(), **values})


def licence(scope: Scope, of: models.Producer, ends: date, **given: Any) -> models.ProducerLicense:
    row: models.ProducerLicense = part(
        scope,
        models.ProducerLicense,
        **{
            "producer_id": of.id,
            "state": "FL",
            "license_number": f"FL{ends:%Y%m%d}",
            "status": "active",
            "effective_date": ends - timedelta(days=730),
            "expiration_date": ends,
        }
        | given,
    )
    return row


@pytest.mark.parametrize(
    ("left", "standing"),
    [(-1, "expired"), (0, "expiring"), (EXPIRING_DAYS, "expiring"), (EXPIRING_DAYS + 1, "active")],
)
def test_it_calls_a_licence_by_its_last_day(left: int, standing: str) -> None:
    assert standing_of(TODAY + timedelta(days=left), TODAY) == standing


def test_it_lists_producers_with_the_licence_that_ends_first(
    script: Client, acme: Scope, borealis: Scope
) -> None:
    today = timezone.now().date()
    soon, safe, bare = (factories.producer(acme) for _ in range(3))
    theirs = factories.producer(borealis)
    licence(borealis, theirs, today + timedelta(days=5))
    licence(acme, soon, today + timedelta(days=400))
    licence(acme, soon, today + timedelta(days=10), state="GA")
    licence(acme, safe, today + timedelta(days=400))
    rows = {row["code"]: row for row in told(script, "/producers")["rows"]}
    assert set(rows) == {soon.code, safe.code, bare.code}
    assert (rows[soon.code]["license"], rows[soon.code]["license_state"]) == ("expiring", "GA")
    assert rows[safe.code]["license"] == "active"
    assert rows[bare.code]["license"] is None
    view = told(script, "/producers?view=expiring")["rows"]
    assert [row["code"] for row in view] == [soon.code]


@pytest.mark.parametrize("sort", ["code", "-name", "updated"])
def test_it_pages_ending_licences_by_its_own_links(script: Client, acme: Scope, sort: str) -> None:
    today = timezone.now().date()
    for _ in range(13):
        licence(acme, factories.producer(acme), today + timedelta(days=3))
    address = f"/producers?view=expiring&sort={sort}"
    whole = [row["id"] for row in told(script, f"{address}&size=50")["rows"]]
    first = told(script, f"{address}&size=10")
    second = told(script, first["next"])
    assert [row["id"] for row in first["rows"] + second["rows"]] == whole
    assert (len(whole), second["next"]) == (13, None)


def test_it_shows_one_producer(acme_support: Client, acme: Scope, borealis: Scope) -> None:
    producer = factories.producer(acme, fein_last4="4821", phone="(305) 555-0142")
    licence(acme, producer, timezone.now().date() - timedelta(days=3), status="expired")
    part(
        acme,
        models.ProducerCommissionOverride,
        producer_id=producer.id,
        transaction_type="RENEWAL",
        rate=Decimal("0.1175"),
        effective_date=TODAY,
    )
    page = html(acme_support, f"/producers/{producer.code}")
    assert 'data-state="expired"' in page
    assert "•••• 4821" in page
    assert "(305) 555-0142" in page
    assert "11.75%" in page
    theirs = factories.producer(borealis)
    for code in (theirs.code, "NOBODY", "' OR 1=1"):
        assert acme_support.get(f"/producers/{code}").status_code == 404


def agreement(scope: Scope, program: models.Program, version: int, *uses: int) -> None:
    """A version of the program's agreement and its use, a month apart."""
    made = part(
        scope,
        models.DaAgreement,
        carrier_id=program.carrier_id,
        program_id=program.id,
        version_no=version,
        status="active",
        effective_date=TODAY,
        annual_gwp_limit_cents=1_000_000,
        authorized_states=["FL"],
        currency="USD",
    )
    for place, used in enumerate(uses):
        part(
            scope,
            models.DaUtilizationSnapshot,
            da_agreement_id=made.id,
            as_of_date=TODAY + timedelta(days=30 * place),
            bound_gwp_cents=used,
            limit_cents=1_000_000,
            utilization_rate=Decimal(used) / 1_000_000,
            policy_count=3,
            currency="USD",
        )


def test_it_shows_a_programs_authority_and_its_use(
    script: Client, acme_support: Client, acme: Scope
) -> None:
    program = factories.program(acme)
    agreement(acme, program, 2, 500_000, 900_000)
    agreement(acme, program, 1, 100_000)
    part(
        acme,
        models.ProgramCommissionRate,
        program_id=program.id,
        transaction_type="NEW",
        mga_rate=Decimal("0.1"),
        producer_rate=Decimal("0.125"),
        effective_date=TODAY,
    )
    panels = told(script, f"/programs/{program.code}")["panels"]
    used_cents = [row["bound_gwp_cents"] for row in panels["utilization"]["rows"]]
    assert used_cents == [900_000, 500_000]
    assert panels["plans"]["state"] == "empty"
    page = html(acme_support, f"/programs/{program.code}?tab=authority")
    assert "90.0%" in page
    assert "Little left" in page
    assert "12.50%" in html(acme_support, f"/programs/{program.code}")
    for client, tab in ((acme_support, ""), (acme_support, "?tab=authority"), (script, "")):
        with CaptureQueriesContext(connections["oi_global"]) as caught:
            assert client.get(f"/programs/{program.code}{tab}").status_code == 200
        assert len(caught) <= 3


def test_it_lists_rules_with_their_active_words(
    script: Client, acme: Scope, borealis: Scope
) -> None:
    program = factories.program(acme)
    version = new_id()
    for scope, name in ((acme, "Ours"), (borealis, "Theirs")):
        rule = part(
            scope,
            models.Rule,
            program_id=program.id,
            rule_key="LOSS_HISTORY",
            name=name,
            stage="review",
            status="active",
            active_version_id=version,
        )
    factories.made(
        acme,
        models.RuleVersion,
        {
            "id": version,
            "rule_id": rule.id,
            "version_no": 3,
            "expression": "loss_ratio > 0.65",
            "outcome": "refer",
        },
    )
    (row,) = told(script, "/rules?stage=review")["rows"]
    assert (row["name"], row["program"], row["version"]) == ("Ours", program.code, 3)
    assert row["expression"] == "loss_ratio > 0.65"
    assert told(script, "/rules?stage=bind")["rows"] == []


def carrier(naic: str, name: str) -> str:
    key = new_id()
    models.PlatformCarrier.objects.create(
        id=key,
        legal_name=name,
        naic_code=naic,
        status="active",
        remit_basis="collected",
        default_currency="USD",
    )
    return key


def test_it_lists_only_carriers_of_the_organisations_programs(
    script: Client, acme: Scope, inside: Any
) -> None:
    with inside(PLATFORM):
        ours = carrier(new_id()[-12:], "Ours Casualty")
        carrier(new_id()[-12:], "Theirs Casualty")
    program = factories.program(acme, carrier_id=ours)
    (row,) = told(script, "/carriers")["rows"]
    assert (row["id"], row["programs"]) == (ours, program.code)


def test_it_tells_notice_rules_with_their_citation(
    script: Client, acme_support: Client, acme: Scope, inside: Any
) -> None:
    with inside(PLATFORM):
        models.RefNoticeRule.objects.create(
            id=new_id(),
            state="FL",
            line_of_business="commercial_auto",
            notice_kind="cancellation",
            reason_code="NONPAY",
            notice_days=10,
            citation="Fla. Stat. 627.7281",
            effective_date=TODAY,
        )
    panels = told(script, "/reference")["panels"]
    assert set(panels) == set(REFERENCE)
    citations = [row["citation"] for row in panels["notices"]["rows"]]
    assert "Fla. Stat. 627.7281" in citations
    for kind in REFERENCE:
        assert f'data-panel="{kind}"' in html(acme_support, f"/reference?tab={kind}")
    assert acme_support.get("/reference?tab=secrets").status_code == 400
