"""What is left of a half-applied file, from the live schema and not from a log alone.

Statements whose post-condition holds are never run again. A statement that leaves no trace (DML,
not understood) ran if a later one did; behind the last trace the run log decides, and where that
does not know either (the server went away meanwhile) a person has to say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from dbops.catalog import looks
from dbops.catalog.facts import Facts
from dbops.catalog.looks import Look
from dbops.estate import prisma_apply
from dbops.history import drizzle
from dbops.history.evidence import Evidence, Measure
from dbops.history.looking import Traces, unrecorded
from dbops.history.rules import Runs, no_runs
from dbops.history.states import File, FileState
from dbops.inventory import Target
from dbops.probes import d1 as d1_probe
from dbops.readings import Deadline
from dbops.runlog import Logged
from dbops.sql import parser
from openinsure.keyspaces import migrate
from openinsure.plurals import many

RESUMABLE = (FileState.PARTIAL, FileState.PENDING, FileState.SKIPPED, FileState.FAILED)


class Verdict(StrEnum):
    """Of one statement."""

    DONE = "done"  # its post-condition holds
    PASSED = "passed"  # leaves no trace, but a later one ran, or the run log says that it did
    RUN = "run"
    ASK = "ask"  # leaves no trace and may have run: somebody must say


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of the plan."""

    number: int
    verdict: Verdict
    what: str
    sql: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is left of one file. `record` is the ledger's INSERT, run last."""

    label: str
    keyspace: str
    tag: str
    steps: tuple[Step, ...]
    record: str
    values: tuple[Any, ...]
    sha256: str
    vouched: bool = False  # somebody said --ran

    @property
    def by_hand(self) -> bool:
        """Only the ledger row is left, or a person vouched for a statement."""
        return not self.left or self.vouched

    @property
    def left(self) -> tuple[Step, ...]:
        """Statements to run."""
        return tuple(step for step in self.steps if step.verdict is Verdict.RUN)

    @property
    def questions(self) -> tuple[Step, ...]:
        """Statements of which somebody must say whether they ran."""
        return tuple(step for step in self.steps if step.verdict is Verdict.ASK)


LoggedRuns = Callable[[str, File], Logged | None]  # schema, file -> its last run


class CannotResume(Exception):
    """The file is not half-applied, or not found; the text says which."""


class NoSuchStatement(CannotResume):
    """--ran or --not-ran names a statement that the file does not have, or both name one."""


def plan(
    target: Target,
    tag: str,
    deadline: Deadline,
    *,
    ran: Iterable[int] = (),
    not_ran: Iterable[int] = (),
    runs: Runs = no_runs,
    logged: LoggedRuns = lambda _keyspace, _file: None,
) -> Plan:
    """The plan for one file (`tag`, or `keyspace/tag`). Raises CannotResume, Away."""
    keyspace, _, name = tag.rpartition("/")
    found = [
        (look, file)
        for look in looks.all_of(target, deadline, runs)
        if look.fault is None and keyspace in ("", look.name)
        for file in look.history.files
        if file.tag == name
    ]
    if not found:
        raise CannotResume(f"{target.slug} has no file {tag}")
    half = [(look, file) for look, file in found if look.state_of(file.tag) in RESUMABLE]
    if not half:
        look, file = found[0]
        state = look.state_of(file.tag)
        why = "wait for its end" if state == FileState.IN_FLIGHT else "nothing to resume"
        raise CannotResume(f"{tag} is {state.replace('_', ' ')}: {why}")
    if len(half) > 1:
        names = ", ".join(look.name for look, _ in half)
        raise CannotResume(f"{tag} is in several keyspaces ({names}): say KEYSPACE/{tag}")
    look, file = half[0]
    ran, not_ran = frozenset(ran), frozenset(not_ran)
    for number in sorted(ran | not_ran):
        if not 1 <= number <= file.statements:
            raise NoSuchStatement(f"{number} is none of the {many(file.statements, 'statement')}.")
        if number in ran & not_ran:
            raise NoSuchStatement(f"{number} cannot have run and not have run.")
    said = {**_by_log(file, logged(look.name, file)), **_said(ran, not_ran)}
    made = of_file(look, file, target=target, said=said)
    by_word = [step for step in made.steps if step.number in set(ran)]
    return replace(made, vouched=any(step.verdict is Verdict.PASSED for step in by_word))


def _by_log(file: File, run: Logged | None) -> dict[int, Verdict]:
    """What the log says of each statement: those that ended, and those that never began."""
    if run is None:
        return {}
    ended = dict.fromkeys(range(1, run.ended + 1), Verdict.PASSED)
    unbegun = range(run.begun + 1, file.statements + 1)
    return {**ended, **dict.fromkeys(unbegun, Verdict.RUN)}


def _said(ran: Iterable[int], not_ran: Iterable[int]) -> dict[int, Verdict]:
    return {**dict.fromkeys(ran, Verdict.PASSED), **dict.fromkeys(not_ran, Verdict.RUN)}


def of_file(look: Look, file: File, *, target: Target, said: dict[int, Verdict]) -> Plan:
    """The plan of one file of one look. Pure."""
    if look.split is None:
        raise CannotResume(f"{file.tag}: its statements are a program's")
    texts = look.split(file.text)
    measure = Measure(Facts(look.live), look.split)
    evidence = Traces(look.history.files, unrecorded_tags(look), measure).of(file)
    numbers = range(1, len(texts) + 1)
    verdicts = {n: _verdict(n, evidence, said) for n in numbers if n not in evidence.passing}
    left = Verdict.RUN in verdicts.values()
    # what leaves nothing behind stands by the rest as often as the rest runs
    passing = Verdict.RUN if left else Verdict.PASSED
    steps = tuple(
        Step(n, verdicts.get(n, passing), parser.read(text, look.live.dialect).what, text)
        for n, text in enumerate(texts, 1)
    )
    record, values = _record(target, look, file, ran=left)
    digest = hashlib.sha256(file.content).hexdigest()
    label = f"{look.name}/{file.tag}"
    return Plan(label, look.name, file.tag, steps, record, values, digest)


def unrecorded_tags(look: Look) -> frozenset[str]:
    """Files without ledger row, partial ones included."""
    partial = {m.tag for m in look.history.migrations if m.state == FileState.PARTIAL}
    return unrecorded(look.history) | partial


def _verdict(number: int, evidence: Evidence, said: dict[int, Verdict]) -> Verdict:
    held = evidence.held[number - 1]
    if held:
        return Verdict.DONE
    if held is False:
        return Verdict.RUN
    if number < evidence.reached:
        return Verdict.PASSED
    if number in said:
        return said[number]
    # The statement right behind the last trace may have run; those behind one to run have not.
    before = evidence.held[evidence.reached : number - 1]
    return Verdict.RUN if False in before else Verdict.ASK


def _record(target: Target, look: Look, file: File, *, ran: bool) -> tuple[str, tuple[Any, ...]]:
    digest = hashlib.sha256(file.content).hexdigest()
    match target.database.tool:
        case "drizzle":
            return _drizzle_record(target, look, file, digest)
        case "d1":
            table = d1_probe.bound(target).table
            return f"INSERT INTO {table} (name) VALUES (%s)", (file.tag,)  # noqa: S608
        case "prisma" if target.database.owner == "we":
            return prisma_apply.RESOLVED, (file.tag, digest, file.tag, int(ran))
    return f"prisma migrate resolve --applied {file.tag}", ()


def _drizzle_record(
    target: Target, look: Look, file: File, digest: str
) -> tuple[str, tuple[Any, ...]]:
    named = file.by_name and look.history.named
    sql = migrate.WRITE_NAMED_LEDGER if named else migrate.WRITE_LEDGER
    values = (digest, int(file.order), file.tag) if named else (digest, int(file.order))
    own = f"`{look.name}`."
    home = drizzle.home(look.live.dialect, look.name, target.database.ledger).removeprefix(own)
    sql = sql.replace(f"`{drizzle.LEDGER}`", home)
    return (sql if look.live.dialect == "mysql" else sql.replace("`", '"')), values
