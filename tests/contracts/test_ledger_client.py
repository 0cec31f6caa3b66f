"""The thread round TigerBeetle's client, on a client of our own: deadline, cuts, fork, probe."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import tigerbeetle as vendor

from openinsure.ledger import tigerbeetle
from openinsure.ledger.port import LedgerAway, Transfer, TransferFlags
from openinsure.ledger.tigerbeetle import TigerBeetleLedger


class Told:
    """A client that answers CREATED, takes at most `most` events, and waits for `gate` if given."""

    def __init__(self, most: int = 253, gate: threading.Event | None = None) -> None:
        self.most, self.gate, self.requests = most, gate, []

    def create_transfers(self, events: list[Any]) -> list[Any]:
        """One result an event."""
        if self.gate:
            self.gate.wait(10)
        if len(events) > self.most:
            raise vendor.TooMuchDataError
        self.requests.append([one.id for one in events])
        created = vendor.CreateTransferStatus.CREATED
        return [vendor.CreateTransferResult(timestamp=one.id, status=created) for one in events]

    def close(self) -> None:
        """Nothing to free."""


@pytest.fixture
def port() -> Iterator[str]:
    """A place that accepts connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def events(count: int, linked: int = 0) -> list[Transfer]:
    """`count` transfers; the first `linked` are one chain."""
    chain = range(1, linked)
    return [
        Transfer(id=n, flags=TransferFlags.LINKED if n in chain else TransferFlags.NONE)
        for n in range(1, count + 1)
    ]


def test_it_cuts_requests_between_chains(port: str) -> None:
    client = Told()
    ledger = TigerBeetleLedger(port, batch_max=4, connect=lambda: client)
    told = ledger.create_transfers([*events(6, linked=3)], deadline_ms=2_000)
    assert client.requests == [[1, 2, 3, 4], [5, 6]]
    assert [(one.status, one.timestamp) for one in told] == [("CREATED", n) for n in range(1, 7)]


def test_it_cuts_again_when_the_server_takes_less(port: str) -> None:
    client = Told(most=3)
    ledger = TigerBeetleLedger(port, batch_max=8, connect=lambda: client)
    told = ledger.create_transfers(events(8, linked=3), deadline_ms=2_000)
    assert [one.timestamp for one in told] == list(range(1, 9))
    assert client.requests[0] == [1, 2, 3]


def test_it_does_not_cut_a_chain(port: str) -> None:
    ledger = TigerBeetleLedger(port, batch_max=8, connect=lambda: Told(most=2))
    with pytest.raises(vendor.TooMuchDataError):
        ledger.create_transfers(events(3, linked=3), deadline_ms=2_000)


def test_it_gives_up_at_the_deadline_and_answers_later(port: str) -> None:
    gate = threading.Event()
    client = Told(gate=gate)
    ledger = TigerBeetleLedger(port, connect=lambda: client)
    with pytest.raises(LedgerAway, match="no answer within 50 ms"):
        ledger.create_transfers(events(1), deadline_ms=50)
    gate.set()
    assert ledger.create_transfers(events(1), deadline_ms=2_000)[0].done


def test_it_says_at_once_that_nothing_listens() -> None:
    ledger = TigerBeetleLedger("127.0.0.1:1", connect=lambda: pytest.fail("connected"))
    with pytest.raises(LedgerAway, match="nothing accepts connections"):
        ledger.create_transfers(events(1), deadline_ms=2_000)


def test_it_makes_a_client_of_its_own_after_a_fork(
    port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Told] = []

    def connect() -> Told:
        made.append(Told())
        return made[-1]

    ledger = TigerBeetleLedger(port, connect=connect)
    ledger.create_transfers(events(1), deadline_ms=2_000)
    parent = os.getpid()
    monkeypatch.setattr(tigerbeetle.os, "getpid", lambda: parent + 1)
    ledger.create_transfers(events(1), deadline_ms=2_000)
    assert [len(one.requests) for one in made] == [1, 1]


def test_it_gets_no_answer_from_the_real_client_at_a_silent_port(port: str) -> None:
    ledger = TigerBeetleLedger(port)
    with pytest.raises(LedgerAway, match="no answer within 300 ms"):
        ledger.lookup_accounts([1], deadline_ms=300)
    ledger.close()
