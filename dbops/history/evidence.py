"""How much of a file without ledger row has run: its post-conditions looked up in the live schema.

Evidence is a post-condition that does not hold in the sum of the statements before it and does
hold live. DML and what the parser does not know leave none: untestable, said as such. So is what
held before the file already: SQLite's way to change a column makes the table anew, drops the old
one and renames, and that there is a table of the old name tells nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dbops.catalog.facts import Facts
from dbops.history.states import File, split_statements
from dbops.sql import conditions, parser
from dbops.sql.conditions import Sketch

Split = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One entry a statement: True holds, False does not, None cannot be tested."""

    held: tuple[bool | None, ...]

    @property
    def total(self) -> int:
        """Statements in the file."""
        return len(self.held)

    @property
    def reached(self) -> int:
        """Number of the last statement whose post-condition holds; 0 when none does."""
        return max((n for n, held in enumerate(self.held, 1) if held), default=0)

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


class Measure:
    """The files of one folder against one live schema, in order."""

    def __init__(self, live: Facts, split: Split = split_statements) -> None:
        self.live, self._split = live, split

    def before(self, files: Iterable[File]) -> Sketch:
        """The sum of these files' statements."""
        sketch: Sketch = {}
        for file in files:
            for text in self._split(file.text):
                conditions.fold(sketch, parser.read(text, self.live.dialect), self.live.dialect)
        return sketch

    def of(self, file: File, before: Sketch) -> Evidence:
        """Evidence of one file; `before` then includes it."""
        start = dict(before)
        return Evidence(tuple(self._held(text, before, start) for text in self._split(file.text)))

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
        return all(conditions.satisfied(form, self.live.form(fact)) for fact, form in left.items())

    def _held(self, text: str, before: Sketch, start: Sketch) -> bool | None:
        dialect = self.live.dialect
        statement = parser.read(text, dialect)
        facts = conditions.after(statement, dialect)
        proves = facts is not None and all(conditions.changes(facts, s) for s in (before, start))
        conditions.fold(before, statement, dialect)
        if facts is None or not proves:
            return None
        return all(conditions.satisfied(form, self.live.form(fact)) for fact, form in facts.items())
