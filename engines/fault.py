"""`make fault`: one engine refuses or hangs until cleared, so that people can see what happens.

A keyspace, or the embedded ledger (oi_ledger): its account is locked (refuse) or all its tables are
locked by a holder process (hang); the `reader` account is untouched: `db status` still reads it. A
process: stopped or paused.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from engines import application, mariadb, postgres, processes, redis, service, spicedb, tigerbeetle
from engines.accounts import LEDGER
from engines.processes import Program
from engines.stack import KEYSPACES, ROOT, Stack, Trouble, say, wait_until, why

SCHEMAS = ("oi_console", *KEYSPACES, LEDGER)
NAMED = {"oi_console": "app_console", LEDGER: "app_ledger"}  # accounts with names of their own
SERVICES = {
    one.name: one
    for one in (
        mariadb.SERVICE,
        redis.SERVICE,
        postgres.SERVICE,
        spicedb.SERVICE,
        tigerbeetle.SERVICE,
        application.WORKER,
        application.BEAT,
        application.WEB,
    )
}
MODES = ("refuse", "hang", "clear")
HOLD_LIMIT_S = 15.0


def inject(stack: Stack, name: str, mode: str) -> int:
    """Do it, and say how to undo it. Raises Trouble for unknown names and modes."""
    if mode not in MODES:
        raise Trouble(f"MODE: is {mode!r}, must be one of {', '.join(MODES)}")
    if mode == "clear" and not name:
        end_all(stack)
        return 0
    if name not in SCHEMAS and name not in SERVICES:
        raise Trouble(f"NAME: is {name!r}, must be one of {', '.join((*SCHEMAS, *SERVICES))}")
    if mode == "clear" or name in active(stack):
        end(stack, name)
    if mode != "clear":
        change = _keyspace if name in SCHEMAS else _process
        say(name, change(stack, name, mode))
        _record(stack, name).write_text(mode)
        say("undo", f"make fault NAME={name} MODE=clear")
    return 0


def active(stack: Stack) -> dict[str, str]:
    """Faults that are in force, by name."""
    records = sorted(stack.run.glob("fault-*.mode"))
    return {path.stem.removeprefix("fault-"): path.read_text() for path in records}


def end(stack: Stack, name: str, *, restart: bool = True, quiet: bool = False) -> None:
    """Undo the fault of one name. `restart`: also start a process that was stopped."""
    mode = active(stack).get(name, "")
    _record(stack, name).unlink(missing_ok=True)
    if name in SCHEMAS:
        processes.stop(stack, f"hold-{name}")
        if processes.running(stack, "mariadb") is not None:
            mariadb.rows(stack, f"ALTER USER '{_account(name)}'@'%' ACCOUNT UNLOCK;")
    elif (pid := processes.running(stack, name)) is not None:
        processes.pause(pid, resume=True)
    elif restart and mode == "refuse":
        service.ensure(stack, SERVICES[name])
    if not quiet:
        say(name, f"{mode} is over" if mode else "had no fault")


def end_all(stack: Stack, *, restart: bool = True, quiet: bool = False) -> None:
    """Undo all of them. `restart`: also start what was stopped (`make run` does that itself)."""
    faults = active(stack)
    engines_first = sorted(faults, key=lambda name: name in SCHEMAS)
    for name in engines_first:
        end(stack, name, restart=restart, quiet=quiet)


def _record(stack: Stack, name: str) -> Path:
    return stack.run / f"fault-{name}.mode"


def _account(schema: str) -> str:
    return NAMED.get(schema, f"app_{schema}")


def _keyspace(stack: Stack, name: str, mode: str) -> str:
    if processes.running(stack, "mariadb") is None:
        raise Trouble(f"{name}: this stack's MariaDB is not running (`make run` starts it)")
    account = _account(name)
    if mode == "refuse":
        sql = f"ALTER USER '{account}'@'%' ACCOUNT LOCK; KILL USER '{account}'@'%';"
        mariadb.rows(stack, sql)
        return f"account {account} is locked and its connections are closed"
    mark = f"engines hold {name}"
    command = (sys.executable, "-m", "engines", "hold", name)
    environment = {"OPENINSURE_STATE_DIR": str(stack.state), "PYTHONPATH": str(ROOT)}
    log = stack.log / f"hold-{name}.log"
    log.unlink(missing_ok=True)
    processes.start(stack, Program(f"hold-{name}", command, mark, environment))
    if not wait_until(lambda: "held" in why(log), HOLD_LIMIT_S):
        processes.stop(stack, f"hold-{name}")
        raise Trouble(f"{name}: its tables could not be locked: {why(log) or 'no answer'}")
    return "all its tables are locked; every statement on them waits"


def _process(stack: Stack, name: str, mode: str) -> str:
    pid = processes.running(stack, name)
    if pid is None:
        raise Trouble(f"{name} is not running in this stack")
    if mode == "refuse":
        processes.stop(stack, name)
        return "is stopped"
    processes.pause(pid)
    return f"is paused (pid {pid} and all below it): it accepts connections and never answers"


def hold(stack: Stack, schema: str) -> int:
    """The holder process: lock all tables of a keyspace until it is stopped."""
    if schema not in SCHEMAS:
        raise Trouble(f"hold: {schema!r} is no keyspace")
    tables = [name for owner, name in mariadb.tables(stack) if owner == schema]
    if not tables:
        raise Trouble(f"{schema} has no tables to lock")
    locks = ", ".join(f"`{schema}`.`{name}` WRITE" for name in tables)
    client = subprocess.Popen(
        ["mariadb", f"--defaults-file={mariadb.client_file(stack)}", "-N", "--unbuffered"],
        stdin=subprocess.PIPE,
        text=True,
    )
    if client.stdin is None:
        raise Trouble("hold: no pipe to the client")
    client.stdin.write(f"SET wait_timeout = 31536000; LOCK TABLES {locks}; SELECT 'held';\n")
    client.stdin.flush()
    try:
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
    finally:
        client.kill()
        client.wait()
    return 0
