"""Notices to insureds and records to the state for tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from openinsure.keyspaces.ids import new_id
from openinsure.policies import models as policies
from openinsure.tenancy.scope import Scope
from tests.factories import made


def notice(scope: Scope, of: policies.Policy, **given: Any) -> policies.PolicyNotice:
    """A notice of cancellation that waits to be mailed since 2026-05-11."""
    values = {
        "id": new_id(),
        "policy_id": of.id,
        "notice_kind": "cancellation_nonpay",
        "recipient_kind": "insured",
        "recipient_name": of.insured_name,
        "address_snapshot": {"address_line1": "1 Canal St", "city": "Ocala", "state": "FL"},
        "method": "mail",
        "effective_date": date(2026, 5, 26),
        "status": "to_mail",
        "rule_days": 10,
        "citation": "Fla. Stat. 627.7281",
        "proof_required": True,
        "cause_id": new_id(),
        "created_at": datetime(2026, 5, 11, 15, tzinfo=UTC),
    } | given
    row: policies.PolicyNotice = made(scope, policies.PolicyNotice, values)
    return row


def rejected(
    scope: Scope, of: policies.Policy, **given: Any
) -> policies.StateInsuranceReportRecord:
    """A record that Florida rejected with code 071, in a file of its own."""
    report = made(scope, policies.StateInsuranceReport, {
        "id": new_id(), "state": "FL", "report_kind": "dhsmv", "status": "returned",
        "file_name": f"FL-{of.id[-12:]}-{new_id()[-6:]}.xml", "record_count": 1,
        "sent_at": datetime(2026, 11, 2, 18, tzinfo=UTC),
    })  # fmt: skip
    values = {
        "id": new_id(),
        "report_id": report.id,
        "policy_id": of.id,
        "transaction_code": "20",
        "effective_date": date(2026, 11, 1),
        "due_date": date(2026, 11, 11),
        "vin": "1FUJGLDR0CSBP0001",
        "status": "rejected",
        "error_code": "071",
        "error_text": "Vehicle not matched",
    } | given
    row: policies.StateInsuranceReportRecord = made(
        scope, policies.StateInsuranceReportRecord, values
    )
    return row
