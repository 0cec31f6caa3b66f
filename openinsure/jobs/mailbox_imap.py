"""The IMAP adapter of the mailbox port: verified TLS, a deadline on each answer, moves by copy."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from openinsure.jobs.mailboxes import BYTES_MAX, READ_MAX, MailboxAway

R = TypeVar("R")
STEP_S = 10.0


@dataclass(slots=True, eq=False)
class Imap:
    """A folder of an IMAP account; what is taken or set aside goes to Taken and Poison.

    One connection serves all calls until `close` or a failure; the next call opens another.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str
    _server: imaplib.IMAP4_SSL | None = field(default=None, init=False, repr=False)

    @property
    def name(self) -> str:
        """What the message rows call the mailbox."""
        return f"{self.host}/{self.folder}"[:128]

    def waiting(self) -> Sequence[str]:
        """UIDs, ascending."""

        def search(server: imaplib.IMAP4_SSL) -> Sequence[str]:
            kind, found = server.uid("SEARCH", "UNDELETED")
            _check(kind)
            return [key.decode() for key in (found[0] or b"").split()[:READ_MAX]]

        return self._ask(search)

    def read(self, key: str) -> bytes | None:
        """The text of one message, without marking it as seen."""

        def fetch(server: imaplib.IMAP4_SSL) -> bytes | None:
            kind, found = server.uid("FETCH", key, f"(BODY.PEEK[]<0.{BYTES_MAX + 1}>)")
            _check(kind)
            texts = [part[1] for part in found if isinstance(part, tuple)]
            return texts[0] if texts else None

        return self._ask(fetch)

    def take(self, key: str) -> None:
        """Copy it to Taken, then delete it here."""
        self._move(key, "Taken")

    def set_aside(self, key: str) -> None:
        """Copy it to Poison, then delete it here."""
        self._move(key, "Poison")

    def close(self) -> None:
        """Sign out; nothing of it can fail."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                server.logout()

    def _move(self, key: str, to: str) -> None:
        def move(server: imaplib.IMAP4_SSL) -> None:
            server.create(to)  # answers NO where it exists
            kind, _ = server.uid("COPY", key, to)
            _check(kind)
            kind, _ = server.uid("STORE", key, "+FLAGS", r"(\Deleted)")
            _check(kind)
            server.expunge()

        self._ask(move)

    def _ask(self, work: Callable[[imaplib.IMAP4_SSL], R]) -> R:
        """What `work` gives. Whatever fails is MailboxAway, without the server's own text."""
        try:
            if self._server is None:
                self._server = self._opened()
            return work(self._server)
        except (OSError, imaplib.IMAP4.error, MailboxAway) as error:
            self.close()
            if isinstance(error, MailboxAway):
                raise
            raise MailboxAway(type(error).__name__) from error

    def _opened(self) -> imaplib.IMAP4_SSL:
        """Signed in, the folder selected."""
        trusted = ssl.create_default_context()
        server = imaplib.IMAP4_SSL(self.host, self.port, timeout=STEP_S, ssl_context=trusted)
        try:
            try:
                server.login(self.user, self.password)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                raise MailboxAway("the mailbox refused the sign-in") from error
            kind, _ = server.select(self.folder)
            _check(kind)
        except BaseException:
            with suppress(OSError, imaplib.IMAP4.error):
                server.shutdown()
            raise
        return server


def _check(kind: str) -> None:
    if kind != "OK":
        raise MailboxAway("the server refused a command")
