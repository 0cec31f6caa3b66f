"""The SMTP adapter of the mail port: one connection a letter, one deadline over all of it."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import closing
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from openinsure.console.mail import (
    Letter,
    MailAway,
    MailRefused,
    MailUnknown,
    compose,
)
from openinsure.cutting import cut_after
from openinsure.mail_url import MailUrl

STEP_S = 5.0  # one answer of the server
DEADLINE_S = 15.0  # the whole conversation, a dripping server included
YES, TRANSIENT, PERMANENT = 200, 400, 500
READY = 220


class _Later(smtplib.SMTP):
    """Connects when told, not when made; TLS checks this host's name."""

    def __init__(self, host: str, **options: Any) -> None:
        super().__init__(**options)
        self._host = host  # what __init__ keeps of a host that it connects to


class _LaterTls(_Later, smtplib.SMTP_SSL):
    """The same, TLS from the first byte."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """smtp:// (STARTTLS, demanded where encrypted) or smtps:// (TLS from the first byte)."""

    place: MailUrl
    encrypted: bool
    step_s: float = STEP_S
    deadline_s: float = DEADLINE_S

    def send(self, letter: Letter) -> None:
        """Raises MailRefused, MailAway, or MailUnknown once the text was under way."""
        message, server = compose(letter, self.place.sender), self._server()
        with closing(server), cut_after(self.deadline_s, lambda: server.sock):
            try:
                code, _ = server.connect(self.place.host, self.place.port)
                if code != READY:
                    raise MailAway(f"the mail server answered {code}")
                self._greet(server)
                _envelope(server, self.place.sender, letter.to)
            except (OSError, smtplib.SMTPException) as error:
                raise _told(error) from error
            _hand_over(server, message)

    def _server(self) -> smtplib.SMTP:
        """Not connected yet, so that the deadline holds over the greeting too."""
        if self.place.scheme == "smtps":
            secure = ssl.create_default_context()
            return _LaterTls(self.place.host, timeout=self.step_s, context=secure)
        return _Later(self.place.host, timeout=self.step_s)

    def _greet(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if self.place.scheme == "smtp" and (self.encrypted or server.has_extn("starttls")):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if self.place.user:
            server.login(self.place.user, self.place.password)


def _envelope(server: smtplib.SMTP, sender: str, to: str) -> None:
    for code, _ in (server.mail(sender), server.rcpt(to)):
        _check(code, MailAway)


def _hand_over(server: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        code, _ = server.data(message.as_bytes())
    except smtplib.SMTPDataError as error:  # the answer to DATA itself: nothing was sent
        raise _told(error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise MailUnknown(type(error).__name__) from error
    _check(code, MailUnknown)


def _check(code: int, otherwise: type[MailAway] | type[MailUnknown]) -> None:
    """Raises unless it is a yes. otherwise: what a reply that is no reply means here."""
    if code >= PERMANENT:
        raise MailRefused(f"the mail server answered {code}")
    if code >= TRANSIENT:
        raise MailAway(f"the mail server answered {code}")
    if not YES <= code < YES + 100:
        raise otherwise(f"the mail server answered {code}")


def _told(error: Exception) -> MailAway | MailRefused:
    """The text of the server stays out: it may repeat the address."""
    code = getattr(error, "smtp_code", 0)
    if isinstance(error, smtplib.SMTPDataError) and code >= PERMANENT:
        return MailRefused(f"the mail server answered {code}")
    return MailAway(f"the mail server answered {code}" if code else type(error).__name__)
