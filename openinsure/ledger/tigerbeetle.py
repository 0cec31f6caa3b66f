"""The real ledger server. Its client never times out and dies of a fork, so a thread owns it.

One daemon thread per process, started at the first call in that process, owns the one client.
Callers queue their request (64 wait at most) and give up after their deadline: then nobody knows
whether it happened, and the same ids are asked again. While nothing accepts connections (a plain
TCP probe, every two seconds) callers are told so at once.
"""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, TypeVar

import tigerbeetle as vendor

from openinsure.ledger import chains
from openinsure.ledger.port import (
    Account,
    AccountFlags,
    Balance,
    History,
    LedgerAway,
    Result,
    Transfer,
    TransferFlags,
)
from openinsure.ledger.tigerbeetle_packed import PackedClient

R = TypeVar("R")
QUEUE_PLACES = 64
PROBE_EVERY_MS, PROBE_MS = 2_000, 500
DEVELOPMENT_BATCH = 253  # events a request of a server started with --development; else 8,189
SUMS = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")
_USER = ("user_data_128", "user_data_64", "user_data_32")
_ACCOUNT = ("id", *SUMS, *_USER, "ledger", "code", "timestamp")
_TRANSFER = (
    *("id", "debit_account_id", "credit_account_id", "amount", "pending_id", *_USER),
    *("timeout", "ledger", "code", "timestamp"),
)


class TigerBeetleLedger:
    """The adapter. addresses: numeric `ip:port,...`; connect: makes the client."""

    name = "tigerbeetle"
    any_thread = True

    def __init__(
        self,
        addresses: str,
        cluster: int = 0,
        batch_max: int = DEVELOPMENT_BATCH,
        connect: Callable[[], Any] | None = None,
    ) -> None:
        self.batch_max = batch_max
        self._addresses = addresses
        self._connect = connect or (lambda: PackedClient(cluster, addresses))
        self._owner: _Owner | None = None
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._probed_at, self._answers = -PROBE_EVERY_MS, False

    def create_accounts(self, events: Sequence[Account], *, deadline_ms: int) -> list[Result]:
        """As the port says, in as many requests as fit."""
        made = [_out(vendor.Account, vendor.AccountFlags, one, _ACCOUNT) for one in events]
        return self._send("create_accounts", made, deadline_ms)

    def create_transfers(self, events: Sequence[Transfer], *, deadline_ms: int) -> list[Result]:
        """As the port says, in as many requests as fit, cut between chains."""
        return self._send("create_transfers", events, deadline_ms)

    def lookup_accounts(self, wanted: Sequence[int], *, deadline_ms: int) -> list[Account]:
        """As the port says."""
        found = self._look_up("lookup_accounts", wanted, deadline_ms)
        return [Account(**_in(one, _ACCOUNT), flags=AccountFlags(int(one.flags))) for one in found]

    def lookup_transfers(self, wanted: Sequence[int], *, deadline_ms: int) -> list[Transfer]:
        """As the port says."""
        return _transfers(self._look_up("lookup_transfers", wanted, deadline_ms))

    def account_transfers(self, asked: History, *, deadline_ms: int) -> list[Transfer]:
        """As the port says."""
        return _transfers(
            self._ask("get_account_transfers", _filter(asked), _Deadline(deadline_ms))
        )

    def account_balances(self, asked: History, *, deadline_ms: int) -> list[Balance]:
        """As the port says."""
        found = self._ask("get_account_balances", _filter(asked), _Deadline(deadline_ms))
        return [Balance(**_in(one, (*SUMS, "timestamp"))) for one in found]

    def close(self) -> None:
        """Give the client back; a caller that waits gets LedgerAway."""
        if self._owner is not None and self._pid == os.getpid():
            self._owner.close()
        self._owner = None

    def _send(self, operation: str, events: Sequence[Any], deadline_ms: int) -> list[Result]:
        by = _Deadline(deadline_ms)
        results: list[Result] = []
        waiting = chains.batches(events, self.batch_max)[::-1]
        while waiting:
            part = waiting.pop()
            try:
                told = self._ask(operation, part, by)
            except vendor.TooMuchDataError:
                # Only a request of one chain cannot be cut; then the server's limit is too low.
                if len(chains.chains(part)) == 1:
                    raise
                longest = max(len(chain) for chain in chains.chains(part))
                waiting += chains.batches(part, max(longest, len(part) // 2))[::-1]
                continue
            results += [Result(one.status.name, int(one.timestamp)) for one in told]
        return results

    def _look_up(self, operation: str, wanted: Sequence[int], deadline_ms: int) -> list[Any]:
        by = _Deadline(deadline_ms)
        found: list[Any] = []
        for start in range(0, len(wanted), self.batch_max):
            part = list(wanted[start : start + self.batch_max])
            found += self._ask(operation, part, by)
        return found

    def _ask(self, operation: str, request: Any, by: _Deadline) -> Any:
        self._hold_open()
        return self._own().ask(lambda client: getattr(client, operation)(request), by)

    def _own(self) -> _Owner:
        """This process's thread; a parent's is left alone, touching it would abort the parent."""
        with self._lock:
            if self._owner is None or self._pid != os.getpid():
                self._pid = os.getpid()
                self._owner = _Owner(self._connect)
            return self._owner

    def _hold_open(self) -> None:
        """Raises LedgerAway while no replica accepted a connection at the last probe."""
        if _now_ms() - self._probed_at >= PROBE_EVERY_MS:
            self._answers = any(_accepts(one.strip()) for one in self._addresses.split(","))
            self._probed_at = _now_ms()
        if not self._answers:
            raise LedgerAway(f"ledger: nothing accepts connections at {self._addresses}")


class _Deadline:
    """When one call ends, whatever number of requests it takes."""

    def __init__(self, whole_ms: int) -> None:
        self.whole_ms = whole_ms
        self._until = _now_ms() + whole_ms

    def left_ms(self) -> int:
        """Milliseconds, at least one: a request that is due still gives up by itself."""
        return max(1, self._until - _now_ms())


class _Owner:
    """The thread that alone touches the client."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._waiting: queue.Queue[tuple[Callable[[Any], Any], Future[Any]] | None]
        self._waiting = queue.Queue(QUEUE_PLACES)
        self._connect = connect
        self._client: Any = None
        threading.Thread(target=self._run, name="ledger-client", daemon=True).start()

    def ask(self, work: Callable[[Any], R], by: _Deadline) -> R:
        """What `work` answers. Raises LedgerAway: queue full, no answer by then, closed."""
        future: Future[R] = Future()
        try:
            self._waiting.put((work, future), timeout=by.left_ms() / 1000)
            return future.result(timeout=by.left_ms() / 1000)
        except queue.Full:
            raise LedgerAway("ledger: the queue of requests is full") from None
        except FutureTimeout:
            future.cancel()  # not sent at all if it still waits in the queue
            raise LedgerAway(f"ledger: no answer within {by.whole_ms} ms") from None
        except (vendor.ClientClosedError, vendor.ClientEvictedError, CancelledError) as gone:
            raise LedgerAway(f"ledger: {type(gone).__name__}") from gone

    def close(self) -> None:
        """Frees a thread that waits in the client."""
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(None)
        if self._client is not None:
            self._client.close()

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None:
            work, future = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                if self._client is None:
                    self._client = self._connect()
                future.set_result(work(self._client))
            except BaseException as error:  # the caller is told, the thread lives on
                future.set_exception(error)


def _filter(asked: History) -> Any:
    flags = vendor.AccountFilterFlags.DEBITS if asked.debits else vendor.AccountFilterFlags.NONE
    if asked.credits:
        flags |= vendor.AccountFilterFlags.CREDITS
    if asked.newest_first:
        flags |= vendor.AccountFilterFlags.REVERSED
    return vendor.AccountFilter(
        account_id=asked.account_id,
        user_data_128=0,
        user_data_64=0,
        user_data_32=0,
        code=0,
        timestamp_min=asked.timestamp_min,
        timestamp_max=asked.timestamp_max,
        limit=asked.limit,
        flags=flags,
    )


def _out(kind: Any, flags: Any, event: Account | Transfer, columns: Sequence[str]) -> Any:
    values = {name: getattr(event, name) for name in columns}
    return kind(**values, flags=flags(int(event.flags)))


def _in(row: Any, columns: Sequence[str]) -> dict[str, int]:
    return {name: int(getattr(row, name)) for name in columns}


def _transfers(rows: Sequence[Any]) -> list[Transfer]:
    return [Transfer(**_in(one, _TRANSFER), flags=TransferFlags(int(one.flags))) for one in rows]


def _accepts(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        where = (host or "127.0.0.1", int(port))
        with socket.create_connection(where, timeout=PROBE_MS / 1000):
            return True
    except (OSError, ValueError):
        return False


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
