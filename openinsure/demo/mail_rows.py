"""Mail that came in: filed to submissions and claims, new, dismissed; what is nobody's, and one
message that no program can read, at the platform.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from random import Random
from typing import Any

from openinsure.demo.book import Book
from openinsure.demo.clock import days, office_hours
from openinsure.demo.ids import row_id
from openinsure.keyspaces.ids import fixed_id

MAILBOX = "maildir"
FILED = 5  # messages filed to submissions, and to claims
# Subject, kind, how it stands, days ago.
LOOSE = (
    ("Loss runs for our renewal", "new_business", "new", 0),
    ("Photos of the accident on I-95", "claim_notice", "new", 1),
    ("Question about our certificate", "other", "new", 2),
    ("Newsletter: trucking rates this month", "other", "dismissed", 4),
)


def address_of(slug: str) -> str:
    """Where mail for an organisation of the demo comes in."""
    return f"inbox@{slug}.test"


class Post:
    """The mail of one organisation, of draws of its own."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.rng = Random(f"{book.today}:{book.spec.slug}:mail")
        self.submissions: list[dict[str, Any]] = []
        self.claims: list[dict[str, Any]] = []

    def remember(self, submissions: list[dict[str, Any]], claims: list[dict[str, Any]]) -> None:
        """The newest objects made so far: what the mail will be about."""
        self.submissions = [*self.submissions, *submissions][-FILED:]
        self.claims = [*self.claims, *claims][-FILED:]

    def take_in(self) -> None:
        """Messages about objects of the organisation, and some that nobody has filed yet."""
        for place, row in enumerate(self.submissions):
            subject = f"Re: {row['submission_number']}: completed application"
            filed = self._message(subject, "submission", "filed", place)
            filed["submission_id"] = row["id"]
            self._attachment(filed, "application.pdf")
        for place, row in enumerate(self.claims):
            subject = f"Claim {row['claim_number']}: repair estimate"
            filed = self._message(subject, "claim", "filed", place)
            filed["claim_id"] = row["id"]
            self._attachment(filed, "estimate.pdf")
        for subject, kind, status, back in LOOSE:
            self._message(subject, kind, status, back)

    def set_aside(self) -> None:
        """What the platform keeps for a person: mail for nobody, and bytes that are no message."""
        self._message("To whom it may concern", "other", "quarantined", 3)
        poison = self._message("", "unreadable", "set_aside", 2)
        poison |= {
            "from_address": "",
            "subject": None,
            "message_id": f"sha256:{sha256(self.book.spec.canary.encode()).hexdigest()}",
            "error_text": "its headers or parts are broken (HeaderParseError)",
        }

    def _message(self, subject: str, kind: str, status: str, back: int) -> dict[str, Any]:
        book, number = self.book, self.book.next("inbound_message")
        when = office_hours(self.rng, book.today - days(back + 1))
        taken = when + timedelta(minutes=15 - when.minute % 15)
        return book.basket.add(
            "inbound_messages",
            id=row_id(self.rng, taken),
            mailbox=MAILBOX,
            message_id=f"<{number:06d}.{book.spec.slug}@mail.example>",
            from_address=f"office{number}@haulier.example",
            subject=book.named(subject),
            received_at=when,
            status=status,
            classified_as=kind,
            created_at=taken,
            updated_at=taken,
        )

    def _attachment(self, message: dict[str, Any], name: str) -> None:
        digest = sha256(f"{message['id']}/{name}".encode()).hexdigest()
        self.book.basket.add(
            "inbound_attachments",
            id=fixed_id(message["id"], 0, digest),
            message_id=message["id"],
            file_name=name,
            content_type="application/pdf",
            size_bytes=self.rng.randint(40_000, 900_000),
            sha256=digest,
            storage_key=f"inbound/{self.book.spec.id}/{digest}",
            extraction_status="pending",
            created_at=message["created_at"],
            updated_at=message["created_at"],
        )
