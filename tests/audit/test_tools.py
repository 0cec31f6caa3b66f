"""/audit/samples, /audit/evidence, /audit/trace: drawn again, hashed, followed to the cent."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.utils import timezone

from openinsure.audit import record
from openinsure.audit.anchors import take_anchor
from openinsure.audit.chain import KeyRing
from openinsure.keyspaces.ids import new_id
from openinsure.pages import exports_tasks
from openinsure.pages.audit_tools_sample import Draw
from openinsure.tenancy.scope import Scope, SystemScope
from tests import factories, people
from tests.audit import visitors
from tests.audit.test_append import make_event
from tests.audit.test_verify import tamper
from tests.billing import making
from tests.pages import files

pytestmark = pytest.mark.django_db(databases=[*files.ALIASES, "oi_billing"])


@pytest.fixture(autouse=True)
def place(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files in a folder of this test; messages are not sent, the test runs the job."""
    settings.FILES_DIR = str(tmp_path)
    monkeypatch.setattr(exports_tasks.run_export, "enqueue", lambda scope, **kwargs: "message")
    return tmp_path


@pytest.fixture
def admin(db: None, acme: Scope) -> Client:
    """A browser of acme's administrator."""
    return people.browser(acme.org_id, "org_admin")


def started(client: Client, page: str, **form: Any) -> dict[str, Any]:
    """A job of a tool, started."""
    answer = client.post(f"/audit/{page}", form, headers=files.JSON)
    assert answer.status_code == 202, answer.content
    row: dict[str, Any] = answer.json()["row"]
    return row


def sampled(client: Client, org_id: str, seed: str) -> tuple[list[str], dict[str, Any]]:
    """The ids of a sample of five, and its record."""
    form = {"list": "policies.list", "query": "status=active", "size": "5", "seed": seed}
    asked = started(client, "samples", **form)
    assert files.work(org_id, asked["id"]) == "ready"
    body = files.body(client.get(f"/exports/{asked['id']}/file"))
    lines = list(csv.reader(io.StringIO(body.decode(), newline="")))
    (row,) = [r for r in files.listed(client) if r["id"] == asked["id"]]
    return [line[0] for line in lines[1:]], row


def test_it_draws_the_same_sample_again(admin: Client, acme: Scope, borealis: Scope) -> None:
    factories.many_policies(acme, [{} for _ in range(40)])
    factories.policy(acme, status="cancelled")
    factories.many_policies(borealis, [{} for _ in range(10)])
    first, row = sampled(admin, acme.org_id, "2026-q4")
    again, _ = sampled(admin, acme.org_id, "2026-q4")
    other, _ = sampled(admin, acme.org_id, "2027-q1")
    assert first == again == row["told"]["ids"]
    assert first != other
    assert len(set(first)) == 5
    assert (row["told"]["seed"], row["told"]["population"]) == ("2026-q4", 40)
    assert "seed <code>2026-q4</code>, 5 of 40 rows" in admin.get("/audit/samples").content.decode()


def test_it_draws_evenly_and_whatever_the_order() -> None:
    class Row:
        def __init__(self) -> None:
            self.id = new_id()

    rows = [Row() for _ in range(400)]
    hits = dict.fromkeys((row.id for row in rows), 0)
    for seed in range(200):
        forward, backward = Draw(str(seed), 40), Draw(str(seed), 40)
        forward.offer(rows)
        backward.offer(reversed(rows))
        assert [row.id for row in forward.rows()] == [row.id for row in backward.rows()]
        for row in forward.rows():
            hits[row.id] += 1
    # 20 expected each; six standard deviations of a binomial are 25.5.
    assert max(hits.values()) < 46
    assert sum(1 for count in hits.values() if count == 0) == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [("size", "0"), ("size", "1001"), ("size", "²"), ("seed", "a b"), ("list", "orgs.list")],
)
def test_it_names_what_a_sample_cannot_be(admin: Client, field: str, value: str) -> None:
    form = {"list": "policies.list", "query": "", "size": "5", "seed": "x"} | {field: value}
    refused = admin.post("/audit/samples", form, headers=files.JSON)
    assert (refused.status_code, refused.json()["field"]) == (422, field)
    page = admin.post("/audit/samples", form)
    assert page.status_code == 422
    assert f'id="{field}-error"' in page.content.decode()


def test_it_bundles_evidence_with_hashes(admin: Client, acme: Scope) -> None:
    factories.policy(acme)
    _, sample = sampled(admin, acme.org_id, "s")
    record.append(make_event(SystemScope(acme.org_id, "service:test"), action="policy.cancelled"))
    day = timezone.now().date().isoformat()
    form = {"from": "2026-01-01", "to": day, "reads": "on", "sample": [sample["id"]]}
    asked = started(admin, "evidence", **form)
    assert files.work(acme.org_id, asked["id"]) == "ready"
    body = files.body(admin.get(f"/exports/{asked['id']}/file"))
    with zipfile.ZipFile(io.BytesIO(body)) as bundle:
        manifest = json.loads(bundle.read("manifest.json"))
        for part in manifest["files"]:
            held = bundle.read(part["name"])
            assert hashlib.sha256(held).hexdigest() == part["sha256"]
            assert len(held) == part["bytes"]
        names = {part["name"] for part in manifest["files"]}
        rows = [json.loads(line) for line in bundle.read("audit.jsonl").decode().splitlines()]
        chain = json.loads(bundle.read("chain.json"))
    assert {"audit.jsonl", "chain.json", "reads.jsonl"} < names
    assert any(name.startswith(f"samples/{sample['id']}") for name in names)
    assert chain["holds"] is True
    assert chain["rows_verified"] >= len(rows) > 0
    assert all(row["row_hash"] and row["org_id"] == acme.org_id for row in rows)
    assert "policy.cancelled" in {row["action"] for row in rows}


def test_it_locks_evidence_while_the_chain_is_broken(
    admin: Client, acme: Scope, place: Path
) -> None:
    scope = SystemScope(acme.org_id, "service:test")
    for _ in range(3):
        record.append(make_event(scope))
    day = timezone.now().date().isoformat()
    asked = started(admin, "evidence", **{"from": day, "to": day})
    tamper("UPDATE audit_log SET reason = %s WHERE org_id = %s AND seq = %s", "x", acme.org_id, 2)
    assert files.work(acme.org_id, asked["id"]) == "failed"
    (row,) = files.listed(admin)
    assert row["error"].startswith("The audit chain is broken at entry 2")
    ring = KeyRing.parse(configured.AUDIT_KEYS)
    take_anchor(scope, ring=ring, files_dir=place, at=timezone.now())
    form = {"from": day, "to": day}
    refused = admin.post("/audit/evidence", form, headers=files.JSON)
    assert (refused.status_code, refused.json()["error"]) == (409, "chain_broken")
    page = admin.get("/audit/evidence").content.decode()
    assert 'data-chain="broken"' in page
    assert "Make evidence" not in page


def test_it_follows_a_payment_to_the_cent(admin: Client, acme: Scope, borealis: Scope) -> None:
    account = making.account(acme)
    invoice = making.invoice(acme, account)
    payment = making.payment(acme, account)
    making.allocation(acme, payment, invoice)
    told = admin.get(f"/audit/trace?payment={payment.payment_number}", headers=files.JSON).json()
    assert told["row"]["number"] == payment.payment_number
    assert set(told["panels"]) == {"allocations", "journal", "transfers", "bordereau"}
    assert len(told["panels"]["allocations"]["rows"]) == 1
    page = admin.get(f"/audit/trace?payment={payment.payment_number}").content.decode()
    assert 'data-check="split" data-state="holds"' in page
    theirs = making.payment(borealis, making.account(borealis))
    foreign = admin.get(f"/audit/trace?payment={theirs.payment_number}", headers=files.JSON)
    unknown = admin.get("/audit/trace?payment=NONE-1", headers=files.JSON)
    assert foreign.status_code == unknown.status_code == 404
    assert admin.get("/audit/trace?payment=a%27b", headers=files.JSON).status_code == 400


def test_it_lets_an_auditor_sample_in_a_grant(borealis: Scope) -> None:
    org_id = visitors.make_org()
    factories.policy(SystemScope(org_id, "service:test"))
    client = visitors.signed_in(visitors.make_account("auditor"))
    form = {"orgId": org_id, "reason": "Quarterly review of the book", "next": ""}
    assert client.post("/orgs/enter", form).status_code == 303
    wanted = {"list": "policies.list", "query": "", "size": "5", "seed": "x"}
    answer = client.post(f"/audit/samples?orgId={org_id}", wanted, headers=files.JSON)
    assert answer.status_code == 202, answer.content
    assert answer.json()["row"]["data_org_id"] == org_id
    assert client.get(f"/audit/trace?orgId={org_id}").status_code == 200
    assert client.get(f"/audit/evidence?orgId={org_id}").status_code == 200
