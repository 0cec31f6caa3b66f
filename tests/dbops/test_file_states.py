"""Fourteen states x Drizzle, D1, Prisma: fixture in, state out; impossible cells are asserted."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from dbops.history import by_name, drizzle, prisma
from dbops.history.drizzle_rows import Applied
from dbops.history.evidence import Evidence
from dbops.history.prisma import Run
from dbops.history.rules import NOTHING, Known
from dbops.history.states import File, FileState, History, rolled_up
from dbops.readings import Migration, State

AT = datetime(2026, 4, 6, tzinfo=UTC)
TAGS = ("0001_first", "0002_second", "0003_third")
SECOND = TAGS[1]


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def drizzle_file(number: int) -> File:
    sql = f"ALTER TABLE t ADD c{number} int;".encode()
    return File(TAGS[number - 1], number * 1000, sql, 1)


DRIZZLE = [drizzle_file(number) for number in (1, 2, 3)]
NAMED = [file._replace(order=file.tag) for file in DRIZZLE]
FULL, PART, NONE = Evidence((True, True)), Evidence((True, False)), Evidence((False, False))


def telling(evidence: Evidence | None, **more: object) -> Known:
    return NOTHING._replace(evidence=lambda _f: evidence, recorded=lambda _f: evidence, **more)


def of_drizzle(
    rows: list[Applied], known: Known = NOTHING, files: list[File] | None = None
) -> History:
    return drizzle.compare(DRIZZLE if files is None else files, rows, "", known=known)


def row(number: int, identity: int = 0, **changed: object) -> Applied:
    file = drizzle_file(number)
    made = Applied(identity or number, sha(file.content), number * 1000)
    return made._replace(**changed)


def of_d1(names: list[str], known: Known = NOTHING, files: list[File] | None = None) -> History:
    rows = dict.fromkeys(names, "2026-04-06T00:00:00Z")
    return by_name.compare(NAMED if files is None else files, rows, "", run="x", known=known)


def run(number: int, **changed: object) -> Run:
    at = AT + timedelta(minutes=number)
    made = Run(TAGS[number - 1], sha(NAMED[number - 1].content), at, at, None)
    return made._replace(**changed)


def of_prisma(runs: list[Run], known: Known = NOTHING, files: list[File] | None = None) -> History:
    rows = {one.name: one for one in sorted(runs, key=lambda one: one.started_at)}
    return prisma.compare(NAMED if files is None else files, rows, "", known=known)


ALL, EDGE = [row(1), row(2), row(3)], [row(1), row(3)]
RUNS = [run(1), run(2), run(3)]
BROKEN = [DRIZZLE[0], DRIZZLE[1]._replace(content=b"\xff\xfe"), DRIZZLE[2]]
BROKEN_NAMED = [file._replace(order=file.tag) for file in BROKEN]
SEEN = {SECOND: "0" * 64}
FIRST = [row(1)]

# state -> (Drizzle, D1, Prisma); None: the tool's ledger cannot say it.
CELLS: dict[FileState, tuple[History | None, History | None, History | None]] = {
    FileState.UNKNOWN: (
        of_drizzle(FIRST, files=BROKEN),
        of_d1([TAGS[0]], files=BROKEN_NAMED),
        of_prisma([run(1)], files=BROKEN_NAMED),
    ),
    FileState.MARKED: (
        of_drizzle(ALL, telling(FULL, marked=frozenset({SECOND}))),
        of_d1(list(TAGS), telling(FULL, marked=frozenset({SECOND}))),
        of_prisma(RUNS, telling(FULL, marked=frozenset({SECOND}))),
    ),
    FileState.FAILED: (None, None, of_prisma([run(1), run(2, finished_at=None)])),
    FileState.ROLLED_BACK: (None, None, of_prisma([run(1), run(2, rolled_back_at=AT)])),
    FileState.MODIFIED: (
        of_drizzle([row(1), row(2, hash="0" * 64), row(3)]),
        of_d1(list(TAGS), NOTHING._replace(first_seen=SEEN)),
        of_prisma([run(1), run(2, checksum="0" * 64), run(3)]),
    ),
    FileState.OUT_OF_ORDER: (
        of_drizzle([row(1), row(3, 2), row(2, 3)]),
        of_d1([TAGS[0], TAGS[2]]),
        of_prisma([run(1), run(3)]),
    ),
    FileState.APPLIED: (of_drizzle(ALL), of_d1(list(TAGS)), of_prisma(RUNS)),
    FileState.RENUMBERED: (of_drizzle([row(1), row(2, when=1500)]), None, None),
    FileState.IN_FLIGHT: (
        of_drizzle(FIRST, telling(PART, running=frozenset({SECOND}))),
        of_d1([TAGS[0]], telling(PART, running=frozenset({SECOND}))),
        of_prisma([run(1)], telling(PART, running=frozenset({SECOND}))),
    ),
    FileState.LIVE_UNRECORDED: (
        of_drizzle(FIRST, telling(FULL, reverting=frozenset({SECOND}))),
        of_d1([TAGS[0]], telling(FULL, reverting=frozenset({SECOND}))),
        of_prisma([run(1)], telling(FULL, reverting=frozenset({SECOND}))),
    ),
    FileState.PARTIAL: (
        of_drizzle(FIRST, telling(PART)),
        of_d1([TAGS[0]], telling(PART)),
        of_prisma([run(1)], telling(PART)),
    ),
    FileState.SKIPPED: (of_drizzle(EDGE), None, None),
    FileState.PENDING: (of_drizzle(FIRST), of_d1([TAGS[0]]), of_prisma([run(1)])),
    FileState.ORPHANED: (
        of_drizzle(ALL, files=[DRIZZLE[0], DRIZZLE[2]]),
        of_d1(list(TAGS), files=[NAMED[0], NAMED[2]]),
        of_prisma(RUNS, files=[NAMED[0], NAMED[2]]),
    ),
}
TOOLS = ("drizzle", "d1", "prisma")


def second(history: History, state: FileState) -> Migration:
    if state is FileState.ORPHANED:
        return history.migrations[-1]
    return next(m for m in history.migrations if m.tag == SECOND)


def test_it_has_a_cell_for_each_state() -> None:
    assert list(CELLS) == list(FileState)


POSSIBLE = [
    (tool, state)
    for state, cells in CELLS.items()
    for tool, history in zip(TOOLS, cells, strict=True)
    if history is not None
]


@pytest.mark.parametrize(("tool", "state"), POSSIBLE)
def test_it_finds_the_state(tool: str, state: FileState) -> None:
    history = CELLS[state][TOOLS.index(tool)]
    assert history is not None
    found = second(history, state)
    assert found.state == state
    assert found.evidence
    assert found.repair or state in (
        FileState.APPLIED, FileState.IN_FLIGHT, FileState.LIVE_UNRECORDED, FileState.MARKED,
        FileState.OUT_OF_ORDER, FileState.UNKNOWN,
    )  # fmt: skip


@pytest.mark.parametrize(("tool", "impossible"), [
    ("drizzle", {FileState.FAILED, FileState.ROLLED_BACK}),
    ("d1", {FileState.FAILED, FileState.ROLLED_BACK, FileState.RENUMBERED, FileState.SKIPPED}),
    ("prisma", {FileState.RENUMBERED, FileState.SKIPPED}),
])  # fmt: skip
def test_it_never_says_what_a_tool_cannot_know(tool: str, impossible: set[FileState]) -> None:
    at = TOOLS.index(tool)
    assert {state for state, cells in CELLS.items() if cells[at] is None} == impossible
    for state, cells in CELLS.items():
        history = cells[at]
        if history is not None:
            assert second(history, state).state not in impossible


ROLLED = {
    FileState.UNKNOWN: State.UNKNOWN,
    FileState.FAILED: State.FAILED,
    FileState.ROLLED_BACK: State.PENDING,
    FileState.MODIFIED: State.MODIFIED,
    FileState.RENUMBERED: State.MODIFIED,
    FileState.IN_FLIGHT: State.PENDING,
    FileState.LIVE_UNRECORDED: State.REVERT_WINDOW,
    FileState.PARTIAL: State.PARTIAL,
    FileState.SKIPPED: State.SKIPPED,
    FileState.PENDING: State.PENDING,
    FileState.ORPHANED: State.ORPHANED,
}


@pytest.mark.parametrize("state", FileState)
def test_it_rolls_up_by_the_state(state: FileState) -> None:
    for tool, history in zip(TOOLS, CELLS[state], strict=True):
        if history is None:
            continue
        expected = ROLLED.get(state)
        if state is FileState.OUT_OF_ORDER:  # applied late is information, not applied is not
            expected = None if tool == "drizzle" else State.ORPHANED
        if state is FileState.RENUMBERED:
            expected = State.MODIFIED
        assert rolled_up(second(history, state)) == expected, tool


def test_it_calls_a_row_without_its_objects_drift() -> None:
    history = of_drizzle(ALL, telling(NONE, marked=frozenset({SECOND})))
    found = second(history, FileState.MARKED)
    assert found.evidence.startswith("recorded_not_live")
    assert history.state is State.DRIFTED


def test_it_marks_a_doubled_time() -> None:
    history = of_drizzle([row(1), row(2), row(3), row(2, 4)])
    assert [m.state for m in history.migrations] == ["applied", "marked", "applied"]


def test_it_rolls_a_renumbered_file_that_stays_up_as_orphaned() -> None:
    history = of_drizzle([row(1), row(2, when=2500), row(3)])
    assert second(history, FileState.RENUMBERED).state == FileState.RENUMBERED
    assert history.state is State.ORPHANED


def test_it_puts_a_manual_row_behind_an_edit() -> None:
    rows = [row(1), row(2, hash="0" * 64), row(3)]
    history = of_drizzle(rows, telling(FULL, marked=frozenset({SECOND})))
    assert second(history, FileState.MODIFIED).state == FileState.MODIFIED


def test_it_prefers_traces_to_a_late_name() -> None:
    history = of_d1([TAGS[0], TAGS[2]], telling(PART))
    assert second(history, FileState.PARTIAL).state == FileState.PARTIAL


def test_it_says_so_when_traces_cannot_be_looked_for() -> None:
    history = of_drizzle(FIRST, NOTHING._replace(unreadable="privileges: no"))
    assert history.state is State.UNKNOWN
    assert "privileges" in history.migrations[1].evidence


def test_it_skips_no_folder_of_drizzle_1() -> None:
    files = [file._replace(by_name=True) for file in DRIZZLE]
    assert second(of_drizzle(EDGE, files=files), FileState.PENDING).state == "out_of_order"
