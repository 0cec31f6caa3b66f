"""MariaDB: the console's schema, the five keyspaces and SpiceDB's store, private to one stack."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from engines.processes import Program
from engines.secrets import secret
from engines.service import Service
from engines.stack import RUNBOOK, Stack, Trouble, find_program, say, write_private

# VTGate's own modes: --no-defaults alone would allow partial GROUP BY.
SQL_MODE = (
    "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
)
SYSTEM_FOLDERS = {"mysql", "performance_schema", "sys", "test"}
ADMIN = "root"
MIB = 2**20
POOL_LEAST, POOL_MOST = 128 * MIB, 1024 * MIB
LOG_BYTES = 256 * MIB  # a load is not held up by checkpoints


def home(stack: Stack) -> Path:
    """Everything of this engine."""
    return stack.state / "mariadb"


def data(stack: Stack) -> Path:
    """The data directory."""
    return home(stack) / "data"


def prepare(stack: Stack) -> None:
    """Install the system tables once; a half-finished installation is done again or refused."""
    marker = home(stack) / "installed"
    folder = data(stack)
    if not (marker.exists() and (folder / "mysql").is_dir()):
        _clear_unfinished(folder)
        marker.unlink(missing_ok=True)
        _install(stack, folder)
        marker.write_text("the system tables are complete\n")
    write_private(home(stack) / "init.sql", _init_sql(stack))
    write_private(client_file(stack), _client_file(stack))


def _clear_unfinished(folder: Path) -> None:
    if not folder.exists() or not any(folder.iterdir()):
        return
    schemas = sorted(p.name for p in folder.iterdir() if p.is_dir())
    kept = [name for name in schemas if name not in SYSTEM_FOLDERS]
    if kept:
        raise Trouble(
            f"{folder} holds {', '.join(kept)} but its installation is not complete: move that "
            f"folder away (or delete it to start empty), then run again; see {RUNBOOK}"
        )
    say("mariadb", "an unfinished data directory without data was found: installing again")
    shutil.rmtree(folder)


def _install(stack: Stack, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    log = stack.log / "mariadb-install.log"
    command = [
        *("mariadb-install-db", "--no-defaults", f"--datadir={folder}", "--skip-test-db"),
        *("--auth-root-authentication-method=normal", _own_temporary(stack)),
        *_as_root(),
    ]
    with log.open("wb") as output:
        done = subprocess.run(command, stdout=output, stderr=output, check=False)
    if done.returncode:
        raise Trouble(f"mariadb-install-db failed with code {done.returncode}: read {log}")


def _own_temporary(stack: Stack) -> str:
    """A folder of its own: a server that starts removes the temporary tables of all others in
    the shared one, and an installation then fails with "Unknown table".
    """
    folder = home(stack) / "tmp"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return f"--tmpdir={folder}"


def _as_root() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []  # it refuses root otherwise


def _init_sql(stack: Stack) -> str:
    """Run before the first connection: nobody ever reaches a server without a password."""
    password = secret(stack, "mariadb-root")
    return (
        f"CREATE USER IF NOT EXISTS '{ADMIN}'@'127.0.0.1';\n"
        f"ALTER USER '{ADMIN}'@'127.0.0.1' IDENTIFIED BY '{password}';\n"
        f"GRANT ALL PRIVILEGES ON *.* TO '{ADMIN}'@'127.0.0.1' WITH GRANT OPTION;\n"
        f"ALTER USER '{ADMIN}'@'localhost' IDENTIFIED BY '{password}';\n"
        f"DROP USER IF EXISTS '{ADMIN}'@'::1', ''@'localhost';\n"
    )


def client_file(stack: Stack) -> Path:
    """Options of the administrator's client: keeps the password off the process list."""
    return home(stack) / "client.cnf"


def _client_file(stack: Stack) -> str:
    return (
        f"[client]\nuser={ADMIN}\npassword={secret(stack, 'mariadb-root')}\nhost=127.0.0.1\n"
        f"protocol=tcp\nport={stack.ports['mysql']}\nconnect-timeout=2\n"
    )


def program(stack: Stack) -> Program:
    """The server. The socket path is relative to the data directory: 107 bytes are the limit."""
    folder = data(stack)
    command = (
        *(find_program("mariadbd") or "mariadbd", "--no-defaults", f"--datadir={folder}"),
        *(f"--port={stack.ports['mysql']}", "--bind-address=127.0.0.1", "--skip-name-resolve"),
        *("--socket=mariadb.sock", "--pid-file=mariadb.pid", _own_temporary(stack)),
        *("--character-set-server=utf8mb4", "--collation-server=utf8mb4_bin"),
        *("--default-time-zone=+00:00", "--max-connections=300", f"--sql-mode={SQL_MODE}"),
        f"--init-file={home(stack) / 'init.sql'}",
        # Losing a second of demo or test rows in a power cut harms nobody.
        *("--innodb-flush-log-at-trx-commit=2", "--sync-binlog=0"),
        *(f"--innodb-buffer-pool-size={pool_bytes()}", f"--innodb-log-file-size={LOG_BYTES}"),
        *_as_root(),
    )
    return Program("mariadb", command, mark=f"--datadir={folder}")


def pool_bytes() -> int:
    """An eighth of the machine's memory, within bounds; taken only as it fills."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(POOL_LEAST, min(POOL_MOST, memory // 8 // MIB * MIB))


def ready(stack: Stack) -> bool:
    """SELECT 1 over TCP."""
    return run_sql(stack, "SELECT 1", timeout_s=3).returncode == 0


def run_sql(stack: Stack, sql: str, *, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
    """Statements as administrator through the vendor's client; rows are tab-separated lines."""
    command = [
        *("mariadb", f"--defaults-file={client_file(stack)}"),
        *("--batch", "--skip-column-names", "--default-character-set=utf8mb4"),
    ]
    try:
        return subprocess.run(
            command, input=sql, capture_output=True, text=True, check=False, timeout=timeout_s
        )
    except subprocess.TimeoutExpired:
        text = f"no answer within {timeout_s:.0f} s"
        return subprocess.CompletedProcess(command, 124, "", text)


def rows(stack: Stack, sql: str, *, timeout_s: float = 60) -> list[list[str]]:
    """The rows of a statement. Raises Trouble with the server's message."""
    done = run_sql(stack, sql, timeout_s=timeout_s)
    if done.returncode:
        raise Trouble(f"mariadb: {done.stderr.strip() or 'no answer'} (see {RUNBOOK})")
    return [line.split("\t") for line in done.stdout.splitlines()]


def tables(stack: Stack) -> list[tuple[str, str]]:
    """(schema, table) of every table that is not the server's own, in order."""
    listed = rows(
        stack,
        "SELECT table_schema, table_name FROM information_schema.tables"
        " WHERE table_type = 'BASE TABLE' AND table_schema <> 'mysql' ORDER BY 1, 2",
    )
    return [(schema, name) for schema, name in listed]


SERVICE = Service("mariadb", "mysql", 30, prepare, program, ready)
