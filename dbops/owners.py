"""Databases that their owners migrate: whose way it is, and the one way we can start ourselves."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable

from dbops.inventory import Target
from openinsure import environment
from openinsure.dsn import Dsn
from openinsure.keyspaces.migrate import Log

SPICEDB_TIMEOUT_S = 600
VARIABLE, MIGRATOR = "SPICEDB_DATASTORE_URL", "MIGRATOR_URL"
SPICEDB_STEP = "spicedb datastore migrate head"
WAYS = {
    "spicedb": "self-managed: the SpiceDB binary migrates it (--spicedb runs that binary)",
    "prisma": "self-managed: its application runs prisma migrate deploy",
    "kysely": "self-managed: its application runs kysely migrate latest",
    "django": "self-managed: its application runs manage.py migrate",
    "none": "self-managed: its schema is compiled in, there is no DDL",
}
OTHER = "self-managed by its owner"


class OwnerFailed(Exception):
    """The owner's command did not end well; the text says how."""


def spicedb_binary() -> str | None:
    """`spicedb` on PATH, else the one that the local stack built, else None."""
    own = environment.ROOT / ".local" / "bin" / "spicedb"
    return shutil.which("spicedb") or (str(own) if own.exists() else None)


def spicedb_head(timeout_s: float) -> str:
    """The revision that the binary here calls head; "" without one, or when it does not say."""
    binary = spicedb_binary()
    if binary is None:
        return ""
    try:
        done = subprocess.run(
            [binary, "datastore", "head", "--datastore-engine", "mysql"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=max(0.1, timeout_s),
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError):
        return ""
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else ""


def spicedb_datastore(target: Target) -> tuple[str, str]:
    """(variable, address as the binary wants it); ("", why) when nothing is set."""
    text = environment.optional(VARIABLE) or environment.optional(MIGRATOR)
    if not text:
        return "", f"{VARIABLE} is not set"
    dsn = Dsn.parse(text, VARIABLE)
    schema = target.place.schemas[0] if target.place.schemas else dsn.database
    login = f"{dsn.user}:{dsn.password}@tcp({dsn.host}:{dsn.port})"
    return VARIABLE, f"{login}/{schema}?parseTime=true"


def run_spicedb(binary: str, address: str) -> None:
    """SpiceDB's own migration to its head; never our SQL. Raises OwnerFailed."""
    variables = {"SPICEDB_DATASTORE_ENGINE": "mysql", "SPICEDB_DATASTORE_CONN_URI": address}
    try:
        done = subprocess.run(
            [binary, "datastore", "migrate", "head"],
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SPICEDB_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise OwnerFailed(f"no end after {SPICEDB_TIMEOUT_S} s") from None
    except OSError as error:
        raise OwnerFailed(f"the binary cannot be run ({error.strerror})") from None
    if done.returncode:
        raise OwnerFailed(f"spicedb ended with {done.returncode}")


def spicedb_run(
    binary: str, address: str, slug: str
) -> Callable[[Callable[[str], None], Log], list[str]]:
    """What a Work runs; raises OwnerFailed."""

    def run(report: Callable[[str], None], log: Log) -> list[str]:
        report(f"{slug}: {SPICEDB_STEP}")
        log.opened("datastore migrate head", "", 1)
        log.begins(1)
        try:
            run_spicedb(binary, address)
        except OwnerFailed as error:
            log.closed("failed", str(error))
            raise
        log.ends(1)
        log.closed("applied")
        return ["datastore migrate head"]

    return run
