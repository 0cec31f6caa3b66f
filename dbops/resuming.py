"""What is left of a half-applied file, from the live schema and not from a log alone.

Statements whose post-condition holds are never run again. A statement that leaves no trace (DML,
not understood) ran if a later one did; after the last trace a person has to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import MySQLdb

from dbops.catalog import looks
from dbops.catalog.facts import Facts
from dbops.catalog.looks import Look
from dbops.history.evidence import Evidence, Measure
from dbops.history.looking import Traces, unrecorded
from dbops.history.states import File, FileState
from dbops.inventory import Target
from dbops.readings import Deadline
from dbops.sql import parser
from openinsure.dsn import Dsn
from openinsure.keyspaces import migrate

RESUMABLE = (FileState.PARTIAL, FileState.PENDING, FileState.SKIPPED, FileState.FAILED)


class Verdict(StrEnum):
    """Of one statement."""

    DONE = "done"  # its post-condition holds
    PASSED = "passed"  # leaves no trace, but a later statement ran
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

    @property
    def left(self) -> tuple[Step, ...]:
        """Statements to run."""
        return tuple(step for step in self.steps if step.verdict is Verdict.RUN)

    @property
    def questions(self) -> tuple[Step, ...]:
        """Statements of which somebody must say whether they ran."""
        return tuple(step for step in self.steps if step.verdict is Verdict.ASK)


class CannotResume(Exception):
    """The file is not half-applied, or not found; the text says which."""


def plan(
    target: Target,
    tag: str,
    deadline: Deadline,
    *,
    ran: Iterable[int] = (),
    not_ran: Iterable[int] = (),
) -> Plan:
    """The plan for one file (`tag`, or `keyspace/tag`). Raises CannotResume, Away."""
    keyspace, _, name = tag.rpartition("/")
    found = [
        (look, file)
        for look in looks.all_of(target, deadline)
        if look.fault is None and keyspace in ("", look.name)
        for file in look.history.files
        if file.tag == name
    ]
    if not found:
        raise CannotResume(f"{target.slug} has no file {tag}")
    half = [(look, file) for look, file in found if look.state_of(file.tag) in RESUMABLE]
    if not half:
        look, file = found[0]
        raise CannotResume(f"{tag} is {look.state_of(file.tag)}: nothing to resume")
    if len(half) > 1:
        names = ", ".join(look.name for look, _ in half)
        raise CannotResume(f"{tag} is in several keyspaces ({names}): say KEYSPACE/{tag}")
    return of_file(*half[0], target=target, said=_said(ran, not_ran))


def _said(ran: Iterable[int], not_ran: Iterable[int]) -> dict[int, Verdict]:
    return {**dict.fromkeys(ran, Verdict.PASSED), **dict.fromkeys(not_ran, Verdict.RUN)}


def of_file(look: Look, file: File, *, target: Target, said: dict[int, Verdict]) -> Plan:
    """The plan of one file of one look. Pure."""
    if look.split is None:
        raise CannotResume(f"{file.tag}: its statements are a program's")
    texts = look.split(file.text)
    measure = Measure(Facts(look.live), look.split)
    evidence = Traces(look.history.files, unrecorded_tags(look), measure).of(file)
    steps = tuple(
        Step(n, _verdict(n, evidence, said), parser.read(text, look.live.dialect).what, text)
        for n, text in enumerate(texts, 1)
    )
    record, values = _record(target, look, file)
    return Plan(f"{look.name}/{file.tag}", look.name, file.tag, steps, record, values)


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


def _record(target: Target, look: Look, file: File) -> tuple[str, tuple[Any, ...]]:
    import hashlib

    digest = hashlib.sha256(file.content).hexdigest()
    match target.database.tool:
        case "drizzle":
            return migrate.WRITE_LEDGER, (digest, int(file.order))
        case "d1":
            return "INSERT INTO d1_migrations (name) VALUES (%s)", (file.tag,)
    return f"prisma migrate resolve --applied {file.tag}", ()


def run(plan_: Plan, dsn: Dsn, report: Callable[[str], None]) -> None:
    """Run what is left on a MySQL-family keyspace, then the ledger row. Raises CannotResume.

    The plan must hold no question. Each statement is reported; a failure names its number.
    """
    if plan_.questions:
        raise CannotResume("somebody must say whether statements ran")
    connection = MySQLdb.connect(
        host=dsn.host,
        port=dsn.port,
        user=dsn.user,
        password=dsn.password,
        database=plan_.keyspace,
        charset="utf8mb4",
        autocommit=True,
        connect_timeout=migrate.CONNECT_TIMEOUT_S,
        read_timeout=migrate.STATEMENT_TIMEOUT_S,
        write_timeout=migrate.STATEMENT_TIMEOUT_S,
    )
    with closing(connection), closing(connection.cursor()) as cursor:
        cursor.execute(migrate.TAKE_LOCK)
        if cursor.fetchone() != (1,):
            raise CannotResume("another run is active here; wait for its end")
        for step in plan_.left:
            try:
                cursor.execute(step.sql)
            except MySQLdb.Error as error:
                said = f"statement {step.number} failed, errno {error.args[0]}: {error.args[1]}"
                raise CannotResume(f"{plan_.label}: {said}") from None
            report(f"{plan_.label} {step.number}/{len(plan_.steps)} done")
        cursor.execute(plan_.record, plan_.values)
        report(f"{plan_.label} applied")
