"""An inbound message taken apart: who, what, to whom, its attachments. Pure; raises Unreadable."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import PurePosixPath

from openinsure.jobs.mailboxes import BYTES_MAX

RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To")
CLAIM = re.compile(r"\bCLM-[A-Z0-9]{2,8}-\d{6}\b")
SUBMISSION = re.compile(r"\bSUB-[A-Z0-9]{2,8}-\d{6}\b")
KINDS = (
    ("claim_notice", re.compile(r"(?i)\b(claim|loss|accident|collision|injur\w+)\b")),
    ("new_business", re.compile(r"(?i)\b(submission|quote|application|acord|renewal)\b")),
)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
TEXT_SEARCHED = 20_000  # characters of the body looked through for numbers
NAME_MAX = 255


class Unreadable(Exception):
    """The bytes are no message that can be filed. Text: why, without content."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a message."""

    name: str
    content_type: str
    content: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """The digest, hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a message says. claims, submissions: numbers named, the subject's first."""

    message_id: str
    sender: str = field(repr=False)
    recipients: frozenset[str] = field(repr=False)
    subject: str = field(repr=False)
    sent_at: datetime | None
    kind: str
    claims: tuple[str, ...]
    submissions: tuple[str, ...]
    attachments: tuple[Attachment, ...]


def parse(raw: bytes) -> Incoming:
    """Raises Unreadable for what is empty, too large, without a sender, or broken."""
    if not raw.strip():
        raise Unreadable("it is empty")
    if len(raw) > BYTES_MAX:
        raise Unreadable("it is larger than 25 MB")
    try:
        return _parsed(raw)
    except Unreadable:
        raise
    except Exception as error:  # the parser raises many kinds on what strangers send
        raise Unreadable(f"its headers or parts are broken ({type(error).__name__})") from error


def _parsed(raw: bytes) -> Incoming:
    message = BytesParser(policy=policy.default).parsebytes(raw)
    assert isinstance(message, EmailMessage)
    senders = [address for _, address in getaddresses([str(message.get("From", ""))]) if address]
    if not senders:
        raise Unreadable("it names no sender")
    subject = " ".join(str(message.get("Subject", "")).split())
    text = f"{subject}\n{_text(message)}".upper()
    own = " ".join(str(message.get("Message-ID", "")).split())
    return Incoming(
        message_id=own[:NAME_MAX] or f"sha256:{hashlib.sha256(raw).hexdigest()}",
        sender=senders[0][:NAME_MAX],
        recipients=frozenset(_addresses(message)),
        subject=subject[:NAME_MAX],
        sent_at=_sent_at(message),
        kind=next((kind for kind, words in KINDS if words.search(subject)), "other"),
        claims=tuple(dict.fromkeys(CLAIM.findall(text))),
        submissions=tuple(dict.fromkeys(SUBMISSION.findall(text))),
        attachments=tuple(_attachments(message)),
    )


def _addresses(message: EmailMessage) -> Iterator[str]:
    values = [str(value) for name in RECIPIENTS for value in message.get_all(name, [])]
    for _, address in getaddresses(values):
        if address:
            yield address.lower()


def _text(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain", "html"))
    return str(body.get_content())[:TEXT_SEARCHED] if body is not None else ""


def _sent_at(message: EmailMessage) -> datetime | None:
    try:
        at = parsedate_to_datetime(str(message.get("Date", "")))
    except (TypeError, ValueError):
        return None
    return at.astimezone(UTC) if at.tzinfo and at.astimezone(UTC) >= EARLIEST else None


def _attachments(message: EmailMessage) -> Iterator[Attachment]:
    for number, part in enumerate(message.iter_attachments(), 1):
        name = PurePosixPath((part.get_filename() or "").replace("\\", "/")).name
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield Attachment(name[:NAME_MAX] or f"part-{number}", part.get_content_type(), content)
