"""Handing a file to the state: the port, and the folder that stands for it.

The agency takes PGP files over SFTP; what watches the folder does that. A name is written once:
a repeat with the same bytes is done already.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from django.conf import settings


class TransportAway(Exception):
    """The file was not taken; it stays due."""


class Transport(Protocol):
    """Where files go."""

    def send(self, name: str, content: bytes) -> None:
        """Hand it over whole. Raises TransportAway."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A drop folder: each file appears whole or not at all."""

    path: Path

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


def transport() -> Transport:
    """The adapter that OPENINSURE_DHSMV_URL names."""
    parts = urlsplit(str(settings.DHSMV_URL))
    if parts.scheme == "folder" and parts.path.startswith("/"):
        return Folder(Path(unquote(parts.path)))
    return Nowhere()
