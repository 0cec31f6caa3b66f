"""Ports: defaults, variables, and the suite's own."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from engines import ports
from engines.stack import Trouble


@pytest.fixture(autouse=True)
def _no_ports_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ports.DEFAULTS:
        monkeypatch.delenv(ports.variable(name), raising=False)


def test_it_has_the_documented_defaults() -> None:
    assert ports.for_run({}) == {
        **{"mysql": 13306, "redis": 13379, "postgres": 15432},
        **{"spicedb": 50051, "tigerbeetle": 3001, "web": 8000},
    }


def test_it_is_moved_by_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENINSURE_PORT_WEB", "8123")
    assert ports.for_run({"web": 9000})["web"] == 8123


def test_it_finds_the_stack_that_runs(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "env").write_text("# note\nOPENINSURE_PORT_WEB=8200\nSECRET_KEY=a=b\n")
    assert ports.for_run(ports.of_running(tmp_path))["web"] == 8200
    assert ports.of_running(tmp_path / "nothing") == {}


@pytest.mark.parametrize("text", ["99", "65536", "-1", "eight", "8000.5", "٨٠٠٠"])
def test_it_names_the_variable_and_the_rule(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("OPENINSURE_PORT_WEB", text)
    with pytest.raises(Trouble, match="^OPENINSURE_PORT_WEB: .* must be a whole number"):
        ports.for_run({})


def test_it_refuses_one_port_for_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENINSURE_PORT_WEB", "13306")
    with pytest.raises(Trouble, match="OPENINSURE_PORT_WEB: 13306 is also OPENINSURE_PORT_MYSQL"):
        ports.for_run({})


def test_it_keeps_the_ports_of_the_suite(tmp_path: Path) -> None:
    chosen = ports.for_tests(tmp_path)
    assert ports.for_tests(tmp_path) == chosen
    assert len(set(chosen.values())) == len(ports.DEFAULTS)


def test_it_sees_a_listener() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert ports.in_use(port)
        assert ports.answers("127.0.0.1", port)
    assert not ports.in_use(port)
    assert not ports.answers("127.0.0.1", port)
