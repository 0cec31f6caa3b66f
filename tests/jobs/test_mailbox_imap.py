"""Mailbox ingest over IMAP: filed and set aside, refused, hanging, untrusted, gone between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from openinsure.jobs import mailbox_imap, starting
from openinsure.jobs.mailboxes import MailboxAway, inbox
from openinsure.jobs.models import CronRun, JobOrgRun
from openinsure.keyspaces.ids import new_id
from openinsure.orgs.models import OrganizationSetting
from openinsure.settings.databases import KEYSPACES
from openinsure.submissions.models import InboundAttachment, InboundMessage
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests.claims.made import claim
from tests.factories import made
from tests.jobs.imap_double import PASSWORD, USER, Server, certificate, running

pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])
DUE = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
POISON = b"From: =?utf-8?b?\xff?= <>\r\nTo: <a@\r\n\r\n\xff\xfe"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("imap"))


@pytest.fixture
def server(
    keys: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path,
    acme: Scope, borealis: Scope,
) -> Iterator[Server]:  # fmt: skip
    """The double, trusted and configured; two organisations and the platform."""
    monkeypatch.setenv("SSL_CERT_FILE", str(keys[0]))
    ids = (acme.org_id, borealis.org_id, PLATFORM_ORG_ID)
    monkeypatch.setattr(starting, "org_ids", lambda run_id: ids)
    settings.FILES_DIR = str(tmp_path / "files")
    for scope, address in ((acme, "in@acme.test"), (borealis, "in@borealis.test")):
        made(scope, OrganizationSetting, {
            "id": new_id(), "setting_key": "inbound_address", "value": {"addresses": [address]},
            "version": 1, "effective_at": DUE,
        })  # fmt: skip
    with running(*keys) as found:
        address = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@127.0.0.1:{found.port}"
        settings.MAILBOX_URL = f"imaps://{address}/INBOX"
        yield found


def mail(to: str, subject: str, number: int) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "driver@sender.test", to, subject
    message["Message-ID"] = f"<{number}@sender.test>"
    message.set_content("See the photo.")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="photo.png")
    return bytes(message)


def run() -> CronRun:
    """One run of the job as beat starts it."""
    with entered(SystemScope(PLATFORM_ORG_ID, "service:system")):
        CronRun.objects.all().delete()
        found = starting.start(starting.job_named("mailbox-ingest"), now=DUE, scheduled_for=DUE)
    assert found is not None
    return found


def kept(scope: Scope) -> list[tuple[str, str | None]]:
    with entered(scope):
        rows = InboundMessage.objects.within(scope).order_by("message_id")
        return list(rows.values_list("status", "subject"))


def platform() -> Scope:
    return SystemScope(PLATFORM_ORG_ID, "service:system")


def test_it_files_the_others_when_one_cannot_be_read(
    server: Server, acme: Scope, borealis: Scope
) -> None:
    loss = claim(acme, claim_number="CLM-TST-000045")
    server.put(
        mail("in@acme.test", "Re: CLM-TST-000045", 1), POISON,
        mail("in@borealis.test", "A quote, please", 2), b"", mail("who@else.test", "Hello", 3),
    )  # fmt: skip
    done = run()
    assert (done.status, done.rows_processed, done.rows_failed) == ("succeeded", 3, 2)
    assert kept(acme) == [("filed", "Re: CLM-TST-000045")]
    assert kept(borealis) == [("new", "A quote, please")]
    assert sorted(status for status, _ in kept(platform())) == [
        "quarantined", "set_aside", "set_aside"
    ]  # fmt: skip
    with entered(platform()) as scope:
        told = InboundMessage.objects.within(scope).filter(status="set_aside")
        reasons = sorted(told.values_list("error_text", flat=True))
        assert reasons[0].startswith("it ")
    with entered(acme):
        assert InboundMessage.objects.within(acme).get().claim_id == loss.id
        assert InboundAttachment.objects.within(acme).get().file_name == "photo.png"
    assert server.folders["INBOX"] == {}
    assert (len(server.folders["Taken"]), len(server.folders["Poison"])) == (3, 2)
    assert POISON in server.folders["Poison"].values()
    assert "set aside" in (done.error_detail or "")
    assert server.sign_ins == 3  # one an organisation, not one a message
    assert run().rows_processed == 0
    assert len(kept(platform())) == 3


def test_a_message_taken_by_a_killed_run_is_not_taken_twice(server: Server, acme: Scope) -> None:
    server.put(mail("in@acme.test", "Once", 1))
    server.refuse.add("STORE")  # stored here, not yet out of the way there
    assert run().status == "partial"
    server.refuse.clear()
    assert run().status == "succeeded"
    assert kept(acme) == [("new", "Once")]
    assert server.folders["INBOX"] == {}


def test_a_refused_sign_in_is_said_and_nothing_is_lost(
    server: Server, acme: Scope, settings: Any
) -> None:
    server.put(mail("in@acme.test", "Waits", 1))
    settings.MAILBOX_URL = settings.MAILBOX_URL.replace(quote(PASSWORD, safe=""), "wrong")
    done = run()
    assert done.status == "failed"
    assert "the mailbox refused the sign-in" in (done.error_detail or "")
    assert "wrong" not in (done.error_detail or "")
    assert server.sign_ins == 1  # not once an organisation
    with entered(acme):
        part = JobOrgRun.objects.within(acme).get()
        assert (part.status, part.error) == ("failed", "MailboxAway")
    assert len(server.folders["INBOX"]) == 1


@pytest.mark.parametrize("verb", ["LOGIN", "SEARCH", "FETCH", "COPY"])
def test_a_server_that_hangs_is_left_at_the_deadline(
    server: Server, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(mailbox_imap, "STEP_S", 0.3)
    server.put(mail("in@acme.test", "Waits", 1))
    server.hang.add(verb)
    box = inbox()
    assert box is not None
    with pytest.raises(MailboxAway, match="TimeoutError"):
        box.take(box.waiting()[0]) if verb != "FETCH" else box.read(box.waiting()[0])
    server.hang.clear()
    assert len(box.waiting()) == 1  # the next call opens a connection of its own
    box.close()


def test_it_trusts_no_certificate_that_it_cannot_check(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    box = inbox()
    assert box is not None
    with pytest.raises(MailboxAway, match="SSLCertVerificationError"):
        box.waiting()
    assert server.log == []  # no password went


def test_a_message_that_another_worker_took_is_passed_over(server: Server) -> None:
    server.put(mail("in@acme.test", "Gone", 1))
    box = inbox()
    assert box is not None
    assert box.read("7") is None
    box.take("1")
    assert list(box.waiting()) == []
    box.close()
