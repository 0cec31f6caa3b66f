"""Traces of files in the live schema, which is read only when a file needs it: one without a
ledger row (did it run, and how far?), or one whose row no run stands for (is it live?).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from dbops.catalog.facts import Facts
from dbops.history.evidence import Evidence, Measure, Split
from dbops.history.rules import Known
from dbops.history.states import File, FileState, History
from dbops.probes.sessions import Away
from dbops.sql.conditions import Sketch

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
    """Evidence of one folder's files against the live schema; asked in their order, each file is
    read once.
    """

    def __init__(self, files: Sequence[File], missing: frozenset[str], measure: Measure) -> None:
        self._files, self._missing, self._measure = files, missing, measure
        self._place = {file.tag: n for n, file in enumerate(files)}
        self._front: Sketch = {}  # the sum of the first `_upto` files
        self._upto = 0
        applied = [n for n, file in enumerate(files) if file.tag not in missing]
        self._last_applied = max(applied, default=-1)

    def of(self, file: File) -> Evidence:
        """One file on top of every applied one and of the unrecorded ones before it."""
        at = self._place[file.tag]
        if at < self._upto:
            self._front, self._upto = {}, 0
        self._measure.added(self._front, self._files[self._upto : at])
        self._upto = at
        behind = self._files[at + 1 : self._last_applied + 1]
        applied = (one for one in behind if one.tag not in self._missing)
        return self._measure.of(file, self._measure.added(dict(self._front), applied))

    def of_recorded(self, file: File) -> Evidence:
        """A file with a row: what the applied files leave of it in the end."""
        return self._measure.of_recorded(file, self._final)

    @cached_property
    def _final(self) -> Sketch:
        return self._measure.before(one for one in self._files if one.tag not in self._missing)
