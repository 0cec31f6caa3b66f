"""The fourteen states of one migration file against one ledger, and how they roll up."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from dbops.readings import Migration, State, worst


class FileState(StrEnum):
    """Of one file or ledger row; rules.py has the rules and their order."""

    UNKNOWN = "unknown"
    MARKED = "marked"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"
    MODIFIED = "modified"
    OUT_OF_ORDER = "out_of_order"
    APPLIED = "applied"
    RENUMBERED = "renumbered"
    IN_FLIGHT = "in_flight"
    LIVE_UNRECORDED = "live_unrecorded"
    PARTIAL = "partial"
    SKIPPED = "skipped"
    PENDING = "pending"
    ORPHANED = "orphaned"


# What a file in this state makes of its database; absent = nothing to do about it.
ROLL_UP = {
    FileState.UNKNOWN: State.UNKNOWN,
    FileState.FAILED: State.FAILED,
    FileState.PARTIAL: State.PARTIAL,
    FileState.MODIFIED: State.MODIFIED,
    FileState.RENUMBERED: State.MODIFIED,
    FileState.SKIPPED: State.SKIPPED,
    FileState.OUT_OF_ORDER: State.ORPHANED,
    FileState.ORPHANED: State.ORPHANED,
    FileState.PENDING: State.PENDING,
    FileState.IN_FLIGHT: State.PENDING,
    FileState.ROLLED_BACK: State.PENDING,
    FileState.LIVE_UNRECORDED: State.REVERT_WINDOW,
}
# Files that the tool (or a person, for OUT_OF_ORDER) still has to run.
TO_RUN = {
    FileState.PENDING,
    FileState.IN_FLIGHT,
    FileState.ROLLED_BACK,
    FileState.SKIPPED,
    FileState.PARTIAL,
}


def rolled_up(migration: Migration) -> State | None:
    """What one file makes of its database; None when there is nothing to do about it."""
    if migration.quiet:
        return None
    if migration.rolls_up:
        return State(migration.rolls_up)
    return ROLL_UP.get(FileState(migration.state))


class FilesUnreadable(Exception):
    """The migrations folder cannot be trusted; the reason is in words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


MARK = "\ufeff"  # the byte order mark: no SQL, and some editors write it


class File(NamedTuple):
    """One migration file as bytes; `order` is what its tool sorts by."""

    tag: str
    order: int | str
    content: bytes
    statements: int
    by_name: bool = False  # its tool asks for the name, not for "newer than the newest"

    @property
    def undecodable(self) -> bool:
        """True when the bytes are no UTF-8."""
        try:
            self.content.decode()
        except UnicodeDecodeError:
            return True
        return False

    @property
    def text(self) -> str:
        """The SQL without a byte order mark; undecodable bytes are shown, never raised."""
        return self.content.decode(errors="replace").removeprefix(MARK)

    @property
    def marked(self) -> bool:
        """True when a byte order mark stands in front."""
        return self.content.startswith(MARK.encode())


class History(NamedTuple):
    """One folder against one ledger. `initialised` is False without a ledger table.

    `applied` are the files whose statements ran, in order: the expected schema is their sum.
    `behind` says that the folder is older than the ledger (a stale checkout).
    """

    migrations: tuple[Migration, ...]
    applied: tuple[File, ...]
    files: tuple[File, ...] = ()
    initialised: bool = True
    behind: bool = False
    named: bool = False  # Drizzle: the ledger holds names (1.x)
    notes: tuple[str, ...] = ()  # what is no file's state: the tool changed its format

    @property
    def available(self) -> int:
        """How many files there are."""
        return len(self.files)

    @property
    def state(self) -> State:
        """The worst of the files; `unverified` when the ledger agrees with all of them."""
        rolled = [rolled_up(m) for m in self.migrations]
        return worst([state for state in rolled if state], State.UNVERIFIED)

    @property
    def basis(self) -> str:
        """Digest of what is applied, in order: tags and the bytes on disk."""
        named = [(file.tag, hashlib.sha256(file.content).hexdigest()) for file in self.applied]
        return hashlib.sha256(repr(named).encode()).hexdigest()[:16]

    @property
    def pending(self) -> tuple[Migration, ...]:
        """What has not run and should."""
        return tuple(m for m in self.migrations if m.state in TO_RUN)


def read_bytes(path: Path, name: str = "") -> bytes:
    """A file's bytes. Raises FilesUnreadable naming the file (`name`: where its own is no name)."""
    try:
        return path.read_bytes()
    except OSError as error:
        said = f"file {name or path.name} cannot be read ({error.strerror})"
        raise FilesUnreadable(said) from None


def folder(path: Path) -> Path:
    """The folder, which must exist. Raises FilesUnreadable: absent is not "none pending"."""
    if not path.is_dir():
        raise FilesUnreadable(f"migrations folder {path.name} is not there")
    return path


def count_statements(text: str) -> int:
    """Statements in a plain SQL file: those ended by a semicolon outside quotes and comments."""
    return len(split_statements(text))


def split_statements(text: str) -> list[str]:
    """Statements of a plain SQL file, comments dropped, quotes respected, empty ones left out.

    A trigger's BEGIN ... END stays whole.
    """
    found: list[str] = []
    held: list[str] = []
    for piece in _pieces(text):
        if piece == ";" and not _in_body("".join(held)):
            found.append("".join(held).strip())
            held = []
        elif not piece.startswith(("--", "/*")):
            held.append(piece)
    found.append("".join(held).strip())
    return [statement for statement in found if statement]


def _in_body(text: str) -> bool:
    upper = text.lstrip().upper()
    if not upper.startswith("CREATE TRIGGER") or " BEGIN" not in upper.replace("\n", " "):
        return False
    return not upper.rstrip().endswith("END")


def _pieces(text: str) -> Iterable[str]:
    import re

    token = re.compile(
        r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`"
        r"|\$\w*\$.*?\$\w*\$|;|[^;'\"`\-/$]+|.",
        re.S,
    )
    return (found[0] for found in token.finditer(text))
