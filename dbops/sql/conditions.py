"""What is true after a statement: facts about tables, columns and indexes, and their sum.

A fact is a key and a form. `Sketch` is the sum of the facts of statements in order: enough to say
whether a statement changes anything, without a server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dbops.sql.acts import Act, ColumnDef, Kind, Statement
from dbops.sql.types import canonical

Key = tuple[str, str, str]  # (what, table, name), lower case; indexes of no table have ""
Sketch = dict[Key, str]

ABSENT, PRESENT = "absent", "present"  # PRESENT stands for any form
TABLE, COLUMN, INDEX, DEFAULT, NULLABLE = "table", "column", "index", "default", "nullable"
PRIMARY = "primary"

# What leaves no trace in these facts: nothing live can tell whether it ran.
SILENT = {
    *(Kind.INSERT, Kind.UPDATE, Kind.DELETE, Kind.OTHER, Kind.ROUTINE, Kind.TABLE_OPTION),
    *(Kind.CHECK, Kind.FOREIGN_KEY, Kind.DROP_FOREIGN_KEY, Kind.DROP_CONSTRAINT),
}


def key(what: str, table: str, name: str = "") -> Key:
    """A fact's key."""
    return what, table.lower(), name.lower()


def satisfied(wanted: str, found: str) -> bool:
    """True when the form found is the one wanted."""
    return found != ABSENT if wanted == PRESENT else found == wanted


def after(statement: Statement, dialect: str) -> Sketch | None:
    """The facts that hold once it ran; None when nothing testable does."""
    if not statement.understood:
        return None
    facts: Sketch = {}
    for act in statement.acts:
        facts.update(_facts(act, dialect))
    return facts or None


def index_key(table: str, name: str, dialect: str) -> Key:
    """Index names belong to a table in MySQL, to the schema elsewhere."""
    return key(INDEX, table if dialect == "mysql" else "", name)


def index_form(columns: Iterable[str], *, unique: bool) -> str:
    """An index as a form: its columns in order."""
    return ("unique " if unique else "") + ",".join(column.lower() for column in columns)


def column_facts(table: str, column: ColumnDef, dialect: str) -> Sketch:
    """Type, nullability of one column."""
    return {
        key(COLUMN, table, column.name): canonical(column.type, dialect),
        key(NULLABLE, table, column.name): "yes" if column.nullable else "no",
    }


def _facts(act: Act, dialect: str) -> Sketch:
    table, name = act.table, act.name
    match act.kind:
        case Kind.CREATE_TABLE:
            made = {key(COLUMN, table, column): PRESENT for column in act.columns}
            return {key(TABLE, table): PRESENT, **made}
        case Kind.DROP_TABLE:
            return {key(TABLE, table): ABSENT}
        case Kind.RENAME_TABLE:
            return {key(TABLE, table): ABSENT, key(TABLE, act.new): PRESENT}
        case Kind.ADD_COLUMN | Kind.MODIFY_COLUMN if act.column is not None:
            return column_facts(table, act.column, dialect)
        case Kind.DROP_COLUMN:
            return {key(COLUMN, table, name): ABSENT}
        case Kind.RENAME_COLUMN:
            return {key(COLUMN, table, name): ABSENT, key(COLUMN, table, act.new): PRESENT}
        case Kind.SET_TYPE:
            return {key(COLUMN, table, name): canonical(act.value or "", dialect)}
        case Kind.SET_NULL:
            return {key(NULLABLE, table, name): act.value or ""}
        case Kind.PRIMARY_KEY:
            return {key(PRIMARY, table): index_form(act.columns, unique=False)}
        case Kind.DROP_PRIMARY_KEY:
            return {key(PRIMARY, table): ABSENT}
        case Kind.ADD_INDEX | Kind.DROP_INDEX | Kind.RENAME_INDEX if name:
            return _index(act, dialect)
    return {}


def _index(act: Act, dialect: str) -> Sketch:
    own = index_key(act.table, act.name, dialect)
    if act.kind is Kind.DROP_INDEX:
        return {own: ABSENT}
    if act.kind is Kind.RENAME_INDEX:
        return {own: ABSENT, index_key(act.table, act.new, dialect): PRESENT}
    return {own: PRESENT if act.prefixed else index_form(act.columns, unique=act.unique)}


def fold(sketch: Sketch, statement: Statement, dialect: str) -> None:
    """Adds a statement to the sum: what it makes, and what goes with what it drops."""
    for act in statement.acts:
        if act.kind is Kind.CREATE_TABLE:
            sketch.setdefault(key(TABLE, act.table), PRESENT)
            for column in act.definitions:
                for fact, form in column_facts(act.table, column, dialect).items():
                    sketch.setdefault(fact, form)
            continue
        if act.kind is Kind.DROP_TABLE:
            _forget(sketch, act.table)
        elif act.kind is Kind.RENAME_TABLE:
            _move(sketch, act.table, act.new)
        elif act.kind is Kind.DROP_INDEX and not act.table:
            sketch.pop(key(INDEX, "", act.name), None)
        elif act.kind is Kind.RENAME_COLUMN:
            for what in (COLUMN, NULLABLE):
                held = sketch.pop(key(what, act.table, act.name), PRESENT)
                sketch[key(what, act.table, act.new)] = held
            continue
        sketch.update(_facts(act, dialect))


def _forget(sketch: Sketch, table: str) -> None:
    for fact in [fact for fact in sketch if fact[1] == table.lower()]:
        del sketch[fact]


def _move(sketch: Sketch, old: str, new: str) -> None:
    for fact in [fact for fact in sketch if fact[1] == old.lower()]:
        sketch[fact[0], new.lower(), fact[2]] = sketch.pop(fact)


def changes(facts: Mapping[Key, str], before: Sketch) -> bool:
    """True when at least one of the facts does not hold before."""
    return any(not satisfied(form, before.get(fact, ABSENT)) for fact, form in facts.items())
