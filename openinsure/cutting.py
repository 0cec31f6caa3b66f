"""A deadline over a whole conversation, where a library only bounds each answer. No Django."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

RECUT_S = 0.05  # a connection that was opened only after the deadline


@contextmanager
def cut_after(seconds: float, connected: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Shut the connection down when the block takes longer; whoever reads from it then fails.

    connected: the socket, None before there is one. A peer that drips bytes keeps every timeout
    of the socket itself, so only this ends it.
    """
    over = threading.Event()

    def watch() -> None:
        if over.wait(seconds):
            return
        while True:
            if (opened := connected()) is not None:
                with suppress(OSError):  # closed already
                    opened.shutdown(socket.SHUT_RDWR)
            if over.wait(RECUT_S):
                return

    threading.Thread(target=watch, name="deadline", daemon=True).start()
    try:
        yield
    finally:
        over.set()
