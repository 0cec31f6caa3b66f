"""What `make run` says about who answers rights: never silently something else."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from engines import accounts, ports, run, spicedb, steps
from engines.stack import Stack

ENDPOINT = "SPICEDB_ENDPOINT"


@pytest.fixture
def listening() -> Iterator[str]:
    """An address where something accepts connections."""
    server = socket.create_server(("127.0.0.1", 0))
    yield f"127.0.0.1:{server.getsockname()[1]}"
    server.close()


def nowhere() -> str:
    return f"127.0.0.1:{ports.free(1)[0]}"


def test_it_names_the_backend_that_answers(stack: Stack, listening: str) -> None:
    on = {"AUTHZ_BACKEND": "spicedb", ENDPOINT: listening}
    assert spicedb.told(stack, on) == f"answered by SpiceDB ({listening})"
    chosen = spicedb.told(stack, {"AUTHZ_BACKEND": "roles", ENDPOINT: listening})
    assert "answered by roles, as AUTHZ_BACKEND says" in chosen
    absent = spicedb.told(stack, {"AUTHZ_BACKEND": "roles"})
    assert "`make engines` builds it" in absent


def test_it_says_so_when_spicedb_did_not_start(stack: Stack) -> None:
    said = spicedb.told(stack, {"AUTHZ_BACKEND": "spicedb", ENDPOINT: nowhere()})
    assert said.startswith("UNANSWERED: SpiceDB does not answer")
    assert "503" in said
    assert "spicedb.log" in said
    assert "AUTHZ_BACKEND=roles make run" in said


@pytest.mark.parametrize("running", [True, False])
def test_it_goes_on_without_relations_and_never_changes_the_backend(
    running: bool,
    stack: Stack,
    listening: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(steps, "run", lambda _, step: ran.append(step.name))
    monkeypatch.setattr(accounts, "grant_tables", lambda _: None)
    values = {"AUTHZ_BACKEND": "spicedb", ENDPOINT: listening if running else nowhere()}
    before = dict(values)
    run.load(stack, values)
    assert values == before
    assert ("spicedb-relations" in ran) is running
    assert "demo" in ran
    assert ("every page will answer 503" in capsys.readouterr().out) is not running
