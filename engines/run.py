"""`make run`: everything up, in the order of what needs what; prints where to go and how to stop.

Everything is started detached, so the command returns while the stack runs on.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote, urlsplit

from engines import (
    accounts,
    application,
    environment_file,
    fault,
    mariadb,
    packages,
    ports,
    postgres,
    processes,
    python_env,
    redis,
    service,
    spicedb,
    steps,
    tigerbeetle,
)
from engines.service import Service
from engines.stack import RUNBOOK, Stack, Trouble, say

DISK_NEEDED = 2 * 1024**3  # bytes, for a first start
STOP_ORDER = ("web", "beat", "worker", "tigerbeetle", "spicedb", "postgres", "redis", "mariadb")


@contextlib.contextmanager
def locked(stack: Stack) -> Iterator[None]:
    """One command at a time per stack. Raises Trouble naming the other one."""
    stack.make_folders()
    with (stack.run / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            who = file.read().strip() or "unknown"
            raise Trouble(
                f"another command is starting or stopping this stack (pid {who}): wait for it"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def engines(stack: Stack) -> list[Service]:
    """The engines that we start ourselves here: not elsewhere, and installed."""
    own = []
    if not stack.external("DATABASE_URL"):
        own.append(mariadb.SERVICE)
    if not stack.external("REDIS_URL"):
        own.append(redis.SERVICE)
    if not stack.external("DOCUMENSO_URL") and postgres.binaries():
        own.append(postgres.SERVICE)
    return own


def optional_engines(stack: Stack) -> list[Service]:
    """Real servers used where their binaries are found."""
    own = []
    local = not stack.external("DATABASE_URL")
    if not stack.external("SPICEDB_ENDPOINT") and spicedb.binary() and local:
        own.append(spicedb.SERVICE)
    if not stack.external("TIGERBEETLE_ADDRESSES") and tigerbeetle.binary():
        own.append(tigerbeetle.SERVICE)
    return own


def prepare(stack: Stack) -> None:
    """Packages and Python environment. Raises Trouble with everything that is missing."""
    stack.make_folders()
    packages.provide(stack, build=not python_env.current())
    python_env.provide(stack)


def start_engines(stack: Stack) -> dict[str, str]:
    """Engines, schemas, accounts. Result: the variables of `<state>/run/env`."""
    environment_file.check_external(stack)
    probe_external(stack)
    own = engines(stack)
    for one in own:
        service.check_port(stack, one)
    together([lambda one=one: service.ensure(stack, one) for one in own])  # type: ignore[misc]
    if mariadb.SERVICE in own:
        accounts.apply(stack)
    if postgres.SERVICE in own:
        postgres.apply(stack)
    values = environment_file.write(stack)
    start_optional(stack, values)
    return values


def start_optional(stack: Stack, values: dict[str, str]) -> None:
    """What the console can do without. One that does not come says so, and the rest goes on."""
    for one in optional_engines(stack):
        try:
            service.ensure(stack, one)
        except Trouble as trouble:
            coming = isinstance(trouble, service.StillStarting)
            say(one.name, f"{'still starting' if coming else 'not started'}: {trouble}")
            say(one.name, without(one, values))


def without(engine: Service, values: dict[str, str]) -> str:
    """What goes on while an optional engine does not answer, for people."""
    if engine is spicedb.SERVICE and values["AUTHZ_BACKEND"] == "spicedb":
        return f"going on: {spicedb.NOT_ANSWERING}"
    if engine is tigerbeetle.SERVICE and values["LEDGER_BACKEND"] == "tigerbeetle":
        return f"going on: {tigerbeetle.NOT_ANSWERING}"
    return "going on: the console does not ask it"


def probe_external(stack: Stack) -> None:
    """Servers named by the environment must answer. Raises Trouble naming the variable."""
    names = [*environment_file.DATABASES, "REDIS_URL", "DOCUMENSO_URL", "SPICEDB_ENDPOINT"]
    for name in names:
        address = stack.external(name)
        if not address:
            continue
        parts = urlsplit(address if "//" in address else f"//{address}")
        host, port = parts.hostname or "", parts.port or 0
        if (
            name == "REDIS_URL"
            and port
            and not redis.pong(
                host, port, unquote(parts.password or ""), unquote(parts.username or "")
            )
        ):
            raise Trouble(f"{name}: no Redis answers there with that password")
        if not ports.answers(host, port, 2):
            raise Trouble(f"{name}: nothing answers on {host or '(no host)'}:{port or '(no port)'}")
        say("external", f"{name} is used ({host}:{port})")


def up(stack: Stack) -> int:
    """`make run`. Result: exit code 0 with the stack running."""
    begun = time.monotonic()
    if os.environ.get("OPENINSURE_ENV", "local") != "local":
        raise Trouble("OPENINSURE_ENV: `make run` is for local only (docs/runbooks/local-stack.md)")
    with locked(stack):
        _check_disk(stack)
        prepare(stack)
        fault.end_all(stack, restart=False)
        own = (application.WEB, *engines(stack), *optional_engines(stack))
        for one in own:
            service.check_port(stack, one)
        before = {name for name in STOP_ORDER if processes.running(stack, name)}
        try:
            values = start_engines(stack)
            load(stack, values)
            start_console(stack)
        except KeyboardInterrupt:
            say("stopped", "on request; what this command started is stopped again")
            for name in STOP_ORDER:
                if name not in before:
                    processes.stop(stack, name)
            return 130
    print(summary(stack, values, time.monotonic() - begun))
    return 0


def start_console(stack: Stack) -> None:
    """The web first: importing the code three times at once would make its readers wait."""
    service.ensure(stack, application.WEB)
    for one in (application.WORKER, application.BEAT):
        service.ensure(stack, one)


def engines_only(stack: Stack) -> int:
    """Engines, schemas and accounts, without the console (`python3 -m engines engines`)."""
    with locked(stack):
        prepare(stack)
        spicedb.provide(stack, required=False)
        start_engines(stack)
    return 0


def load(stack: Stack, values: dict[str, str]) -> None:
    """Tables, then everything that needs tables."""

    def tables() -> None:
        for step in steps.schema_steps(values):  # in order: the console's tables log migrations
            steps.run(stack, step)

    others = [
        lambda step=step: steps.run(stack, step)
        for step in (steps.estate_step(stack), steps.STATIC)
    ]
    together([tables, *others])
    if not stack.external("DATABASE_URL"):
        accounts.grant_tables(stack)
    related = values["AUTHZ_BACKEND"] == "spicedb"
    if related and not spicedb.answers(values):
        related = False
        say("rights", f"not loaded: {spicedb.NOT_ANSWERING}")
    for step in (steps.RELATIONS_SCHEMA, steps.DEMO, steps.RELATIONS):
        if related or step is steps.DEMO:
            steps.run(stack, step)


def together(work: list[Callable[[], None]]) -> None:
    """Run side by side; the first Trouble is raised after all have ended."""
    if work:
        with ThreadPoolExecutor(len(work)) as pool:
            for done in [pool.submit(one) for one in work]:
                done.result()


def down(stack: Stack) -> int:
    """`make stop`: what we started, in reverse order, and nothing else."""
    with locked(stack):
        fault.end_all(stack, restart=False, quiet=True)
        stopped = [name for name in STOP_ORDER if processes.stop(stack, name)]
    say("stopped", ", ".join(stopped) if stopped else "nothing was running")
    return 0


def status(stack: Stack) -> int:
    """Which processes of this stack run. Result: exit code 0."""
    for name in reversed(STOP_ORDER):
        pid = processes.running(stack, name)
        say(name, f"running (pid {pid})" if pid else "not running")
    for name, mode in fault.active(stack).items():
        say("fault", f"{name} {mode}: `make fault NAME={name} MODE=clear` ends it")
    return 0


def _check_disk(stack: Stack) -> None:
    free = shutil.disk_usage(stack.state).free
    if free < DISK_NEEDED and not (stack.state / "mariadb" / "installed").exists():
        raise Trouble(f"{stack.state} has {free // 2**20} MiB free: a first start needs 2 GiB")


def summary(stack: Stack, values: dict[str, str], seconds: float) -> str:
    """What `make run` prints last."""
    fleet = "running" if processes.running(stack, "postgres") else "elsewhere or not installed"
    return f"""
OpenInsure Console is ready ({seconds:.1f} s)

  http://127.0.0.1:{stack.ports["web"]}

  sign in as             password openinsure-demo for all
    support@acme.test      also admin operator underwriter adjuster finance finance2 compliance
    support@borealis.test  the same roles; and @cascade.test
    auditor@openinsure.test   superadmin  dbops  approver  (@openinsure.test)

  rights     {spicedb.told(stack, values)}
  ledger     {tigerbeetle.told(stack, values)}
  Documenso  PostgreSQL: {fleet}
  commands   .venv/bin/openinsure db status
  logs       {stack.log}
  stop       make stop        trouble: {RUNBOOK}"""
