"""Letters: written into a maildir, handed to a server, refused, late or lost on the way."""

from __future__ import annotations

import mailbox
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from openinsure.console.mail import (
    Letter,
    MailAway,
    Maildir,
    Mailer,
    MailRefused,
    MailUnknown,
    mailer,
)
from openinsure.console.mail_smtp import Smtp
from openinsure.environment import ConfigurationError
from openinsure.mail_url import MailUrl

LETTER = Letter("0190-1", "payer@insured.test", "Payment\ndue: café", "Dear payer,\n.\nten dollars")
Answers = dict[bytes, bytes]
OK: Answers = {
    b"EHLO": b"250 hello\r\n",
    b"MAIL": b"250 ok\r\n",
    b"RCPT": b"250 ok\r\n",
    b"DATA": b"354 go on\r\n",
    b".": b"250 taken\r\n",
}


@contextmanager
def server(answers: Answers) -> Iterator[tuple[int, list[bytes]]]:
    """A mail server that answers each verb as told; b"" hangs up, a missing one never answers."""
    listening = socket.create_server(("127.0.0.1", 0))
    said: list[bytes] = []
    thread = threading.Thread(target=_serve, args=(listening, answers, said), daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1], said
    finally:
        listening.close()
        thread.join(5)


def _serve(listening: socket.socket, answers: Answers, said: list[bytes]) -> None:
    talk, _ = listening.accept()
    with talk, talk.makefile("rb") as lines:
        talk.sendall(b"220 ready\r\n")
        in_text = False
        for line in lines:
            said.append(line)
            verb = line.strip() if in_text else line[:4].upper()
            if in_text and verb != b".":
                continue
            in_text = verb == b"DATA"
            if (answer := answers.get(verb)) == b"":
                return
            if answer:
                talk.sendall(answer)


def smtp(port: int, *, step_s: float = 5.0, deadline_s: float = 15.0) -> Smtp:
    place = MailUrl.parse(f"smtp://127.0.0.1:{port}?from=notices@mga.test")
    return Smtp(place, encrypted=False, step_s=step_s, deadline_s=deadline_s)


def test_it_writes_a_letter_into_a_maildir(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "mail"
    Maildir(folder, "notices@mga.test").send(LETTER)
    (found,) = mailbox.Maildir(folder)
    assert found["To"] == "payer@insured.test"
    assert found["Message-ID"] == "<0190-1@mga.test>"
    assert "Payment due" in str(found["Subject"]) or "=?utf-8?" in str(found["Subject"])
    assert b"ten dollars" in (found.get_payload(decode=True) or b"")


def test_it_hands_a_letter_to_a_server() -> None:
    with server(OK) as (port, said):
        smtp(port).send(LETTER)
    whole = b"".join(said)
    assert b"mail FROM:<notices@mga.test>" in whole or b"MAIL FROM:<notices@mga.test>" in whole
    assert b"\r\n..\r\n" in whole  # a dot alone would end the letter
    assert b"\r\nMessage-ID: <0190-1@127.0.0.1>" not in whole
    assert b"<0190-1@mga.test>" in whole


BROKEN: list[Any] = [
    ({**OK, b"RCPT": b"550 no such payer@insured.test\r\n"}, MailRefused),
    ({**OK, b"RCPT": b"451 later\r\n"}, MailAway),
    ({**OK, b"MAIL": b""}, MailAway),
    ({**OK, b"DATA": b"554 spam\r\n"}, MailRefused),
    ({**OK, b".": b"552 too large\r\n"}, MailRefused),
    ({**OK, b".": b"452 full\r\n"}, MailAway),
    ({**OK, b".": b""}, MailUnknown),
]


@pytest.mark.parametrize(("answers", "raised"), BROKEN)
def test_it_tells_refused_from_away_from_unknown(answers: Answers, raised: type[Exception]) -> None:
    with server(answers) as (port, _), pytest.raises(raised) as told:
        smtp(port).send(LETTER)
    assert "payer@" not in str(told.value)


def test_it_waits_no_longer_than_its_deadline() -> None:
    silent = {verb: answer for verb, answer in OK.items() if verb != b"RCPT"}
    with server(silent) as (port, _), pytest.raises(MailAway):
        smtp(port, step_s=60, deadline_s=0.2).send(LETTER)
    with server({**OK, b".": b"25"}) as (port, _), pytest.raises(MailUnknown):
        smtp(port, step_s=60, deadline_s=0.2).send(LETTER)


def test_it_gives_up_on_a_greeting_that_drips() -> None:
    over, found = threading.Event(), list[Exception]()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            talk, _ = listening.accept()
            with talk, suppress(OSError):
                while not over.wait(0.02):
                    talk.sendall(b"2")

        def send() -> None:
            try:
                smtp(listening.getsockname()[1], deadline_s=0.2).send(LETTER)
            except MailAway as away:
                found.append(away)

        threading.Thread(target=drip, daemon=True).start()
        sending = threading.Thread(target=send, daemon=True)
        sending.start()
        sending.join(10)
        alive = sending.is_alive()
        over.set()
    assert (alive, len(found)) == (False, 1)


def test_it_says_away_where_nobody_listens(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(MailAway):
        smtp(port).send(LETTER)
    (tmp_path / "mail").write_text("a file, no folder")
    with pytest.raises(MailAway):
        Maildir(tmp_path / "mail", "notices@mga.test").send(LETTER)


def test_it_demands_encryption_outside_local() -> None:
    with server(OK) as (port, said), pytest.raises(MailAway):
        Smtp(MailUrl.parse(f"smtp://u:p@127.0.0.1:{port}"), encrypted=True).send(LETTER)
    assert not any(line.upper().startswith(b"AUTH") for line in said)


@pytest.mark.parametrize("to", ["", "no address", "a@b.test\r\nBcc: c@d.test", "a@b.test,c@d.test"])
def test_it_refuses_what_is_no_address(tmp_path: Path, to: str) -> None:
    with pytest.raises(MailRefused):
        Maildir(tmp_path / "mail", "notices@mga.test").send(Letter("1", to, "s", "t"))


@pytest.mark.parametrize(
    "text",
    ["", "smtp://", "smtp://host:many", "ftp://host", "maildir://relative", "smtp://h?from=x"],
)
def test_it_names_the_variable_of_an_unreadable_address(text: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        MailUrl.parse(text)
    assert str(told.value).startswith("EMAIL_URL: ")


def test_it_picks_the_adapter_by_address(settings: Any, tmp_path: Path) -> None:
    def picked(url: str) -> Mailer:
        settings.EMAIL_URL = url
        return mailer()

    make: Callable[[str], Mailer] = picked
    assert isinstance(make(f"maildir://{tmp_path}"), Maildir)
    found = make("smtps://user:p%40ss@mail.test?from=a@mga.test")
    assert isinstance(found, Smtp)
    assert (found.place.port, found.place.password) == (465, "p@ss")
    assert "p@ss" not in repr(found)
