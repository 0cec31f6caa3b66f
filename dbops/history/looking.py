"""Traces of files without ledger row: the live schema is read only when there is such a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from dbops.catalog.facts import Facts
from dbops.history.evidence import Evidence, Measure, Split
from dbops.history.rules import NOTHING, Known
from dbops.history.states import File, FileState, History
from dbops.probes.sessions import Away

WITHOUT_ROW = (FileState.PENDING, FileState.SKIPPED, FileState.OUT_OF_ORDER)
Compare = Callable[[Known], History]


def unrecorded(history: History) -> frozenset[str]:
    """Tags of files that no ledger row stands for."""
    return frozenset(m.tag for m in history.migrations if m.state in WITHOUT_ROW and not m.quiet)


def with_traces(
    history: History, compare: Compare, split: Split, read: Callable[[], Facts]
) -> History:
    """The history judged again, knowing which statements of unrecorded files are live."""
    missing = unrecorded(history)
    if not missing:
        return history
    try:
        live = read()
    except Away as away:
        return compare(NOTHING._replace(unreadable=away.reason))
    if live.empty:
        return history
    traces = Traces(history.files, missing, Measure(live, split))
    return compare(NOTHING._replace(evidence=traces.of))


class Traces:
    """Evidence of one folder's unrecorded files, on top of what was applied before them."""

    def __init__(self, files: Sequence[File], missing: frozenset[str], measure: Measure) -> None:
        self._files, self._missing, self._measure = files, missing, measure

    def of(self, file: File) -> Evidence:
        """One file on top of every applied one and of the unrecorded ones before it."""
        return self._measure.of(file, self._measure.before(self._below(file)))

    def _below(self, file: File) -> Iterable[File]:
        at = self._files.index(file)
        for n, one in enumerate(self._files):
            if one is not file and (n < at or one.tag not in self._missing):
                yield one
