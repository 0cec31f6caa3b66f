"""Handing a file to the state: the port, and the folder that stands for it.

The agency takes PGP files over SFTP; what watches the folder does that. A name is written once:
a repeat with the same bytes is done already.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import unquote, urlsplit

from django.conf import settings

from openinsure.jobs.dhsmv_returns import BYTES_MAX

RETURNS = "returns"
Put = Literal["taken", "unreadable", "unknown"]  # what became of an answer


class TransportAway(Exception):
    """The file was not taken; it stays due."""


class Transport(Protocol):
    """Where files go."""

    def send(self, name: str, content: bytes) -> None:
        """Hand it over whole. Raises TransportAway."""

    def returns(self) -> Sequence[str]:
        """Names of answers not taken yet, in their order. Raises TransportAway."""

    def read(self, name: str) -> bytes:
        """One answer. Raises TransportAway."""

    def put_away(self, name: str, to: Put) -> None:
        """It is taken, or set aside for a person. Raises TransportAway."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A drop folder: each file appears whole or not at all. Answers come in its folder `returns`,
    and go to `returns/taken`, or to `unreadable` or `unknown` beside it.
    """

    path: Path

    def returns(self) -> Sequence[str]:
        """Files that do not begin with a dot, by name."""
        folder = self.path / RETURNS
        try:
            found = [file.name for file in folder.iterdir() if file.is_file()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise TransportAway(type(error).__name__) from error
        return sorted(name for name in found if not name.startswith("."))

    def read(self, name: str) -> bytes:
        """At most one byte more than a return may have."""
        try:
            with (self.path / RETURNS / name).open("rb") as file:
                return file.read(BYTES_MAX + 1)
        except OSError as error:
            raise TransportAway(type(error).__name__) from error

    def put_away(self, name: str, to: Put) -> None:
        """Move it; one that another worker moved is away already."""
        target = self.path / RETURNS / to
        try:
            target.mkdir(parents=True, exist_ok=True)
            (self.path / RETURNS / name).rename(target / name)
        except FileNotFoundError:
            return
        except OSError as error:
            raise TransportAway(type(error).__name__) from error

    def send(self, name: str, content: bytes) -> None:
        """Raises TransportAway where the folder cannot be written."""
        target, part = self.path / name, self.path / f".{name}.part"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
        except OSError as error:
            raise TransportAway(type(error).__name__) from error


@dataclass(frozen=True, slots=True)
class Nowhere:
    """No transport is configured."""

    def send(self, name: str, content: bytes) -> None:
        """Raises TransportAway always."""
        raise TransportAway("OPENINSURE_DHSMV_URL is not set")

    def returns(self) -> Sequence[str]:
        """None."""
        return ()

    def read(self, name: str) -> bytes:
        """Raises TransportAway always."""
        raise TransportAway("OPENINSURE_DHSMV_URL is not set")

    def put_away(self, name: str, to: Put) -> None:
        """There is nothing to put away."""


def transport() -> Transport:
    """The adapter that OPENINSURE_DHSMV_URL names."""
    parts = urlsplit(str(settings.DHSMV_URL))
    if parts.scheme == "folder" and parts.path.startswith("/"):
        return Folder(Path(unquote(parts.path)))
    return Nowhere()
