"""GET /policies?format=csv: the whole filtered result, for those who may, safe to open."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import Any

import pytest
from django.test import Client

from openinsure.console import exports_csv
from openinsure.tenancy.scope import Scope
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_policies"])


def lines(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode(), newline="")))


def test_it_gives_every_row_with_the_fields_of_json(
    acme_finance: Client, acme_script: Client, acme: Scope, borealis: Scope
) -> None:
    for _ in range(23):
        factories.policy(acme)
    factories.policy(acme, status="bound")
    factories.policy(borealis)
    response = acme_finance.get("/policies?format=csv&status=active&size=10&sort=number")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="policies-list-' in response["Content-Disposition"]
    head, *rows = lines(response)
    expected = acme_script.get("/policies?status=active&size=200&sort=number").json()["rows"]
    assert head == list(expected[0])
    told = [["" if value is None else str(value) for value in row.values()] for row in expected]
    assert rows == told
    assert response["X-Export-Rows"] == "23"
    assert response["X-Export-Filter"] == "status=active"
    assert response["X-Export-SHA256"] == hashlib.sha256(response.content).hexdigest()
    assert response["X-Export-As-Of"].endswith("Z")


def test_it_gives_the_columns_asked_for(acme_finance: Client, acme: Scope) -> None:
    row = factories.policy(acme)
    response = acme_finance.get("/policies?format=csv&columns=premium_cents,number")
    assert lines(response) == [["premium_cents", "number"], ["1234567", row.policy_number]]


def test_it_disarms_formulas_and_keeps_numbers(acme_finance: Client, acme: Scope) -> None:
    names = [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\tx",
        "\rx",
        "＝x",
        "＋x",
        "－x",
        "＠x",
        " =x",
        "Plain, Inc.",
    ]
    for name in names:
        factories.policy(acme, insured_name=name, written_premium_cents=-500)
    response = acme_finance.get("/policies?format=csv&columns=insured,premium_cents")
    rows = lines(response)[1:]
    assert {name for name, _ in rows} == {f"'{name}" for name in names[:-1]} | {names[-1]}
    assert {premium for _, premium in rows} == {"-500"}


def test_it_needs_the_permission_to_export(acme_support: Client, acme_script: Client) -> None:
    assert acme_support.get("/policies?format=csv").status_code == 403
    refused = acme_script.get("/policies?format=csv")
    assert refused.status_code == 403
    assert refused.json()["error"] == "permission_required"


def test_it_offers_the_file_only_to_those_who_may(
    acme_support: Client, acme_finance: Client, acme: Scope
) -> None:
    factories.policy(acme)
    assert "format=csv" not in acme_support.get("/policies").content.decode()
    assert "format=csv" in acme_finance.get("/policies").content.decode()


def test_it_hands_large_results_to_a_job(
    acme_finance: Client, acme: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports_csv, "ROWS_MAX", 20)
    factories.many_policies(acme, [{} for _ in range(20)])
    assert acme_finance.get("/policies?format=csv").status_code == 200
    factories.policy(acme)
    refused = acme_finance.get("/policies?format=csv", headers={"accept": "application/json"})
    assert refused.status_code == 409
    assert refused.json()["error"] == "export_job_required"


def test_it_exports_all_of_a_list_that_is_searched(acme_finance: Client, acme: Scope) -> None:
    factories.many_policies(acme, [{"state": "GA"} for _ in range(2_300)])
    factories.policy(acme, state="TX", status="bound", policy_number="ZZZ-2026-000001")
    response = acme_finance.get("/policies?format=csv&state=TX&status=bound&sort=number")
    assert [row[1] for row in lines(response)[1:]] == ["ZZZ-2026-000001"]


def test_it_records_the_export(acme_finance: Client, acme: Scope) -> None:
    from openinsure.audit.models import AuditLog
    from openinsure.tenancy.scope import entered

    factories.policy(acme)
    acme_finance.get("/policies?format=csv&status=active")
    with entered(acme):
        row = AuditLog.objects.within(acme).filter(action="export.created").get()
    assert row.after_json["rows"] == 1
    assert row.after_json["filter"] == "status=active"
