"""Sending one letter: the port, its address EMAIL_URL, and the maildir that local machines use.

A letter either went, did not go (MailAway, MailRefused), or nobody knows (MailUnknown): then it
is never sent again by itself. No address or text of a letter is logged.
"""

from __future__ import annotations

import mailbox
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as LINES
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils import timezone

from openinsure.mail_url import MailUrl, is_address


class MailAway(Exception):
    """The mail server did not take the letter; it may be sent later."""


class MailRefused(Exception):
    """The mail server will never take this letter. `args[0]` is a reason without an address."""


class MailUnknown(Exception):
    """The connection broke after the letter was handed over: it may have gone."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One plain text to one address. id: of the row it is sent for; repeats carry the same."""

    id: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)


class Mailer(Protocol):
    """Where letters go."""

    def send(self, letter: Letter) -> None:
        """Hand it over. Raises MailRefused, MailAway or MailUnknown."""


def compose(letter: Letter, sender: str) -> EmailMessage:
    """The message as it is sent. Raises MailRefused for what is no address."""
    if not is_address(letter.to):
        raise MailRefused("the recipient is no e-mail address")
    message = EmailMessage(policy=LINES)
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = " ".join(letter.subject.split())  # a line break would start a header
    message["Date"] = format_datetime(timezone.now())
    message["Message-ID"] = f"<{letter.id}@{sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message


@dataclass(frozen=True, slots=True)
class Maildir:
    """A folder instead of a server: each letter a file, moved into place when whole."""

    folder: Path
    sender: str

    def send(self, letter: Letter) -> None:
        """Raises MailRefused, or MailAway where the folder cannot be written."""
        message = compose(letter, self.sender)
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            mailbox.Maildir(self.folder, create=True).add(message)
        except OSError as error:
            raise MailAway(type(error).__name__) from error


def mailer() -> Mailer:
    """The adapter that EMAIL_URL names."""
    place = MailUrl.parse(str(settings.EMAIL_URL))
    if place.scheme == "maildir":
        return Maildir(Path(place.path), place.sender)
    from openinsure.console.mail_smtp import Smtp  # the adapter builds on this port

    return Smtp(place, encrypted=str(settings.ENVIRONMENT) != "local")
