"""The SMTP adapter of the mail port: one connection a letter, one deadline over all of it."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage

from openinsure.console.mail import (
    Letter,
    MailAway,
    MailRefused,
    MailUnknown,
    compose,
)
from openinsure.mail_url import MailUrl

STEP_S = 5.0  # one answer of the server
DEADLINE_S = 15.0  # the whole conversation, a dripping server included
YES, TRANSIENT, PERMANENT = 200, 400, 500


@dataclass(frozen=True, slots=True)
class Smtp:
    """smtp:// (STARTTLS, demanded where encrypted) or smtps:// (TLS from the first byte)."""

    place: MailUrl
    encrypted: bool
    step_s: float = STEP_S
    deadline_s: float = DEADLINE_S

    def send(self, letter: Letter) -> None:
        """Raises MailRefused, MailAway, or MailUnknown once the text was under way."""
        message = compose(letter, self.place.sender)
        try:
            server = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise _told(error) from error
        with _deadline(server, self.deadline_s):
            try:
                self._greet(server)
                _envelope(server, self.place.sender, letter.to)
            except (OSError, smtplib.SMTPException) as error:
                raise _told(error) from error
            _hand_over(server, message)

    def _connect(self) -> smtplib.SMTP:
        if self.place.scheme == "smtps":
            secure = ssl.create_default_context()
            return smtplib.SMTP_SSL(
                self.place.host, self.place.port, timeout=self.step_s, context=secure
            )
        return smtplib.SMTP(self.place.host, self.place.port, timeout=self.step_s)

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


@contextmanager
def _deadline(server: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """Cut the connection when the time is over, and close it at the end."""
    timer = threading.Timer(seconds, _cut, [server])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        server.close()


def _cut(server: smtplib.SMTP) -> None:
    if server.sock is not None:
        try:
            server.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # closed already
