"""What is done once the engines answer: schemas, local counterparts, demo data, static files.

A table: each step is a command, the files it depends on and the files that bring it. A step whose
files are unchanged, on the same databases, is not run again; so the second start is quick.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from engines import mariadb, postgres, python_env
from engines.stack import KEYSPACES, ROOT, RUNBOOK, Stack, Trouble, digest_of, say, why

# What a start brings up to date is this project's own. Databases that somebody's inventory adds
# are looked at, and migrated when a person says so.
OWN_DATABASES = {"OPENINSURE_INVENTORY": str(ROOT / "dbops" / "inventory.toml")}


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the project. `brings`: the file without which this build has no such step."""

    name: str
    what: str
    command: tuple[str, ...]
    brings: str
    depends: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    schemas: tuple[str, ...] = ()  # whose tables it makes or fills


def schema_steps(values: Mapping[str, str]) -> tuple[Step, ...]:
    """Tables of the console and of the keyspaces, made by the account that may (`migrator`)."""
    migrator = values.get("MIGRATOR_URL", "")
    as_migrator = {"DATABASE_URL": migrator.rstrip("/") + "/oi_console"} if migrator else {}
    return (
        Step(
            "console",
            "the console's own tables",
            ("python", "manage.py", "migrate", "--noinput"),
            "openinsure/console",
            ("openinsure/*/migrations", "dbops/migrations"),
            as_migrator,
            schemas=("oi_console",),
        ),
        Step(
            "keyspaces",
            "the 190 tables of the five keyspaces",
            ("openinsure", "db", "migrate", "--ps", "--local", "--yes"),
            "dbops/cli/db/migrate.py",
            ("openinsure/keyspaces/migrations",),
            OWN_DATABASES,
            schemas=KEYSPACES,
        ),
    )


def estate_step(stack: Stack) -> Step:
    """The local counterparts; Documenso's is made by its server's superuser."""
    own = postgres.binaries() and not stack.external("DOCUMENSO_URL")
    owner = {"DOCUMENSO_URL": postgres.url(stack, "documenso")} if own else {}
    return Step(
        "estate",
        "D1 files and Documenso's database",
        ("python", "-m", "dbops.estate.local", "up"),
        "dbops/estate/local.py",
        ("dbops/estate",),
        {**OWN_DATABASES, **owner},
    )


STATIC = Step(
    "static",
    "static files with hashed names",
    ("python", "manage.py", "collectstatic", "--noinput", "--verbosity", "0"),
    "static",
    ("static",),
)
DEMO = Step(
    "demo",
    "the small demo data (about 20 seconds, once)",
    ("openinsure", "demo", "load", "--size", "small", "--unless-any"),
    "openinsure/demo/cli.py",
    (),
    schemas=("oi_console", *KEYSPACES),
)

RELATIONS_SCHEMA = Step(
    "spicedb-schema",
    "the schema of relations in SpiceDB",
    ("openinsure", "authz", "schema", "--apply"),
    "openinsure/jobs/authz_cli.py",
    ("openinsure/authz",),
    schemas=("spicedb",),
)
RELATIONS = Step(
    "spicedb-relations",
    "the relationships of users, roles and claims",
    ("openinsure", "authz", "sync"),
    "openinsure/jobs/authz_cli.py",
    ("openinsure/authz", "openinsure/jobs"),
    schemas=("spicedb", "oi_console", *KEYSPACES),
)


def run(stack: Stack, step: Step) -> None:
    """Run it unless nothing changed. Raises Trouble with the end of its output."""
    if not (ROOT / step.brings).exists():
        say(step.name, f"left out: this build has no {step.brings}")
        return
    stamp = stack.run / f"step-{step.name}"
    if stamp.exists() and stamp.read_text() == _digest(stack, step):
        return
    say(step.name, step.what)
    begun = time.monotonic()
    execute(stack, step.name, step.command, step.environment)
    stamp.write_text(_digest(stack, step))
    say(step.name, f"done ({time.monotonic() - begun:.1f} s)")


def execute(
    stack: Stack, name: str, command: tuple[str, ...], environment: Mapping[str, str]
) -> None:
    """A command of `.venv` with this stack's variables. Raises Trouble with its last line."""
    log = stack.log / f"step-{name}.log"
    program, *arguments = command
    with log.open("wb") as output:
        done = subprocess.run(
            [python_env.tool(program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            cwd=ROOT,
            env={**os.environ, "OPENINSURE_STATE_DIR": str(stack.state), **environment},
        )
    if done.returncode:
        said = why(log) or f"exit code {done.returncode}"
        raise Trouble(f"{name}: `{' '.join(command)}` failed: {said} (log {log}; see {RUNBOOK})")


def _digest(stack: Stack, step: Step) -> str:
    """Changes with the step's files, with the engines' data, and with the tables that exist."""
    folders = [folder for pattern in step.depends for folder in ROOT.glob(pattern)]
    parts = [digest_of(*folders), " ".join(step.command), str(stack.state)]
    for engine in ("mariadb", "postgres"):
        marker = stack.state / engine / "installed"
        parts.append(str(marker.stat().st_mtime_ns) if marker.exists() else "elsewhere")
    if step.schemas and not stack.external("DATABASE_URL"):
        parts.append(str([row for row in mariadb.tables(stack) if row[0] in step.schemas]))
    elif step.schemas:
        parts.append(str(time.time_ns()))  # somebody else's server: always look
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
