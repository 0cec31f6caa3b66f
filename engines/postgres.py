"""PostgreSQL: the local counterpart of Documenso's database and of the two fleets.

It refuses root: as root it runs as `postgres` (else `nobody`), in a folder which that user can
reach; when the state folder is closed to it, a folder below /var/tmp named in `postgres.dir`.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from engines.processes import Program, group_of
from engines.secrets import secret
from engines.service import Service
from engines.stack import RUNBOOK, Stack, Trouble, say

SUPERUSER = "openinsure"
READER = "documenso_reader"  # what the console itself uses
FIRST_USER_DATABASE_OID = 16384


def binaries(major: str = "") -> Path | None:
    """The folder of initdb and postgres (of that major version); None when not installed."""
    found = [Path(p) for p in (shutil.which("initdb"), shutil.which("pg_ctl")) if p]
    folders = [path.resolve().parent for path in found]
    for root in ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"):
        folders.extend(sorted(Path(root).glob("*/bin"), key=_version, reverse=True))
    for folder in folders:
        complete = (folder / "initdb").exists() and (folder / "postgres").exists()
        if complete and (not major or major == _major_of(folder)):
            return folder
    return None


def _version(folder: Path) -> int:
    return int("".join(re.findall(r"\d+", folder.parent.name)) or 0)


def _major_of(folder: Path) -> str:
    said = subprocess.run(
        [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=False
    ).stdout
    number = re.search(r"(\d+)(\.\d+)?", said)
    return number[1] if number else ""


def account() -> str | None:
    """The system user that the server runs as; None: ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def home(stack: Stack) -> Path:
    """The folder of the data directory; chosen once."""
    pointer = stack.state / "postgres.dir"
    if pointer.exists():
        return Path(pointer.read_text().strip())
    inside = stack.state / "postgres"
    user = account()
    if user is None or _reachable(stack.state):
        return inside
    outside = Path(tempfile.mkdtemp(prefix="openinsure-postgres-", dir="/var/tmp"))
    shutil.chown(outside, user)
    pointer.write_text(f"{outside}\n")
    return outside


def _reachable(folder: Path) -> bool:
    """Whether every user may walk down to it."""
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))


def data(stack: Stack) -> Path:
    """The data directory."""
    return home(stack) / "data"


def prepare(stack: Stack) -> None:
    """initdb once; a half-finished one is done again or refused."""
    folder, marker = data(stack), home(stack) / "installed"
    if marker.exists() and (folder / "PG_VERSION").exists():
        return
    home(stack).mkdir(parents=True, exist_ok=True)
    if folder.exists() and any(folder.iterdir()):
        databases = [p for p in folder.glob("base/*") if p.name.isdigit()]
        if any(int(p.name) >= FIRST_USER_DATABASE_OID for p in databases):
            raise Trouble(
                f"{folder} holds databases but its installation is not complete: move that "
                f"folder away (or delete it to start empty), then run again; see {RUNBOOK}"
            )
        say("postgres", "an unfinished data directory without data was found: installing again")
        shutil.rmtree(folder)
    marker.unlink(missing_ok=True)
    _install(stack, folder)
    marker.write_text("initdb is complete\n")


def _install(stack: Stack, folder: Path) -> None:
    bin_folder = binaries()
    if bin_folder is None:
        raise Trouble(f"postgres: initdb is not installed; see {RUNBOOK}")
    user = account()
    folder.mkdir(mode=0o700, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=home(stack), prefix="password-") as file:
        file.write(secret(stack, "postgres"))
        file.flush()
        if user is not None:
            shutil.chown(folder, user)
            shutil.chown(file.name, user)
        log = stack.log / "postgres-initdb.log"
        command = [
            *(str(bin_folder / "initdb"), "-D", str(folder), "-U", SUPERUSER),
            *("--auth=scram-sha-256", f"--pwfile={file.name}", "-E", "UTF8", "--locale=C.UTF-8"),
        ]
        with log.open("wb") as output:
            done = subprocess.run(
                command,
                stdout=output,
                stderr=output,
                check=False,
                cwd="/",
                user=user,
                group=user and group_of(user),
                extra_groups=[] if user else None,
            )
    if done.returncode:
        raise Trouble(f"initdb failed with code {done.returncode}: read {log}")


def program(stack: Stack) -> Program:
    """The server; SIGINT is its fast shutdown (SIGTERM waits for every client)."""
    folder = data(stack)
    version = folder / "PG_VERSION"
    major = version.read_text().strip() if version.exists() else ""
    bin_folder = binaries(major)
    if bin_folder is None:
        raise Trouble(
            f"{folder} was made by PostgreSQL {major}, which is not installed: install "
            f"postgresql-{major}, or move the folder away; see {RUNBOOK}"
        )
    relaxed = ("-c", "fsync=off", "-c", "synchronous_commit=off") if stack.testing else ()
    command = (
        *(str(bin_folder / "postgres"), "-D", str(folder), "-p", str(stack.ports["postgres"])),
        *("-c", "listen_addresses=127.0.0.1", "-k", "", *relaxed),
    )
    return Program(
        "postgres", command, mark=f"-D {folder}", stop_signal=signal.SIGINT, user=account()
    )


def password(stack: Stack, account: str) -> str:
    """The password of a database account."""
    return secret(stack, "postgres" if account == SUPERUSER else f"postgres-{account}")


def url(stack: Stack, database: str = "postgres", account: str = SUPERUSER) -> str:
    """postgresql://account:password@127.0.0.1:port/database"""
    where = f"127.0.0.1:{stack.ports['postgres']}"
    return f"postgresql://{account}:{password(stack, account)}@{where}/{database}"


def run_sql(stack: Stack, sql: str, database: str = "postgres") -> subprocess.CompletedProcess[str]:
    """Statements as superuser, each on its own; rows are unaligned lines."""
    bin_folder = binaries() or Path()
    return subprocess.run(
        [str(bin_folder / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database],
        input=sql,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={
            **os.environ,
            **{"PGHOST": "127.0.0.1", "PGPORT": str(stack.ports["postgres"])},
            **{"PGUSER": SUPERUSER, "PGPASSWORD": secret(stack, "postgres")},
            "PGCONNECT_TIMEOUT": "2",
        },
    )


def apply(stack: Stack) -> None:
    """Documenso's database and the account that may only read it. Raises Trouble."""
    done = run_sql(
        stack,
        f"""SELECT 'CREATE DATABASE documenso'
             WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'documenso')\\gexec
            SELECT 'CREATE ROLE {READER}'
             WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{READER}')\\gexec
            ALTER ROLE {READER} LOGIN PASSWORD '{password(stack, READER)}';
            GRANT pg_read_all_data TO {READER};""",  # noqa: S608 (our own names)
    )
    if done.returncode:
        raise Trouble(f"postgres: {done.stderr.strip()}")


def ready(stack: Stack) -> bool:
    """SELECT 1 over TCP."""
    return run_sql(stack, "SELECT 1").returncode == 0


SERVICE = Service("postgres", "postgres", 30, prepare, program, ready)
