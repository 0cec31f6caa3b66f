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
PRIMARY, FOREIGN = "primary", "foreign keys"
OWNER = "owner"  # of no live schema: whose index a name of the whole schema is
UNSURE = ("unsure", "", "")  # in a sum that holds a statement which was not understood
# What tells one table from another of the same name.
SHAPE = (COLUMN, NULLABLE, DEFAULT, PRIMARY, FOREIGN)

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
    if not statement.understood:
        sketch[UNSURE] = PRESENT
    for act in statement.acts:
        if act.kind is Kind.CREATE_TABLE:
            _create(sketch, statement, act, dialect)
            continue
        if act.kind is Kind.DROP_TABLE:
            _forget(sketch, act.table)
        elif act.kind is Kind.RENAME_TABLE:
            _move(sketch, act.table, act.new)
        elif act.kind is Kind.DROP_INDEX and not act.table:
            _disown(sketch, act.name)
        elif act.kind is Kind.ADD_INDEX and dialect != "mysql":
            sketch[key(OWNER, act.table, act.name)] = PRESENT
        elif act.kind is Kind.RENAME_COLUMN:
            _rename_column(sketch, act)
            continue
        elif act.kind is Kind.DROP_COLUMN:
            for what in (NULLABLE, DEFAULT):
                sketch.pop(key(what, act.table, act.name), None)
        elif act.kind is Kind.ADD_COLUMN and act.column is not None:
            _default(sketch, act.table, act.column, dialect)
        elif act.kind is Kind.FOREIGN_KEY and Kind.CREATE_TABLE not in statement.kinds:
            _link(sketch, act.table, 1)
        sketch.update(_facts(act, dialect))


def _create(sketch: Sketch, statement: Statement, act: Act, dialect: str) -> None:
    if sketch.get(key(TABLE, act.table), ABSENT) != ABSENT:  # IF NOT EXISTS, and it does
        return
    sketch[key(TABLE, act.table)] = PRESENT
    for column in act.definitions:
        sketch.update(column_facts(act.table, column, dialect))
        _default(sketch, act.table, column, dialect)
    _link(sketch, act.table, statement.kinds.count(Kind.FOREIGN_KEY))


def _rename_column(sketch: Sketch, act: Act) -> None:
    for what in (COLUMN, NULLABLE):
        held = sketch.pop(key(what, act.table, act.name), PRESENT)
        sketch[key(what, act.table, act.new)] = held
    default = sketch.pop(key(DEFAULT, act.table, act.name), None)
    if default is not None:
        sketch[key(DEFAULT, act.table, act.new)] = default


def _default(sketch: Sketch, table: str, column: ColumnDef, dialect: str) -> None:
    if column.default is not None and dialect == "sqlite":
        sketch[key(DEFAULT, table, column.name)] = default_form(column.default)


def _link(sketch: Sketch, table: str, more: int) -> None:
    """Foreign keys are counted, for SQLite gives them no names."""
    if more:
        sketch[key(FOREIGN, table)] = str(int(sketch.get(key(FOREIGN, table), "0")) + more)


def default_form(text: str) -> str:
    """A default in one spelling."""
    bare = text.strip()
    if bare.startswith("(") and bare.endswith(")"):
        bare = bare[1:-1].strip()
    return f"= {bare.upper() if bare.upper().startswith('CURRENT_') else bare}"


def _forget(sketch: Sketch, table: str) -> None:
    for fact in [fact for fact in sketch if fact[1] == table.lower()]:
        del sketch[fact]
        if fact[0] == OWNER:
            sketch.pop(key(INDEX, "", fact[2]), None)


def _disown(sketch: Sketch, index: str) -> None:
    for fact in [fact for fact in sketch if fact[0] == OWNER and fact[2] == index.lower()]:
        del sketch[fact]


def taken_over(statement: Statement, before: Sketch, start: Sketch) -> Sketch:
    """Where a table that takes the name of another one differs from that other one.

    `before` is the sum in front of the statement, `start` one in which the other still stands.
    Nothing where one statement before was not understood: what the other is like is not known.
    """
    found: Sketch = {}
    for act in () if UNSURE in before else statement.acts:
        if act.kind is Kind.RENAME_TABLE and start.get(key(TABLE, act.new), ABSENT) != ABSENT:
            new, old = _shape(before, act.table), _shape(start, act.new)
            for what, name in new.keys() | old.keys():
                form, other = new.get((what, name), ABSENT), old.get((what, name), ABSENT)
                if other != PRESENT and not satisfied(form, other):
                    found[key(what, act.new, name)] = form
    return found


def _shape(sketch: Sketch, table: str) -> dict[tuple[str, str], str]:
    own = table.lower()
    return {(f[0], f[2]): form for f, form in sketch.items() if f[1] == own and f[0] in SHAPE}


def _move(sketch: Sketch, old: str, new: str) -> None:
    for fact in [fact for fact in sketch if fact[1] == old.lower()]:
        sketch[fact[0], new.lower(), fact[2]] = sketch.pop(fact)


def changes(facts: Mapping[Key, str], before: Sketch) -> bool:
    """True when at least one of the facts does not hold before."""
    return any(not satisfied(form, before.get(fact, ABSENT)) for fact, form in facts.items())
