"""MariaDB: installed once, restarted when killed, its port and its data respected."""

from __future__ import annotations

import os
import signal
import socket
import time
from dataclasses import replace

import pytest

from engines import mariadb, processes, service, table
from engines.stack import Stack, Trouble, wait_until


def test_it_starts_again_after_a_kill(engines: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    pid = processes.running(engines, "mariadb")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: processes.gone(pid), 5)
    service.ensure(engines, mariadb.SERVICE)
    assert mariadb.rows(engines, "SELECT note FROM oi_claims.claims") == [["one"]]
    assert "ready on" in capsys.readouterr().out


def test_it_keeps_a_running_server(engines: Stack) -> None:
    before = processes.running(engines, "mariadb")
    began = time.monotonic()
    service.ensure(engines, mariadb.SERVICE)
    assert processes.running(engines, "mariadb") == before
    assert time.monotonic() - began < 2


def test_it_names_port_and_variable_when_taken(stack: Stack) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        moved = replace(stack, ports={**stack.ports, "mysql": port})
        with pytest.raises(Trouble) as told:
            service.ensure(moved, mariadb.SERVICE)
    assert f"port {port}" in str(told.value)
    assert "OPENINSURE_PORT_MYSQL" in str(told.value)
    assert "\n" not in str(told.value)


def test_it_installs_again_over_a_half_made_folder(stack: Stack) -> None:
    half = mariadb.data(stack)
    (half / "mysql").mkdir(parents=True)
    (half / "ibdata1").write_bytes(b"\0" * 100)
    service.ensure(stack, mariadb.SERVICE)
    assert mariadb.rows(stack, "SELECT 1 + 1") == [["2"]]


def test_it_never_deletes_databases(stack: Stack) -> None:
    kept = mariadb.data(stack) / "oi_claims"
    kept.mkdir(parents=True)
    with pytest.raises(Trouble, match="holds oi_claims but its installation is not complete"):
        service.ensure(stack, mariadb.SERVICE)
    assert kept.is_dir()


def test_it_has_vitess_sql_mode_and_utc(engines: Stack) -> None:
    rows = mariadb.rows(
        engines, "SELECT @@global.sql_mode, @@global.time_zone, @@character_set_server"
    )
    assert rows == [[mariadb.SQL_MODE, "+00:00", "utf8mb4"]]


def test_it_lets_nobody_in_without_a_password(engines: Stack) -> None:
    rows = mariadb.rows(
        engines,
        "SELECT user, host FROM mysql.user WHERE authentication_string = ''"
        " AND host IN ('127.0.0.1', '::1', '%', 'localhost') AND user <> 'mariadb.sys'",
    )
    assert rows == []


def test_it_keeps_passwords_off_the_process_list(engines: Stack) -> None:
    secret = (engines.state / "secrets" / "mariadb-root").read_text()
    for name in ("mariadb", "redis"):
        command = processes.facts(engines, name)
        assert secret not in str(command)
    pid = processes.running(engines, "mariadb")
    assert pid is not None
    found = table.find(pid)
    assert found is not None
    assert secret not in found.command
