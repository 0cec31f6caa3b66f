"""The last lines that a run logged, kept with it: redacted as every log line is."""

from __future__ import annotations

import logging
import threading
from collections import deque
from types import TracebackType

from openinsure.console.logs import JsonFormatter

LINES = 60
WATCHED = "openinsure"


class Tail(logging.Handler):
    """Collects what this thread logs while it is entered."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(JsonFormatter())
        self._thread = threading.get_ident()
        self._lines: deque[str] = deque(maxlen=LINES)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line if it is ours."""
        if record.thread == self._thread:
            self._lines.append(self.format(record))

    def text(self) -> str:
        """The lines, oldest first."""
        return "\n".join(self._lines)

    def __enter__(self) -> Tail:
        logging.getLogger(WATCHED).addHandler(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        logging.getLogger(WATCHED).removeHandler(self)
