"""Traces of files in the live schema, which is read only when a file needs it: one without a
ledger row (did it run, and how far?), or one whose row no run stands for (is it live?).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from dbops.catalog.facts import Facts
from dbops.history.evidence import Evidence, Measure, Split
from dbops.history.rules import Known
from dbops.history.states import File, FileState, History
from dbops.probes.sessions import Away

WITHOUT_ROW = (FileState.PENDING, FileState.SKIPPED, FileState.OUT_OF_ORDER)
Compare = Callable[[Known], History]


def unrecorded(history: History) -> frozenset[str]:
    """Tags of files that no ledger row stands for."""
    return frozenset(m.tag for m in history.migrations if m.state in WITHOUT_ROW and not m.quiet)


def needed(history: History) -> bool:
    """Whether a file's state depends on what is live."""
    marked = any(m.state == FileState.MARKED for m in history.migrations)
    return marked or bool(unrecorded(history))


def with_traces(
    history: History, compare: Compare, split: Split, read: Callable[[], Facts], known: Known
) -> History:
    """The history judged again, knowing which statements of such files are live."""
    if not needed(history):
        return history
    try:
        live = read()
    except Away as away:
        return compare(known._replace(unreadable=away.reason))
    if live.empty:
        return history
    missing = unrecorded(history) | known.running
    traces = Traces(history.files, missing, Measure(live, split))
    return compare(known._replace(evidence=traces.of, recorded=traces.of_recorded))


class Traces:
    """Evidence of one folder's files against the live schema."""

    def __init__(self, files: Sequence[File], missing: frozenset[str], measure: Measure) -> None:
        self._files, self._missing, self._measure = files, missing, measure

    def of(self, file: File) -> Evidence:
        """One file on top of every applied one and of the unrecorded ones before it."""
        return self._measure.of(file, self._measure.before(self._below(file)))

    def of_recorded(self, file: File) -> Evidence:
        """A file with a row: what the applied files leave of it in the end."""
        applied = (one for one in self._files if one.tag not in self._missing)
        return self._measure.of_recorded(file, self._measure.before(applied))

    def _below(self, file: File) -> Iterable[File]:
        at = self._files.index(file)
        for n, one in enumerate(self._files):
            if one is not file and (n < at or one.tag not in self._missing):
                yield one
