"""The IMAP adapter of the mailbox port: TLS, a deadline on each answer, messages moved by copy."""

from __future__ import annotations

import imaplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from openinsure.jobs.mailboxes import BYTES_MAX, READ_MAX, MailboxAway

STEP_S = 10.0


@dataclass(frozen=True, slots=True)
class Imap:
    """A folder of an IMAP account; what is taken or set aside goes to Taken and Poison."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str

    @property
    def name(self) -> str:
        """What the message rows call the mailbox."""
        return f"{self.host}/{self.folder}"[:128]

    def waiting(self) -> Sequence[str]:
        """UIDs, ascending."""
        with self._open() as server:
            kind, found = server.uid("SEARCH", "UNDELETED")
            _check(kind)
            return [key.decode() for key in found[0].split()[:READ_MAX]]

    def read(self, key: str) -> bytes | None:
        """The text of one message, without marking it as seen."""
        with self._open() as server:
            kind, found = server.uid("FETCH", key, f"(BODY.PEEK[]<0.{BYTES_MAX + 1}>)")
            _check(kind)
            texts = [part[1] for part in found if isinstance(part, tuple)]
            return texts[0] if texts else None

    def take(self, key: str) -> None:
        """Copy it to Taken, then delete it here."""
        self._move(key, "Taken")

    def set_aside(self, key: str) -> None:
        """Copy it to Poison, then delete it here."""
        self._move(key, "Poison")

    def _move(self, key: str, to: str) -> None:
        with self._open() as server:
            server.create(to)  # answers NO where it exists
            kind, _ = server.uid("COPY", key, to)
            _check(kind)
            kind, _ = server.uid("STORE", key, "+FLAGS", r"(\Deleted)")
            _check(kind)
            server.expunge()

    @contextmanager
    def _open(self) -> Iterator[imaplib.IMAP4_SSL]:
        """Signed in, the folder selected. Whatever fails is MailboxAway, without its text."""
        try:
            with imaplib.IMAP4_SSL(self.host, self.port, timeout=STEP_S) as server:
                server.login(self.user, self.password)
                kind, _ = server.select(self.folder)
                _check(kind)
                yield server
        except (OSError, imaplib.IMAP4.error) as error:
            raise MailboxAway(type(error).__name__) from error


def _check(kind: str) -> None:
    if kind != "OK":
        raise MailboxAway("the server refused a command")
