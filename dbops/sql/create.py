"""CREATE TABLE and CREATE INDEX read into acts."""

from __future__ import annotations

from dbops.sql import columns
from dbops.sql.acts import Act, ColumnDef, Kind
from dbops.sql.tokens import NUMBER, STRING, WORD, Cursor

ELEMENTS = {"CONSTRAINT", "PRIMARY", "UNIQUE", "INDEX", "KEY", "FULLTEXT", "FOREIGN", "CHECK"}
ELEMENTS |= {"SPATIAL"}
# NAME [=] value
OPTIONS = {
    *("ENGINE", "CHARSET", "COLLATE", "COMMENT", "AUTO_INCREMENT", "ROW_FORMAT", "KEY_BLOCK_SIZE"),
    *("STATS_PERSISTENT", "COMPRESSION", "ENCRYPTION"),
}


def table(cursor: Cursor) -> list[Act] | None:
    """The acts of CREATE TABLE: the table, then its indexes and constraints."""
    guarded = cursor.take("IF", "NOT", "EXISTS")
    named = cursor.qualified()
    body = cursor.group() if named else None
    if named is None or body is None:
        return None
    schema, name = named
    defined: list[ColumnDef] = []
    more: list[Act] = []
    for part in body.parts():
        if part.peek() in ELEMENTS and not _quoted(part):
            act = element(part, name, schema)
            if act is None or part.left:
                return None
            more.append(act)
        else:
            column = columns.definition(part)
            if column is None:
                return None
            defined.append(column)
            more += implied(column, name, schema)
    if not options(cursor):
        return None
    plain = tuple(column.name for column in defined)
    made = Act(
        Kind.CREATE_TABLE, name, schema, columns=plain, definitions=tuple(defined), guarded=guarded
    )
    return [made, *more]


def _quoted(part: Cursor) -> bool:
    return part.tokens[0].kind != WORD


def implied(column: ColumnDef, table_name: str, schema: str) -> list[Act]:
    """The key or foreign key that stands inside a column definition."""
    found = []
    if column.primary:
        found.append(Act(Kind.PRIMARY_KEY, table_name, schema, columns=(column.name,)))
    if column.unique:
        unnamed = Act(Kind.ADD_INDEX, table_name, schema, columns=(column.name,), unique=True)
        found.append(unnamed)
    if column.references:
        found.append(Act(Kind.FOREIGN_KEY, table_name, schema))
    return found


def element(part: Cursor, table_name: str, schema: str) -> Act | None:
    """One key or constraint of a table body or of ALTER TABLE ... ADD."""
    name = ""
    if part.take("CONSTRAINT") and part.peek() not in ELEMENTS:
        name = part.name() or ""
    if part.take("PRIMARY", "KEY"):
        _using(part)
        found = key_parts(part)
        _using(part)
        if found is None:
            return None
        return Act(Kind.PRIMARY_KEY, table_name, schema, name, columns=found[0])
    if part.take("FOREIGN", "KEY"):
        part.name()
        if part.group() is None or not part.take("REFERENCES"):
            return None
        known = columns.reference(part)
        return Act(Kind.FOREIGN_KEY, table_name, schema, name) if known else None
    if part.take("CHECK"):
        return Act(Kind.CHECK, table_name, schema, name) if part.group() is not None else None
    return _key(part, table_name, schema, name)


def _key(part: Cursor, table_name: str, schema: str, name: str) -> Act | None:
    word = part.any_of("UNIQUE", "FULLTEXT", "SPATIAL", "INDEX", "KEY")
    if not word:
        return None
    if word not in ("INDEX", "KEY"):
        part.any_of("INDEX", "KEY")
    part.take("IF", "NOT", "EXISTS")
    if part.peek() != "(" and part.peek() != "USING":
        name = part.name() or name
    _using(part)
    found = key_parts(part)
    _using(part)
    if found is None:
        return None
    columns_, plain = found
    return Act(
        Kind.ADD_INDEX, table_name, schema, name,
        columns=columns_, unique=word == "UNIQUE", prefixed=not plain,
    )  # fmt: skip


def _using(part: Cursor) -> None:
    if part.take("USING"):
        part.name()
    if part.take("COMMENT"):
        part.at += 1


def key_parts(part: Cursor) -> tuple[tuple[str, ...], bool] | None:
    """Columns of a key and whether all are whole columns; expressions count as not plain."""
    inner = part.group()
    if inner is None:
        return None
    found, plain = [], True
    for one in inner.parts():
        name = one.name()
        if name is None or (one.left and one.peek() not in ("(", "ASC", "DESC")):
            found.append(f"({one.whole})")
            plain = False
            continue
        if one.peek() == "(":
            one.group()
            plain = False
        plain = plain and not one.take("DESC")
        one.take("ASC")
        found.append(name)
    return tuple(found), plain


def index(cursor: Cursor) -> Act | None:
    """CREATE INDEX after its first words."""
    cursor.any_of("CONCURRENTLY")
    guarded = cursor.take("IF", "NOT", "EXISTS")
    name = "" if cursor.peek() == "ON" else cursor.name()
    _using(cursor)
    if name is None or not cursor.take("ON"):
        return None
    cursor.take("ONLY")
    named = cursor.qualified()
    _using(cursor)
    found = key_parts(cursor) if named else None
    if named is None or found is None:
        return None
    if cursor.take("WHERE"):
        cursor.at, found = len(cursor.tokens), (found[0], False)
    _using(cursor)
    return Act(
        Kind.ADD_INDEX, named[1], named[0], name,
        columns=found[0], prefixed=not found[1], guarded=guarded,
    )  # fmt: skip


def options(cursor: Cursor) -> bool:
    """Table options up to the end; False for a word that is none."""
    while cursor.left:
        cursor.take(",")
        cursor.take("DEFAULT")
        if cursor.take("WITHOUT", "ROWID") or cursor.take("STRICT"):
            continue
        if not (cursor.take("CHARACTER", "SET") or cursor.any_of(*OPTIONS)):
            return False
        cursor.take("=")
        if not cursor.left or cursor.tokens[cursor.at].kind not in (WORD, STRING, NUMBER):
            return False
        cursor.at += 1
    return True
