"""What one local stack is: where its state lives, which ports it takes, what went wrong.

Nothing here starts anything. The state folder is `.local`, `.local/test` for the suite, or
OPENINSURE_STATE_DIR.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNBOOK = "docs/runbooks/local-stack.md"
KEYSPACES = ("oi_global", "oi_policies", "oi_submissions", "oi_claims", "oi_billing")
SCHEMAS = ("oi_console", *KEYSPACES, "spicedb")
# An exception's last line, else what servers call an error.
BAD = re.compile(r"^[\w.]*(Error|Exception|NotFound|Configured)\b|\[ERROR\]|\bFATAL\b|^E: ")

BEGINS = "--- started by the local stack ---\n"  # in a log that several starts share

SERVER_FOLDERS = "/usr/sbin:/usr/libexec:/usr/local/sbin:/opt/homebrew/opt/mariadb/bin"


class Trouble(Exception):
    """Something the person at the terminal must know: one clear line, with what to do."""


def say(subject: str, text: str) -> None:
    """One line of progress: who, then what."""
    sys.stdout.write(f"  {subject:<12} {text}\n")  # one write: threads never share a line
    sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack: its folder, its ports by name, and whether it belongs to the test suite."""

    state: Path
    ports: Mapping[str, int]
    testing: bool = False
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    @property
    def run(self) -> Path:
        """Pid files, lock, and the `env` file that the settings read."""
        return self.state / "run"

    @property
    def log(self) -> Path:
        """One log file a process."""
        return self.state / "log"

    def make_folders(self) -> None:
        """Create the state folder; what holds secrets is closed to other users."""
        self.log.mkdir(parents=True, exist_ok=True)
        for private in (self.run, self.state / "secrets"):
            private.mkdir(exist_ok=True)
            private.chmod(0o700)

    def external(self, variable: str) -> str:
        """The address of a server that runs elsewhere, or '' for our own.

        The suite never touches servers of the environment: its state is its own.
        """
        return "" if self.testing else self.environment.get(variable, "")


def state_dir(*, testing: bool) -> Path:
    """OPENINSURE_STATE_DIR, else `.local` or `.local/test`."""
    named = os.environ.get("OPENINSURE_STATE_DIR")
    return Path(named).resolve() if named else ROOT / ".local" / ("test" if testing else "")


def find_program(name: str) -> str | None:
    """Where a program is: on PATH, or where systems put servers (often not on a user's PATH)."""
    return shutil.which(name) or shutil.which(name, path=SERVER_FOLDERS)


def wait_until(done: Callable[[], bool], limit_s: float) -> bool:
    """Ask every 50 ms until true. False when `limit_s` seconds passed."""
    deadline = time.monotonic() + limit_s
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; only its owner may read it."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


def digest_of(*folders: Path) -> str:
    """A short digest of names, sizes and times of all files below: changes when one is edited."""
    seen = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                facts = path.stat()
                seen.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return seen.hexdigest()[:16]


def why(path: Path) -> str:
    """The line of a log that says what went wrong, else its last line; '' without a log."""
    try:
        latest = path.read_text(errors="replace").rpartition(BEGINS)[2]
    except OSError:
        return ""
    said = [line.strip() for line in latest.splitlines() if line.strip()]
    errors = [line for line in said if BAD.search(line)]
    return (errors or said or [""])[-1][-400:]


def fail(trouble: Trouble) -> int:
    """Print the one line on stderr. Result: exit code 1."""
    print(f"openinsure: {trouble}", file=sys.stderr, flush=True)
    return 1
