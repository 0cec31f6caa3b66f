"""Servers that hang or talk nonsense: `unknown` by the deadline, and nobody waits for them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from dbops.inventory import Target
from dbops.probes import board
from dbops.probes.threads import side_by_side
from dbops.readings import Deadline, State
from tests.dbops.conftest import NOW, look

ENTRY = """
[[database]]
slug = "{slug}"
name = "{slug}"
engine = "{engine}"
host = "own"
tool = "none"
owner = "we"
status = "active"
[database.places.local]
url_env = "{slug_upper}_URL"
schemas = ["x"]
"""
Use = Callable[..., list[Target]]


def entry(slug: str, engine: str) -> str:
    return ENTRY.format(slug=slug, slug_upper=slug.upper(), engine=engine)


@pytest.fixture
def babble() -> Iterator[int]:
    """The port of a server that answers everybody with a web page and hangs up."""
    server = socket.create_server(("127.0.0.1", 0), backlog=16)

    def serve() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n<html>no</html>" * 4)

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    server.close()


@pytest.mark.parametrize("engine", ["mysql", "postgres"])
def test_it_calls_a_hung_server_unknown_by_the_deadline(use: Use, hung: int, engine: str) -> None:
    scheme = "mysql" if engine == "mysql" else "postgresql"
    (target,) = use(entry("hung", engine), HUNG_URL=f"{scheme}://a:b@127.0.0.1:{hung}/x")
    started = time.monotonic()
    reading = look(target, seconds=0.3)
    took = time.monotonic() - started
    assert reading.state is State.UNKNOWN
    assert "no answer within 0.3 s" in reading.detail
    assert 0.29 <= took < 3 * 0.3


def test_it_does_not_let_one_hung_server_hold_the_others(use: Use, hung: int) -> None:
    address = f"mysql://a:b@127.0.0.1:{hung}/x"
    toml = entry("one", "mysql") + entry("two", "mysql") + entry("tb", "tigerbeetle")
    targets = use(toml, ONE_URL=address, TWO_URL=address, TB_URL="")
    started = time.monotonic()
    readings = board.read_all(targets, Deadline.after(0.4, NOW))
    took = time.monotonic() - started
    assert [reading.state for reading in readings] == [State.UNKNOWN, State.UNKNOWN, State.RUNNING]
    assert took < 2 * 0.4  # one after the other would be more


@pytest.mark.parametrize("engine", ["mysql", "postgres"])
def test_it_never_calls_nonsense_healthy(use: Use, babble: int, engine: str) -> None:
    scheme = "mysql" if engine == "mysql" else "postgresql"
    (target,) = use(entry("odd", engine), ODD_URL=f"{scheme}://a:b@127.0.0.1:{babble}/x")
    assert look(target).state in (State.UNKNOWN, State.UNREACHABLE)


def test_it_runs_calls_side_by_side() -> None:
    def slow() -> str:
        time.sleep(0.2)
        return "done"

    started = time.monotonic()
    answers = side_by_side(dict.fromkeys(range(6), slow), 5.0, lambda _key: "late")
    assert list(answers.values()) == ["done"] * 6
    assert time.monotonic() - started < 3 * 0.2


def test_it_makes_calls_at_hand_in_its_own_thread() -> None:
    calls = dict.fromkeys(("near", "far"), threading.get_ident)
    answers = side_by_side(calls, 5.0, lambda _key: 0, at_hand=["near"])
    assert list(answers) == ["near", "far"]
    assert answers["near"] == threading.get_ident() != answers["far"]


def test_it_turns_a_broken_probe_into_a_reading(use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    from dbops.probes import tigerbeetle

    def broken(target: Target, deadline: Deadline, runs: object) -> None:
        raise ZeroDivisionError("mysql://a:hunter2@b")

    monkeypatch.setattr(tigerbeetle, "probe", broken)
    (target,) = use(entry("tb", "tigerbeetle"), TB_URL="")
    reading = look(target)
    assert (reading.state, reading.detail) == (
        State.UNKNOWN, "the probe failed (ZeroDivisionError)",
    )  # fmt: skip


def test_it_finds_a_tigerbeetle_server_or_says_it_is_away(
    use: Use, hung: int, closed_port: int
) -> None:
    (target,) = use(entry("tb", "tigerbeetle"), TB_URL=f"127.0.0.1:{hung}")
    assert look(target).state is State.RUNNING
    (target,) = use(entry("tb", "tigerbeetle"), TB_URL=f"127.0.0.1:{closed_port}")
    assert look(target).state is State.UNREACHABLE
    (target,) = use(entry("tb", "tigerbeetle"), TB_URL="a:b:c")
    assert look(target).state is State.UNKNOWN
