"""An organisation for which every job has something to do around a due time, and its rows."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from django.apps import apps

from dbops.models import StoredReading
from openinsure.keyspaces.ids import new_id
from openinsure.orgs.models import OrganizationSetting, RefNoticeRule
from openinsure.policies.models import Nonrenewal
from openinsure.tenancy.models import TenantModel
from openinsure.tenancy.scope import Scope, entered
from tests import factories
from tests.billing import making
from tests.claims.made import claim
from tests.factories import made
from tests.submissions import world as submissions

# What a run keeps about itself, and numbers that a process reserves ahead.
OWN = {"job_org_runs", "job_leases", "audit_log", "audit_chain_heads", "audit_heads"}


def build(scope: Scope, due: datetime, mail: Path) -> dict[str, Any]:
    """Rows for every job. The dates hang on the due time."""
    day = due.date()
    program = factories.program(scope, grace_days=5, late_fee_cents=1_000)
    insured = factories.insured(scope)
    common = {"program_id": program.id, "insured_id": insured.id}

    def term(**given: Any) -> Any:
        return factories.policy(scope, **(common | given))

    year = timedelta(days=365)
    billed = term(effective_date=day - 100 * DAY, expiration_date=day + 265 * DAY)
    account = making.account(scope, policy_id=billed.id, payer_email="payer@haulier.test")
    soon = making.invoice(scope, account, policy_id=billed.id, due_date=day + 7 * DAY)
    late = making.invoice(scope, account, policy_id=billed.id, due_date=day - 10 * DAY)
    making.line(scope, late, 1, "premium", 123_457)
    making.line(scope, late, 2, "installment_fee", 800)
    ending = term(effective_date=day + 50 * DAY - year, expiration_date=day + 50 * DAY)
    refused = term(
        effective_date=day + 70 * DAY - year, expiration_date=day + 70 * DAY,
        status="nonrenewal_pending",
    )  # fmt: skip
    refusal = made(scope, Nonrenewal, {
        "id": new_id(), "policy_id": refused.id, "reason_code": "LOSS_HISTORY", "notice_days": 45,
        "notice_due_date": day + 25 * DAY, "effective_date": day + 70 * DAY, "status": "pending",
    })  # fmt: skip
    starting = term(effective_date=day, expiration_date=day + year, status="issued",
                    bound_at=due - 5 * DAY)  # fmt: skip
    unit = factories.vehicle(scope, starting)
    over = term(effective_date=day - year, expiration_date=day)
    quoted = submissions.submission(scope, status="quoted")
    submissions.quote(scope, quoted, status="released", valid_until=day - DAY)
    filed = claim(scope, claim_number="CLM-TST-000045")
    address = f"in-{scope.org_id[:8]}{scope.org_id[-6:]}@mga.test"
    made(scope, OrganizationSetting, {
        "id": new_id(), "setting_key": "inbound_address", "value": {"addresses": [address]},
        "version": 1, "effective_at": due,
    })  # fmt: skip
    drop(mail, address, "Re: claim CLM-TST-000045", "1@sender.test")
    return {
        "soon": soon, "late": late, "ending": ending, "refused": refused, "refusal": refusal,
        "starting": starting, "unit": unit, "over": over, "quoted": quoted, "claim": filed,
        "address": address, "billed": billed,
    }  # fmt: skip


DAY = timedelta(days=1)


def shared(due: datetime) -> None:
    """What belongs to no organisation: a notice rule, a reading of the day before."""
    RefNoticeRule.objects.create(
        id=new_id(), state="FL", line_of_business="commercial_auto", notice_kind="cancellation",
        reason_code="OTHER", notice_days=45, citation="Fla. Stat. 627.7281",
        effective_date=due.date() - 900 * DAY,
    )  # fmt: skip
    StoredReading.objects.create(
        slug="ai", state="in_sync", first_at=due - DAY, read_at=due - 12 * DAY / 24,
        taken_by="beat", latency_ms=7, said={},
    )  # fmt: skip


def drop(mail: Path, to: str, subject: str, message_id: str) -> None:
    """A message in the new folder of a maildir."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "driver@sender.test", to, subject
    message["Message-ID"], message["Date"] = f"<{message_id}>", "Mon, 02 Nov 2026 10:00:00 +0000"
    message.set_content("See the photo.")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="photo.png")
    raw(mail, bytes(message), f"{to}-{message_id}")


def raw(mail: Path, content: bytes, name: str) -> None:
    """Any bytes in the new folder of a maildir."""
    (mail / "new").mkdir(parents=True, exist_ok=True)
    (mail / "new" / name.replace("/", "_")).write_bytes(content)


def snapshot(scope: Scope) -> dict[str, str]:
    """Table -> digest of the organisation's rows; tables without a row are left out."""
    found = {}
    with entered(scope):
        for model in apps.get_models():
            table = model._meta.db_table
            if not issubclass(model, TenantModel) or table in OWN:
                continue
            columns = [str(f.attname) for f in model._meta.concrete_fields if f.column]
            rows = model.objects.within(scope).order_by("id").values_list(*columns)
            if told := [str(row) for row in rows]:
                found[table] = f"{len(told)}:{hashlib.sha256(repr(told).encode()).hexdigest()}"
    return found
