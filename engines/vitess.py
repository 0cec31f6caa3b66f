"""`make vitess-*`: a local Vitess where its binaries are found, else what stands in for it."""

from __future__ import annotations

import os
import shutil
import subprocess

from engines import accounts, mariadb, processes
from engines.stack import KEYSPACES, ROOT, Stack, Trouble, say

ABSENT = (
    "vttestserver is not installed (neither on PATH nor .local/bin): Vitess cannot run here; "
    "`make vitess-status` and `make vitess-shell KS=...` use the keyspaces of the local MariaDB"
)


def binary() -> str | None:
    """`vttestserver` on PATH or in `.local/bin`."""
    own = ROOT / ".local" / "bin" / "vttestserver"
    return shutil.which("vttestserver") or (str(own) if own.exists() else None)


def up(stack: Stack) -> int:
    """Refused in one line until a Vitess can be started."""
    if binary() is None:
        raise Trouble(ABSENT)
    raise Trouble("vttestserver was found, but starting it is not built yet")


def reset(stack: Stack) -> int:
    """As `up`; says how the local keyspaces are made anew."""
    if binary() is None:
        raise Trouble(
            f"{ABSENT}; to start those empty: make stop, delete {stack.state / 'mariadb'}, make run"
        )
    return up(stack)


def status(stack: Stack) -> int:
    """Table counts per keyspace, read from the local MariaDB."""
    if processes.running(stack, "mariadb") is None:
        raise Trouble("the local MariaDB is not running: `make run` starts it")
    print("keyspaces of the local MariaDB (no Vitess here):")
    tables = [row for row in mariadb.tables(stack) if row[1] != "__drizzle_migrations"]
    for keyspace in KEYSPACES:
        say(keyspace, f"{sum(schema == keyspace for schema, _ in tables):>4} tables")
    return 0


def shell(stack: Stack, keyspace: str) -> int:
    """The vendor's client in one keyspace of the local MariaDB, as `reader` (SELECT only)."""
    if keyspace not in KEYSPACES:
        raise Trouble(f"KS: is {keyspace!r}, must be one of {', '.join(KEYSPACES)}")
    if processes.running(stack, "mariadb") is None:
        raise Trouble("the local MariaDB is not running: `make run` starts it")
    where = ["-h127.0.0.1", f"-P{stack.ports['mysql']}", "-ureader", keyspace]
    return subprocess.run(
        ["mariadb", "--no-defaults", *where],
        check=False,
        env={**os.environ, "MYSQL_PWD": accounts.password(stack, "reader")},
    ).returncode
