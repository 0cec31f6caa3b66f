"""The ready works run: databases side by side, each under its lease, its works side by side too."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from typing import NamedTuple

from dbops.runlog import Lease
from dbops.work import Failed, Report, Work
from openinsure.keyspaces.migrate import MigrationStopped
from openinsure.problems import Problem, Unavailable


class Results(NamedTuple):
    """By name of the work: the files that ran, or why it stopped. In neither: never begun."""

    done: dict[str, list[str]]
    failed: dict[str, Failed]


class Execution:
    """One run of a plan. `stop()` lets statements under way end and begins no other."""

    def __init__(self, ready: Sequence[Work], ran_by: str, report: Report) -> None:
        self._ready, self._ran_by, self._report = ready, ran_by, report
        self._stop, self._lock = Event(), Lock()
        self.results = Results({}, {})

    def stop(self) -> None:
        """From another thread, or after Ctrl-C."""
        self._stop.set()

    def run(self) -> Results:
        """Every work to its end. On KeyboardInterrupt the results so far are in `results`."""
        slugs = list(dict.fromkeys(work.slug for work in self._ready))
        with ThreadPoolExecutor(max_workers=max(1, len(slugs))) as pool:
            try:
                list(pool.map(self._database, slugs))
            except KeyboardInterrupt:
                self.stop()
                raise
        return self.results

    def _database(self, slug: str) -> None:
        works = [work for work in self._ready if work.slug == slug]
        try:
            with (
                Lease(slug, self._ran_by, self._stop) as lease,
                ThreadPoolExecutor(max_workers=len(works)) as pool,
            ):
                list(pool.map(lambda work: self._one(work, lease), works))
        except Problem as problem:
            away = isinstance(problem, Unavailable)
            for work in works:
                self.results.failed[work.name] = Failed(problem.message, [], unreachable=away)

    def _one(self, work: Work, lease: Lease) -> None:
        if work.run is None or self._stop.is_set():
            return
        try:
            self.results.done[work.name] = work.run(self._tell, lease.log(work.keyspace, work.kind))
        except Failed as failed:
            self.results.failed[work.name] = failed
        except MigrationStopped as stopped:
            self.results.failed[work.name] = Failed(str(stopped), [])

    def _tell(self, line: str) -> None:
        with self._lock:
            self._report(line)
