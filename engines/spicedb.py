"""SpiceDB: the real authorisation server, if its binary is found; its store is in MariaDB."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from engines import ports, spicedb_build
from engines.processes import Program
from engines.secrets import secret
from engines.service import Service
from engines.stack import Stack, Trouble, say, why

NOT_ANSWERING = "SpiceDB does not answer, so every page will answer 503 until it does"


def binary() -> str | None:
    """`spicedb` on PATH, else `.local/bin/spicedb`, else None."""
    own = spicedb_build.BINARY
    return shutil.which("spicedb") or (str(own) if own.exists() else None)


def provide(stack: Stack, *, required: bool) -> None:
    """Have the binary, built by Go if it is nowhere.

    Raises Trouble when it is required and cannot be had; else the lack is said in one line.
    """
    if binary() or stack.external("SPICEDB_ENDPOINT"):
        return
    if spicedb_build.go_is_able():
        spicedb_build.build(stack)
        return
    lack = "no spicedb on PATH and no Go of at least 1.21 to build it"
    if required:
        raise Trouble(f"spicedb: {lack}; CI runs its tests on the real server")
    say("spicedb", f"left out: {lack}; rights come from the roles backend")


def _environment(stack: Stack) -> dict[str, str]:
    """Its flags as variables: key and password stay off the process list."""
    address = f"127.0.0.1:{stack.ports['mysql']}"
    return {
        "SPICEDB_DATASTORE_ENGINE": "mysql",
        "SPICEDB_DATASTORE_CONN_URI": (
            f"spicedb:{secret(stack, 'mariadb-spicedb')}@tcp({address})/spicedb?parseTime=true"
        ),
        "SPICEDB_GRPC_PRESHARED_KEY": secret(stack, "spicedb"),
    }


def prepare(stack: Stack) -> None:
    """`spicedb datastore migrate head`: its owner's own command, repeatable."""
    log = stack.log / "spicedb-migrate.log"
    with log.open("wb") as output:
        done = subprocess.run(
            [binary() or "spicedb", "datastore", "migrate", "head"],
            stdout=output,
            stderr=output,
            check=False,
            env={**os.environ, **_environment(stack)},
        )
    if done.returncode:
        raise Trouble(f"spicedb datastore migrate failed: {why(Path(log))} (log {log})")


def program(stack: Stack) -> Program:
    """The server: gRPC only, no metrics, no telemetry."""
    address = f"127.0.0.1:{stack.ports['spicedb']}"
    command = (
        *(binary() or "spicedb", "serve", "--grpc-addr", address),
        *("--http-enabled=false", "--metrics-enabled=false", "--telemetry-endpoint", ""),
        "--skip-release-check",
    )
    return Program(
        "spicedb", command, mark=f"--grpc-addr {address}", environment=_environment(stack)
    )


def ready(stack: Stack) -> bool:
    """The gRPC port accepts connections; schema and rights are checked by the console itself."""
    return ports.answers("127.0.0.1", stack.ports["spicedb"])


def answers(values: Mapping[str, str]) -> bool:
    """Whether the server of `<state>/run/env` accepts connections."""
    host, _, port = values.get("SPICEDB_ENDPOINT", "").removeprefix("grpcs://").rpartition(":")
    return port.isdigit() and ports.answers(host, int(port))


def told(stack: Stack, values: Mapping[str, str]) -> str:
    """Which backend answers who may do what, for people: the last lines of `make run`."""
    endpoint = values.get("SPICEDB_ENDPOINT")
    if values["AUTHZ_BACKEND"] == "spicedb":
        if answers(values):
            return f"answered by SpiceDB ({endpoint})"
        return (
            f"UNANSWERED: {NOT_ANSWERING}\n"
            f"             log {stack.log / 'spicedb.log'}; start again with `make run`, or go on\n"
            "             without relations: AUTHZ_BACKEND=roles make run"
        )
    if endpoint:
        return f"answered by roles, as AUTHZ_BACKEND says (SpiceDB: {endpoint} is not asked)"
    return "answered by roles (SpiceDB is not installed, `make engines` builds it)"


SERVICE = Service("spicedb", "spicedb", 20, prepare, program, ready)
