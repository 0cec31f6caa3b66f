"""TigerBeetle: no DDL and no version call; a server is asked for a connection only.

A dead address or a wrong cluster id blocks the real client for ever, so it is never used here.
"""

from __future__ import annotations

from dbops.history.rules import Runs, no_runs
from dbops.inventory import Target
from dbops.readings import Deadline, Reading, State, silent
from openinsure import environment

EMBEDDED = "embedded ledger (no server configured)"
DEFAULT_PORT = 3000


def probe(target: Target, deadline: Deadline, runs: Runs = no_runs) -> Reading:
    """running, unreachable, or failed (embedded outside local); never raises."""
    variable = target.place.url_env
    text = environment.optional(variable) if variable else ""
    if not text:
        local = target.place.name == "local"
        state = State.RUNNING if local else State.FAILED
        return Reading(state=state, detail=EMBEDDED, read_at=deadline.started_at)
    addresses = [part.strip() for part in text.split(",") if part.strip()]
    try:
        answers = [_answers(*_address(part), deadline) for part in addresses]
    except ValueError:
        return silent(deadline, State.UNKNOWN, f"{variable}: is no readable address list")
    if not any(answers):
        return silent(deadline, State.UNREACHABLE, "refused the connection")
    expected = target.database.expected
    state, said = compatible(_client(), expected.head, expected.oldest)
    detail = f"{sum(answers)} of {len(answers)} replicas accept connections, {said}"
    return Reading(state=state, detail=detail, read_at=deadline.started_at)


def compatible(client: str, cluster: str, oldest: str = "") -> tuple[State, str]:
    """Whether this client may talk to the cluster: not a newer one (ClientReleaseTooHighError), nor
    one older than the cluster takes.

    cluster, oldest: releases that the inventory expects; the protocol has no call that says them.
    Pure.
    """
    if not client:
        return State.RUNNING, "no client installed here"
    if not cluster:
        return State.RUNNING, f"client {client}, cluster release not configured"
    try:
        own, theirs = _release(client), _release(cluster)
        least = _release(oldest) if oldest else own
    except ValueError:
        return State.UNKNOWN, f"client {client}, unreadable cluster release"
    if own > theirs:
        return State.FAILED, f"client {client} is too new: the cluster is an older {cluster}"
    if own < least:
        return State.FAILED, f"client {client} is too old: the cluster {cluster} takes {oldest} on"
    return State.RUNNING, f"client {client}, cluster {cluster}"


def _release(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _address(text: str) -> tuple[str, int]:
    """`3000`, `host` or `host:port`. Raises ValueError."""
    host, _, port = text.rpartition(":")
    if not host and text.isdigit():
        return "127.0.0.1", int(text)
    return (host, int(port)) if host else (text, DEFAULT_PORT)


def _answers(host: str, port: int, deadline: Deadline) -> bool:
    import socket  # 3 ms: only where a server is configured

    try:
        with socket.create_connection((host, port), timeout=max(0.01, deadline.left_s)):
            return True
    except OSError:
        return False


def _client() -> str:
    from importlib import metadata  # 20 ms: only where a server is configured

    try:
        return metadata.version("tigerbeetle")
    except metadata.PackageNotFoundError:
        return ""
