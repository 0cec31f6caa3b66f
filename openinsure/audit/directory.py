"""The port to the list of organisations: the table belongs to the orgs app, which lies above."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from openinsure.tenancy.scope import DirectoryScope

Find = Callable[[DirectoryScope, str], str | None]  # the name of one organisation
ListIds = Callable[[DirectoryScope], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Directory:
    """Who answers questions about the list of organisations."""

    find_name: Find
    list_ids: ListIds


_registered: list[Directory] = []


def register(directory: Directory) -> None:
    """Say who answers; `pages` does at start."""
    _registered[:] = [directory]


def directory() -> Directory:
    """The registered directory. Raises LookupError before `pages` was set up."""
    if not _registered:
        raise LookupError("no directory of organisations is registered")
    return _registered[0]
