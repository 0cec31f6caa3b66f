"""The fourteen states of one file on one database: the rules in order, the first match wins.

`About` is what folder and ledger say about the file, `Known` what other sources say about the
schema. Order and words follow the enum; MARKED stands after MODIFIED, and a file that would be
PENDING is OUT_OF_ORDER where a later name is applied already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from dbops.history.states import File, FileState
from dbops.inventory import EMPTY
from dbops.readings import Migration, State

if TYPE_CHECKING:  # the light path never needs it
    from dbops.history.evidence import Evidence


class Known(NamedTuple):
    """What is known about one schema's files beside folder and ledger."""

    running: frozenset[str] = frozenset()  # tags of an own run or an online change under way
    reverting: frozenset[str] = frozenset()  # tags of a deploy whose revert window is open
    until: Mapping[str, str] = EMPTY  # tag -> when that window ends, in words
    undated: frozenset[str] = frozenset()  # deployed, and nobody recorded when that window ends
    marked: frozenset[str] = frozenset()  # tags whose ledger row a person wrote (our audit)
    first_seen: Mapping[str, str] = EMPTY  # tag -> sha256 when applied
    evidence: Callable[[File], Evidence | None] = lambda _file: None
    recorded: Callable[[File], Evidence | None] = lambda _file: None  # of files with a row
    unreadable: str = ""  # why the live schema, where a file needs it, cannot be read
    under_way: Mapping[str, str] = EMPTY  # tag -> how far an online change of it is


RUNNING = "a run is under way"
NOTHING = Known()
Runs = Callable[[str], Known]  # schema -> what run log and deploys say about it


def no_runs(_schema: str) -> Known:
    """Nobody was asked."""
    return NOTHING


class About(NamedTuple):
    """What folder and ledger say about one file."""

    file: File
    hash: str
    recorded: bool = False
    same: bool = True  # hash equal to the row's; True where neither tool nor console has one
    line_ends: bool = False  # differs by line ends only
    failed: bool = False
    rolled_back: bool = False
    doubled: bool = False  # two rows claim this file
    by_hand: bool = False  # the tool itself recorded that nothing ran for its row
    overtaken: bool = False  # a later file was applied before (row) or is applied (no row)
    elsewhere: bool = False  # no row by time or name, one with this hash
    again: bool = False  # and the tool would run it again
    passed_over: bool = False  # the tool never runs it
    applied_at: str | None = None
    row: str = ""  # the ledger's evidence in words
    repairs: Mapping[FileState, str] = EMPTY


def judge(about: About, known: Known, keyspace: str) -> Migration:
    """State, evidence and repair of one file. Pure but for `known.evidence`."""
    found = _state(about, known)
    said = Migration(
        tag=about.file.tag,
        keyspace=keyspace,
        state=found.state,
        hash=about.hash,
        applied_at=about.applied_at,
        statements=about.file.statements,
        evidence=found.evidence,
        repair=about.repairs.get(found.state, ""),
        quiet=found.quiet,
    )
    return said._replace(rolls_up=str(found.rolls_up)) if found.rolls_up else said


class Found(NamedTuple):
    """One verdict; `rolls_up` where the state alone does not say what it makes of a database."""

    state: FileState
    evidence: str
    quiet: bool = False
    rolls_up: State | None = None


def _state(about: About, known: Known) -> Found:
    tag = about.file.tag
    if about.file.undecodable:
        return Found(FileState.UNKNOWN, "the file is not UTF-8")
    if about.failed:
        if tag in known.running:
            return Found(FileState.IN_FLIGHT, RUNNING)
        return Found(FileState.FAILED, about.row)
    if about.rolled_back:
        return Found(FileState.ROLLED_BACK, about.row)
    return _recorded(about, known) if about.recorded else _unrecorded(about, known)


def _recorded(about: About, known: Known) -> Found:
    tag = about.file.tag
    if not about.same:
        return Found(FileState.MODIFIED, about.row, quiet=about.line_ends)
    if tag in known.marked or about.doubled or about.by_hand:
        return _marked(about, known)
    if about.overtaken:
        return Found(FileState.OUT_OF_ORDER, f"{about.row}; a later file ran before it", quiet=True)
    return Found(FileState.APPLIED, about.row)


def _marked(about: About, known: Known) -> Found:
    why = "two ledger rows claim this time" if about.doubled else "its row was written by hand"
    evidence = known.recorded(about.file)
    if evidence is not None and evidence.contradicted:
        said = f"recorded_not_live: {why}, yet {evidence.words}"
        return Found(FileState.MARKED, said, rolls_up=State.DRIFTED)
    held = "its post-conditions hold" if evidence else "post-conditions not read"
    return Found(FileState.MARKED, f"{why}; {held}", quiet=True)


def _unrecorded(about: About, known: Known) -> Found:
    tag = about.file.tag
    if about.elsewhere:
        rolls_up = State.MODIFIED if about.again else State.ORPHANED
        return Found(FileState.RENUMBERED, about.row, rolls_up=rolls_up)
    if tag in known.running:
        return Found(FileState.IN_FLIGHT, known.under_way.get(tag, RUNNING))
    if known.unreadable:
        return Found(FileState.UNKNOWN, f"its traces cannot be looked for: {known.unreadable}")
    evidence = known.evidence(about.file)
    live = evidence is not None and evidence.complete
    if tag in known.reverting and live:
        ends = f" until {known.until[tag]}" if tag in known.until else ""
        return Found(FileState.LIVE_UNRECORDED, f"live in an open revert window{ends}; row follows")
    if tag in known.undated and live:
        said = "live after a deploy whose revert window is not known: read the deploy request"
        return Found(FileState.LIVE_UNRECORDED, said, rolls_up=State.UNKNOWN)
    if evidence is not None and evidence.reached:
        return Found(FileState.PARTIAL, evidence.words)
    if about.passed_over:
        return Found(FileState.SKIPPED, about.row)
    if about.overtaken:
        return Found(FileState.OUT_OF_ORDER, about.row, rolls_up=State.ORPHANED)
    return Found(FileState.PENDING, about.row)
