"""Faults on purpose: refused or hung while they last, as before once cleared."""

from __future__ import annotations

import socket

import pytest

from engines import fault, processes, redis
from engines.stack import Stack, Trouble
from tests.engines.conftest import query

READ = "SELECT * FROM oi_claims.claims"


def test_it_refuses_one_keyspace_and_no_other(engines: Stack) -> None:
    fault.inject(engines, "oi_claims", "refuse")
    try:
        assert "locked" in query(engines, "app_oi_claims", READ)
        assert query(engines, "app_oi_billing", "SELECT * FROM oi_billing.invoices") == ""
        assert query(engines, "reader", READ) == ""
        assert fault.active(engines) == {"oi_claims": "refuse"}
    finally:
        fault.inject(engines, "oi_claims", "clear")
    assert query(engines, "app_oi_claims", READ) == ""
    assert fault.active(engines) == {}


def test_it_hangs_one_keyspace_until_cleared(engines: Stack) -> None:
    fault.inject(engines, "oi_claims", "hang")
    try:
        assert query(engines, "app_oi_claims", READ, timeout_s=0.7) == "no answer"
        assert query(engines, "app_oi_billing", "SELECT * FROM oi_billing.invoices") == ""
    finally:
        fault.inject(engines, "", "clear")
    assert query(engines, "app_oi_claims", READ) == ""


def test_it_stops_and_starts_a_process(engines: Stack) -> None:
    fault.inject(engines, "redis", "refuse")
    assert processes.running(engines, "redis") is None
    assert not redis.ready(engines)
    fault.inject(engines, "redis", "clear")
    assert redis.ready(engines)


def test_it_pauses_a_process(engines: Stack) -> None:
    fault.inject(engines, "redis", "hang")
    try:
        assert not redis.ready(engines)
        with socket.create_connection(("127.0.0.1", engines.ports["redis"]), 1):
            pass  # still accepted: by the kernel, not by Redis
    finally:
        fault.inject(engines, "redis", "clear")
    assert redis.ready(engines)


def test_it_replaces_one_fault_by_another(engines: Stack) -> None:
    fault.inject(engines, "oi_claims", "hang")
    fault.inject(engines, "oi_claims", "refuse")
    assert fault.active(engines) == {"oi_claims": "refuse"}
    assert "locked" in query(engines, "app_oi_claims", READ)
    fault.end_all(engines)
    assert query(engines, "app_oi_claims", READ) == ""


@pytest.mark.parametrize(
    ("name", "mode", "word"),
    [("oi_claims", "explode", "MODE"), ("oracle", "refuse", "NAME"), ("", "refuse", "NAME")],
)
def test_it_names_what_it_does_not_know(stack: Stack, name: str, mode: str, word: str) -> None:
    with pytest.raises(Trouble, match=f"^{word}: "):
        fault.inject(stack, name, mode)


@pytest.mark.parametrize("name", ["oi_claims", "web"])
def test_it_says_that_the_stack_is_not_running(stack: Stack, name: str) -> None:
    with pytest.raises(Trouble, match="not running"):
        fault.inject(stack, name, "refuse")
