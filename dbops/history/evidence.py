"""How much of a file without ledger row has run: its post-conditions looked up in the live schema.

Evidence is a post-condition that does not hold in the sum of the statements before it and does
hold live. DML and what the parser does not know leave none: untestable, said as such. So is what
held before the file already. SQLite's way to change a column makes the table anew, drops the old
one and renames: that there is a table of the old name tells nothing, but that it has the columns
of the new one does, and then what the file made and took back again has run as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dbops.catalog.facts import Facts
from dbops.history.states import File, split_statements
from dbops.sql import conditions, parser
from dbops.sql.acts import Statement
from dbops.sql.conditions import Sketch

Split = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One entry a statement: True holds, False does not, None cannot be tested."""

    held: tuple[bool | None, ...]
    passing: frozenset[int] = frozenset()  # numbers of statements that leave nothing behind

    @property
    def total(self) -> int:
        """Statements in the file."""
        return len(self.held)

    @property
    def reached(self) -> int:
        """Number of the last statement whose post-condition holds; 0 when none does."""
        last = max((n for n, held in enumerate(self.held, 1) if held), default=0)
        while last and last + 1 in self.passing:
            last += 1
        return last

    @property
    def complete(self) -> bool:
        """Everything testable holds, the last statement included."""
        return bool(self.held) and self.reached == self.total and False not in self.held

    @property
    def contradicted(self) -> bool:
        """A recorded file whose testable post-conditions do not all hold."""
        return False in self.held

    @property
    def words(self) -> str:
        """For a person."""
        if self.complete:
            return "complete, unrecorded: every testable post-condition holds"
        said = f"{self.reached} of {self.total} statements have run"
        gaps = [str(n) for n, held in enumerate(self.held[: self.reached], 1) if held is False]
        return said + (f", but not {', '.join(gaps)}" if gaps else "")


class Seen(NamedTuple):
    """One statement held against the live schema; `after`: the sum of the last proven one."""

    facts: Sketch
    held: bool | None
    after: Sketch


class Measure:
    """The files of one folder against one live schema, in order."""

    def __init__(self, live: Facts, split: Split = split_statements) -> None:
        self.live, self._split = live, split

    def before(self, files: Iterable[File]) -> Sketch:
        """The sum of these files' statements."""
        return self.added({}, files)

    def added(self, sketch: Sketch, files: Iterable[File]) -> Sketch:
        """The same sum with these files' statements in it."""
        for file in files:
            for text in self._split(file.text):
                conditions.fold(sketch, parser.read(text, self.live.dialect), self.live.dialect)
        return sketch

    def of(self, file: File, before: Sketch) -> Evidence:
        """Evidence of one file; `before` then includes it."""
        dialect, start = self.live.dialect, dict(before)
        statements = [parser.read(text, dialect) for text in self._split(file.text)]
        seen: list[Seen] = []
        for statement in statements:
            facts = self._proof(statement, before, start)
            conditions.fold(before, statement, dialect)
            held = self._holds(facts) if facts else None
            if held:  # then what was in front of it is over
                start = dict(before)
            seen.append(Seen(facts or {}, held, start))
        passing = frozenset(n for n, one in enumerate(statements, 1) if one.passing)
        return Evidence(_settled(seen), passing)

    def of_recorded(self, file: File, final: Sketch) -> Evidence:
        """Of a file that has its row: what of it nothing later took back must be live."""
        return Evidence(tuple(self._stands(text, final) for text in self._split(file.text)))

    def _stands(self, text: str, final: Sketch) -> bool | None:
        dialect = self.live.dialect
        facts = conditions.after(parser.read(text, dialect), dialect) or {}
        left = {
            fact: form
            for fact, form in facts.items()
            if conditions.satisfied(form, final.get(fact, conditions.ABSENT))
        }
        if not left:
            return None
        return self._holds(left)

    def _proof(self, statement: Statement, before: Sketch, start: Sketch) -> Sketch | None:
        """What is true after it, but neither right before it nor before the file."""
        facts = conditions.after(statement, self.live.dialect)
        if facts is None or all(conditions.changes(facts, one) for one in (before, start)):
            return facts
        more = self.live.dialect == "sqlite" and conditions.taken_over(statement, before, start)
        return {**facts, **more} if more else None

    def _holds(self, facts: Sketch) -> bool:
        return all(conditions.satisfied(form, self.live.form(fact)) for fact, form in facts.items())


def _settled(seen: Sequence[Seen]) -> tuple[bool | None, ...]:
    """What each statement tells; nothing where a later one, which has run, took it back."""
    ran: list[Sketch] = []
    told: list[bool | None] = []
    for one in reversed(seen):
        undone = one.held is False and any(conditions.changes(one.facts, after) for after in ran)
        told.append(None if undone else one.held)
        if one.held:
            ran.append(one.after)
    return tuple(reversed(told))
