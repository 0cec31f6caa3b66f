"""Asking FMCSA: adapters against a file and a real server, snapshots kept, refusals said."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from openinsure.audit.models import AuditLog
from openinsure.problems import Conflict
from openinsure.submissions import fmcsa, models
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.submissions import world
from tests.submissions.test_writes import DATABASES, audited, events, send

USDOT = "1234567"
CARRIER = {
    "dotNumber": 1234567, "legalName": "HAULIER, L.L.C.", "allowedToOperate": "Y",
    "commonAuthorityStatus": "A", "totalPowerUnits": 9, "totalDrivers": 11, "safetyRating": "S",
    "carrierOperation": {"carrierOperationCode": "A"},
}  # fmt: skip


def answer(**changed: Any) -> dict[str, Any]:
    """As the service wraps a carrier."""
    return {"content": {"carrier": CARRIER | changed}}


@pytest.fixture
def file(settings: Any, tmp_path: Path) -> Path:
    """The file of answers that the settings name."""
    path = tmp_path / "fmcsa.json"
    settings.FMCSA_URL = f"file://{path}"
    path.write_text(json.dumps({USDOT: answer()}))
    return path


@pytest.fixture
def server(settings: Any) -> Iterator[dict[str, Any]]:
    """A service that answers as it is told: status, body, headers, or silence until released."""
    told: dict[str, Any] = {"status": 200, "body": json.dumps(answer()).encode(), "asked": []}
    told["release"] = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told["asked"].append(self.path)
            if told.get("silent"):
                told["release"].wait(20)
                return
            self.send_response(told["status"])
            for name, value in told.get("headers", {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told["body"])

        def log_message(self, *args: Any) -> None:
            return None

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    at = f"http://127.0.0.1:{listening.server_port}"
    settings.FMCSA_URL, settings.FMCSA_TIMEOUT_S = f"{at}/carriers/{{usdot}}?webKey=k", 1
    yield told
    told["release"].set()
    listening.shutdown()
    listening.server_close()


def test_it_reads_an_answer_of_the_service(server: dict[str, Any]) -> None:
    found = fmcsa.registry().ask(USDOT)
    assert server["asked"] == [f"/carriers/{USDOT}?webKey=k"]
    assert (found.name, found.authority_status, found.power_units, found.safety_rating) == (
        "HAULIER, L.L.C.", "active", 9, "satisfactory",
    )  # fmt: skip
    assert found.facts["carrierOperation"] == '{"carrierOperationCode": "A"}'


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (404, b"", "knows no carrier"),
        (200, b'{"content": null}', "knows no carrier"),
        (200, json.dumps(answer(dotNumber=7654321)).encode(), "about another carrier"),
        (200, b"<html>", "cannot be read"),
        (200, b"[]", "cannot be read"),
        (200, b'{"content": {"carrier": []}}', "about another carrier"),
        (200, b" " * (fmcsa.ANSWER_MAX + 1), "too long"),
        (401, b"", "refused with 401"),
        (500, b"", "refused with 500"),
    ],
)
def test_it_says_why_there_is_no_answer(
    server: dict[str, Any], status: int, body: bytes, said: str
) -> None:
    server.update(status=status, body=body)
    with pytest.raises((Conflict, fmcsa.FmcsaAway)) as refusal:
        fmcsa.registry().ask(USDOT)
    assert said in refusal.value.message
    assert fmcsa.STANDS in refusal.value.message


def test_it_follows_no_redirect(server: dict[str, Any]) -> None:
    server.update(status=302, headers={"Location": "/elsewhere"})
    with pytest.raises(fmcsa.FmcsaAway, match="refused with 302"):
        fmcsa.registry().ask(USDOT)
    assert len(server["asked"]) == 1


def test_it_ends_at_the_deadline(server: dict[str, Any]) -> None:
    server["silent"] = True
    with pytest.raises(fmcsa.FmcsaAway, match="within 1 s"):
        fmcsa.registry().ask(USDOT)


@pytest.mark.parametrize("address", ["", "ftp://x/{usdot}", "https://x/none", "file://relative"])
def test_it_says_that_nobody_is_configured(settings: Any, address: str) -> None:
    settings.FMCSA_URL = address
    with pytest.raises(fmcsa.FmcsaAway, match="OPENINSURE_FMCSA_URL"):
        fmcsa.registry().ask(USDOT)


@pytest.mark.parametrize("content", [None, "{}", "[1]", "{"])
def test_it_reads_a_file_that_does_not_help(file: Path, content: str | None) -> None:
    file.unlink() if content is None else file.write_text(content)
    with pytest.raises((Conflict, fmcsa.FmcsaAway)):
        fmcsa.registry().ask(USDOT)


def offer(client: Client, number: str) -> dict[str, Any]:
    """The form beside the carrier's file."""
    address = f"/submissions/{number}?tab=carrier"
    body = client.get(address, headers={"accept": "application/json"}).json()
    (found,) = body["panels"]["actions"]["rows"]
    return dict(found)


def snapshots(scope: Scope) -> list[tuple[str | None, int | None]]:
    with entered(scope):
        rows = models.FmcsaSnapshot.objects.within(scope).order_by("fetched_at")
        return list(rows.values_list("authority_status", "power_units"))


@pytest.mark.django_db(databases=DATABASES)
class TestRefresh:
    """The act on a submission's carrier."""

    def test_it_keeps_every_snapshot_and_follows_the_newest(self, acme: Scope, file: Path) -> None:
        carrier = world.carrier(acme, legal_name="Haulier LLC", usdot_number=USDOT)
        world.snapshot(acme, carrier, world.NOW.replace(year=2025))
        row = world.submission(acme, usdot_number=USDOT, motor_carrier_id=carrier.id)
        script = people.bearer(acme.org_id, "underwriter")
        form = offer(script, row.submission_number)
        assert [send(script, form).status_code for _ in range(3)] == [200] * 3
        assert snapshots(acme) == [("active", 5), ("active", 9)]
        name = "submission.fmcsa_refreshed"
        assert events(acme, row) == [(name, "received", "received")]
        assert audited(acme, row) == [f"{name}.intent", name]
        with entered(acme):
            now = models.MotorCarrier.objects.within(acme).get(id=carrier.id)
            newest = models.FmcsaSnapshot.objects.within(acme).get(power_units=9)
        assert (now.latest_snapshot_id, now.total_power_units, now.total_drivers) == (
            newest.id, 9, 11,
        )  # fmt: skip
        desk = people.browser(acme.org_id, "underwriter")
        page = desk.get(f"/submissions/{row.submission_number}?tab=carrier").content.decode()
        assert "Earlier snapshots" in page
        assert "0 days" in page

    def test_it_opens_a_file_for_a_number_without_one(self, acme: Scope, file: Path) -> None:
        row = world.submission(acme, usdot_number=USDOT)
        script = people.bearer(acme.org_id, "underwriter")
        assert send(script, offer(script, row.submission_number)).status_code == 200
        with entered(acme):
            carrier = models.MotorCarrier.objects.within(acme).get()
            after = models.Submission.objects.within(acme).get()
        assert (carrier.legal_name, after.motor_carrier_id) == ("HAULIER, L.L.C.", carrier.id)

    def test_it_says_a_refusal_and_changes_nothing(self, acme: Scope, file: Path) -> None:
        file.write_text("{}")
        row = world.submission(acme, usdot_number=USDOT)
        script = people.bearer(acme.org_id, "underwriter")
        desk = people.browser(acme.org_id, "underwriter")
        told = send(desk, offer(desk, row.submission_number))
        assert told.status_code == 409
        assert "FMCSA knows no carrier with DOT number 1234567." in told.content.decode()
        file.write_text("{")
        refused = send(script, offer(script, row.submission_number))
        assert (refused.status_code, refused.json()["error"]) == (503, "fmcsa_unavailable")
        assert (snapshots(acme), events(acme, row)) == ([], [])
        with entered(acme):
            rows = AuditLog.objects.within(acme).filter(entity_id=row.id).order_by("seq")
            kept = list(rows.values_list("action", "reason"))
        assert [action for action, _ in kept] == ["submission.fmcsa_refreshed.failed"] * 2
        assert kept[0][1].startswith("FMCSA knows no carrier with DOT number 1234567.")
        assert kept[1][1].startswith("The file of answers cannot be read")

    def test_it_offers_nothing_without_number_or_permission(self, acme: Scope, file: Path) -> None:
        without = world.submission(acme, usdot_number=None)
        row = world.submission(acme, usdot_number=USDOT)
        for role, number in (
            ("underwriter", without.submission_number), ("support", row.submission_number),
        ):  # fmt: skip
            client = people.bearer(acme.org_id, role)
            body = client.get(f"/submissions/{number}?tab=carrier").json()
            assert body["panels"]["actions"]["rows"] == [], role
