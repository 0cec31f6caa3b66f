"""What a statement does, as plain values: the vocabulary that parser, evidence and lint share."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """Of one act; a statement holds one or more of them."""

    CREATE_TABLE = "create table"
    DROP_TABLE = "drop table"
    RENAME_TABLE = "rename table"
    ADD_COLUMN = "add column"
    DROP_COLUMN = "drop column"
    MODIFY_COLUMN = "modify column"
    RENAME_COLUMN = "rename column"
    SET_DEFAULT = "set default"
    SET_NULL = "set nullability"
    SET_TYPE = "set type"
    ADD_INDEX = "add index"
    DROP_INDEX = "drop index"
    RENAME_INDEX = "rename index"
    PRIMARY_KEY = "primary key"
    DROP_PRIMARY_KEY = "drop primary key"
    FOREIGN_KEY = "foreign key"
    DROP_FOREIGN_KEY = "drop foreign key"
    CHECK = "check"
    DROP_CONSTRAINT = "drop constraint"
    TABLE_OPTION = "table option"
    ROUTINE = "routine, trigger, event or view"
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"
    OTHER = "other"  # understood, no table of ours: CREATE TYPE, COMMENT ON, SET


DML = (Kind.INSERT, Kind.UPDATE, Kind.DELETE)
# Pragmas of SQLite that end with the connection or the transaction.
PASSING = ("foreign_keys", "defer_foreign_keys", "legacy_alter_table", "ignore_check_constraints")


@dataclass(frozen=True, slots=True)
class ColumnDef:
    """A column as written. `type` lower case; `default` as SQL text or None for none."""

    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    auto_increment: bool = False
    primary: bool = False
    unique: bool = False
    references: bool = False
    generated: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """One change. `name` is the column, index or old name, `new` what it becomes."""

    kind: Kind
    table: str = ""
    schema: str = ""
    name: str = ""
    new: str = ""
    columns: tuple[str, ...] = ()
    column: ColumnDef | None = None
    definitions: tuple[ColumnDef, ...] = ()
    unique: bool = False
    prefixed: bool = False  # an index over prefixes or expressions
    guarded: bool = False  # IF [NOT] EXISTS
    value: str | None = None
    source: str = ""  # of INSERT: the table whose rows come over, these columns and no others


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `understood` only when every token of it was."""

    text: str
    acts: tuple[Act, ...] = ()
    understood: bool = False
    many: bool = False  # more than one statement in this piece
    schemas: frozenset[str] = field(default_factory=frozenset)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of its acts, in order."""
        return tuple(act.kind for act in self.acts)

    @property
    def passing(self) -> bool:
        """It changes nothing but how the statements beside it run."""
        return bool(self.acts) and all(
            act.kind is Kind.OTHER and act.name in PASSING for act in self.acts
        )

    @property
    def what(self) -> str:
        """Its class in words."""
        if not self.understood:
            return "needs review"
        return ", ".join(dict.fromkeys(str(kind) for kind in self.kinds)) or "nothing"
