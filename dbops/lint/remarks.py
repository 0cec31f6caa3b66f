"""What lint says about a file, and what it needs to know about the folder around it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dbops.sql.acts import Act, Statement
from dbops.sql.conditions import Sketch
from dbops.sql.rebuilds import Rebuild

REFUSE, REVIEW, WARN = "refuse", "review", "warn"
LEVELS = (REFUSE, REVIEW, WARN)


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark. `rule`: a hard rule's number or a word; `number`: the statement, 0 = the file."""

    file: str
    number: int
    rule: str
    level: str
    text: str

    @property
    def words(self) -> str:
        """One line for a person."""
        at = f"{self.file}, statement {self.number}" if self.number else self.file
        return f"{at}: {self.level} ({self.rule}): {self.text}"


@dataclass(frozen=True, slots=True)
class Place:
    """Whose rules a file follows. `keyspace` "" outside the five; tool and engine decide which.

    `engine` "": the one that its tool is mostly used with. `house` False: tables of somebody
    else's, which need no org_id.
    """

    path: Path
    tool: str
    keyspace: str = ""
    engine: str = ""
    house: bool = True

    @property
    def dialect(self) -> str:
        """The engine's words."""
        usual = {"d1": "sqlite", "prisma": "postgres"}.get(self.tool, "mysql")
        return {"": usual, "vitess": "mysql"}.get(self.engine, self.engine)

    @property
    def vitess(self) -> bool:
        """The eight hard rules hold in full; other databases have rules of their own."""
        return self.tool == "drizzle" and self.engine in ("", "vitess")

    @property
    def mysql(self) -> bool:
        """Drizzle's files for a MySQL of its own: no organisations, no VTGate."""
        return self.tool == "drizzle" and self.engine == "mysql"


@dataclass(frozen=True, slots=True)
class Context:
    """One statement of one file, with the sum of everything before it."""

    place: Place
    name: str
    number: int
    statement: Statement
    before: Sketch
    own_tables: frozenset[str]  # made by this very file: they have no rows yet
    rebuild: Rebuild | None = None  # SQLite: the table that this file makes anew, with this step

    def remark(self, rule: str, text: str, level: str = REFUSE) -> Remark:
        """A remark about this statement."""
        return Remark(self.name, self.number, rule, level, text)

    @property
    def acts(self) -> tuple[Act, ...]:
        """What the statement does."""
        return self.statement.acts
