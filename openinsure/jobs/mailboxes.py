"""Where mail comes in: the port, and the maildir that local machines use.

A message stays waiting until it is taken or set aside, so a killed run reads it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from django.conf import settings

READ_MAX = 500  # messages a run; the rest waits for the next
BYTES_MAX = 25 * 1024 * 1024


class MailboxAway(Exception):
    """The mailbox gives no answer; everything waits. Text: a reason without an address."""


class Mailbox(Protocol):
    """One inbox for all organisations."""

    @property
    def name(self) -> str:
        """What the message rows call it."""

    def waiting(self) -> Sequence[str]:
        """Keys of what is not taken yet, the oldest first, at most READ_MAX. Raises MailboxAway."""

    def read(self, key: str) -> bytes | None:
        """The message; None when another worker took it meanwhile. Raises MailboxAway."""

    def take(self, key: str) -> None:
        """It is stored: out of the way. Raises MailboxAway."""

    def set_aside(self, key: str) -> None:
        """It cannot be read: kept apart for a person. Raises MailboxAway."""

    def close(self) -> None:
        """No more is asked for now."""


@dataclass(frozen=True, slots=True)
class Maildir:
    """A maildir; what is taken or set aside moves to its folders .Taken and .Poison."""

    folder: Path
    name: str = "maildir"

    def waiting(self) -> Sequence[str]:
        """Names of the files in new and cur, by name: they begin with their time."""
        try:
            found = [
                f"{place}/{file.name}"
                for place in ("new", "cur")
                if (self.folder / place).is_dir()
                for file in (self.folder / place).iterdir()
                if not file.name.startswith(".")
            ]
        except OSError as error:
            raise MailboxAway(type(error).__name__) from error
        return sorted(found, key=lambda key: key.partition("/")[2])[:READ_MAX]

    def read(self, key: str) -> bytes | None:
        """At most one byte more than BYTES_MAX."""
        try:
            with (self.folder / key).open("rb") as file:
                return file.read(BYTES_MAX + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise MailboxAway(type(error).__name__) from error

    def take(self, key: str) -> None:
        """Move it to .Taken."""
        self._move(key, ".Taken")

    def set_aside(self, key: str) -> None:
        """Move it to .Poison."""
        self._move(key, ".Poison")

    def close(self) -> None:
        """Nothing is held open."""

    def _move(self, key: str, to: str) -> None:
        try:
            for part in ("tmp", "new", "cur"):
                (self.folder / to / part).mkdir(parents=True, exist_ok=True)
            (self.folder / key).rename(self.folder / to / "cur" / Path(key).name)
        except FileNotFoundError:
            return  # another worker moved it
        except OSError as error:
            raise MailboxAway(type(error).__name__) from error


def inbox() -> Mailbox | None:
    """The adapter that OPENINSURE_MAILBOX_URL names, None for none. Raises MailboxAway."""
    text = str(settings.MAILBOX_URL)
    parts = urlsplit(text)
    if not text:
        return None
    if parts.scheme == "maildir" and parts.path.startswith("/"):
        return Maildir(Path(unquote(parts.path)))
    if parts.scheme == "imaps" and parts.hostname:
        from openinsure.jobs.mailbox_imap import Imap  # the adapter builds on this port

        return Imap(
            host=parts.hostname,
            port=parts.port or 993,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path.strip("/")) or "INBOX",
        )
    raise MailboxAway("OPENINSURE_MAILBOX_URL must look like imaps://... or maildir:///folder")
