"""Who writes what the generators made: at once, or in a thread while the next rows are made.

Generating is the interpreter's work and writing mostly the server's, so side by side a load takes
little more than the longer of the two. Work is done strictly in the order in which it was handed
over, inside the scope that was entered then.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context, copy_context
from queue import Queue
from threading import Thread

from django.db import connections

Work = Callable[[], int]  # writes; how many rows
WAITING_MAX = 3  # pieces of work in memory


class Scribe:
    """Does work at once, where it is asked. rows: what all of it wrote."""

    def __init__(self) -> None:
        self.rows = 0

    def do(self, work: Work) -> None:
        """Do it, or raise what it or earlier work raised."""
        self.rows += work()

    def finish(self) -> None:
        """Wait for everything handed over. Raises what stopped it."""


class Beside(Scribe):
    """Does work in a thread of its own, with connections of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: Queue[tuple[Context, Work] | None] = Queue(WAITING_MAX)
        self._failed: BaseException | None = None
        self._thread = Thread(target=self._run, name="demo-scribe", daemon=True)
        self._thread.start()

    def do(self, work: Work) -> None:
        """Hand it over; waits while too much is waiting."""
        self._raise()
        self._waiting.put((copy_context(), work))

    def finish(self) -> None:
        """As above; it takes no more work afterwards."""
        self._waiting.put(None)
        self._thread.join()
        self._raise()

    def _raise(self) -> None:
        if self._failed is not None:
            raise self._failed

    def _run(self) -> None:
        while (given := self._waiting.get()) is not None:
            context, work = given
            if self._failed is None:  # after a failure the rest is only taken off
                try:
                    self.rows += context.run(work)
                except BaseException as error:  # raised again where work is handed over
                    self._failed = error
        connections.close_all()
