"""Figures against their bars. Wall times are void while others use the machine."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.benches import databases


@dataclass(slots=True)
class Verdict:
    """What was printed, and whether a bar was missed."""

    failed: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        """A figure without a bar."""
        print(text, flush=True)

    def at_least(self, what: str, value: float, bar: float, *, wall: bool = False) -> None:
        """value must reach the bar. wall: it is a wall time, void under load."""
        self._judge(f"{what}: {value:,.1f} (at least {bar:,.0f})", met=value >= bar, wall=wall)

    def within(self, what: str, seconds: float, bar: float) -> None:
        """A wall time that must stay below the bar."""
        self._judge(f"{what}: {seconds:.2f} s (below {bar:g} s)", met=seconds < bar, wall=True)

    def holds(self, what: str, met: bool) -> None:
        """What is right or wrong, whoever else uses the machine."""
        self._judge(what, met=met, wall=False)

    def _judge(self, text: str, *, met: bool, wall: bool) -> None:
        load, cores = os.getloadavg()[0], os.cpu_count() or 1
        void = wall and not met and load > cores + 1  # one of it is this benchmark
        word = "ok" if met else f"void, load {load:.1f} on {cores} cores" if void else "MISSED"
        self.say(f"{text}: {word}")
        if word == "MISSED":
            self.failed.append(text)


class Watch:
    """Wall and CPU seconds since it was made: of this process, and of the database beside it."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        self._pid = databases.process()
        self._database = _cpu_of(self._pid)

    @property
    def wall(self) -> float:
        """Seconds."""
        return time.perf_counter() - self._wall

    @property
    def cpu(self) -> float:
        """Seconds of the worker and, where it can be read, of the database."""
        told = _cpu_of(self._pid)
        database = 0.0 if told is None or self._database is None else told - self._database
        return time.process_time() - self._cpu + database

    @property
    def words(self) -> str:
        """CPU of the worker and, where it can be read, of the database."""
        said = f"CPU of the worker {time.process_time() - self._cpu:.2f} s"
        told = _cpu_of(self._pid)
        if told is None or self._database is None:
            return said
        return f"{said}, of the database {told - self._database:.2f} s"


def _cpu_of(pid: int | None) -> float | None:
    """Seconds its threads ran; the load of the machine lengthens them little."""
    if pid is None:
        return None
    told = 0
    for file in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            told += int(file.read_text().split()[0])
    return told / 1_000_000_000
