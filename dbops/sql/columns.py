"""Column definitions: `name type attributes`, as MySQL, PostgreSQL and SQLite write them."""

from __future__ import annotations

import re
from typing import Any

from dbops.sql.acts import ColumnDef
from dbops.sql.tokens import NUMBER, STRING, Cursor

# A type ends where one of these begins.
ATTRIBUTES = {
    *("NOT", "NULL", "DEFAULT", "AUTO_INCREMENT", "AUTOINCREMENT", "PRIMARY", "UNIQUE", "COMMENT"),
    *("COLLATE", "ON", "GENERATED", "AS", "REFERENCES", "CHECK", "CONSTRAINT", "FIRST", "AFTER"),
    *("INVISIBLE", "VISIBLE", "KEY", "CHARACTER", "CHARSET", "STORED", "VIRTUAL"),
}
MORE_TYPE = {"UNSIGNED", "SIGNED", "ZEROFILL", "VARYING", "PRECISION", "WITH", "WITHOUT", "TIME"}
MORE_TYPE |= {"ZONE", "BINARY", "ARRAY"}


def type_text(cursor: Cursor) -> str:
    """The type, lower case, one blank between words, none around signs; "" when none comes."""
    words: list[str] = []
    while cursor.left and not _ends_type(cursor):
        if cursor.peek() == "(":
            inner = cursor.group()
            if inner is None:
                return ""
            words.append("(" + ",".join(part.whole for part in inner.parts()) + ")")
        elif cursor.peek() in ("[", "]"):
            words.append(cursor.peek())
            cursor.at += 1
        elif words and cursor.peek() not in MORE_TYPE and cursor.peek() != ".":
            break
        else:
            token = cursor.tokens[cursor.at]
            words.append(token.text if token.kind == STRING else token.text.lower())
            cursor.at += 1
    return re.sub(r" ?([(\[\].]) ?", r"\1", " ".join(words)).replace(")unsigned", ") unsigned")


def _ends_type(cursor: Cursor) -> bool:
    word = cursor.peek()
    if word == "CHARACTER":  # CHARACTER SET ends it, CHARACTER VARYING is one
        return cursor.peek(1) == "SET"
    return word in ATTRIBUTES


def value_text(cursor: Cursor) -> str | None:
    """A default or expression: a literal, a call, or something in parentheses; None if neither."""
    start = cursor.at
    if cursor.peek() == "(":
        if cursor.group() is None:
            return None
    elif cursor.left:
        cursor.any_of("-", "+")
        cursor.at += 1
        while cursor.peek() == "(":
            if cursor.group() is None:
                return None
    else:
        return None
    while cursor.take(":", ":"):  # PostgreSQL's cast
        type_text(cursor)
    return cursor.text(start)


def definition(cursor: Cursor) -> ColumnDef | None:
    """The definition up to the end or FIRST/AFTER; None when a word of it is not known."""
    name = cursor.name()
    kind = type_text(cursor) if name is not None else ""
    if name is None:
        return None
    found: dict[str, Any] = {}
    while cursor.left:
        if cursor.take("FIRST"):
            continue
        if cursor.take("AFTER"):
            if cursor.name() is None:
                return None
        elif not _attribute(cursor, found):
            return None
    return ColumnDef(name, kind, **found)


def _attribute(cursor: Cursor, found: dict[str, Any]) -> bool:
    if cursor.take("NOT", "NULL"):
        found["nullable"] = False
    elif cursor.take("NULL"):
        found["nullable"] = True
    elif cursor.take("DEFAULT"):
        if not cursor.take("NULL"):
            found["default"] = value_text(cursor)
            return found["default"] is not None
    elif cursor.any_of("AUTO_INCREMENT", "AUTOINCREMENT"):
        found["auto_increment"] = True
    elif cursor.take("PRIMARY", "KEY"):
        found.update(primary=True, nullable=False)
        cursor.any_of("ASC", "DESC")
    elif cursor.take("UNIQUE"):
        found["unique"] = True
        cursor.take("KEY")
    elif cursor.take("ON", "UPDATE"):
        return value_text(cursor) is not None
    elif cursor.take("REFERENCES"):
        found["references"] = True
        return reference(cursor)
    elif cursor.take("CONSTRAINT"):
        return cursor.name() is not None
    elif cursor.take("CHECK"):
        return cursor.group() is not None
    elif cursor.take("GENERATED", "ALWAYS", "AS") or cursor.take("AS"):
        found["generated"] = True
        return cursor.group() is not None
    elif cursor.any_of("STORED", "VIRTUAL", "INVISIBLE", "VISIBLE"):
        return True
    else:
        return _text_attribute(cursor)
    return True


def _text_attribute(cursor: Cursor) -> bool:
    if cursor.take("COMMENT"):
        known = cursor.left and cursor.tokens[cursor.at].kind in (STRING, NUMBER)
        cursor.at += 1
        return known
    if cursor.take("CHARACTER", "SET") or cursor.any_of("CHARSET", "COLLATE"):
        return cursor.name() is not None
    return False


def reference(cursor: Cursor) -> bool:
    """Steps over what follows REFERENCES; False when it is not known."""
    if cursor.qualified() is None:
        return False
    if cursor.peek() == "(":
        cursor.group()
    while cursor.take("ON"):
        if not cursor.any_of("UPDATE", "DELETE"):
            return False
        if not (
            cursor.any_of("CASCADE", "RESTRICT")
            or cursor.take("NO", "ACTION")
            or cursor.take("SET", "NULL")
            or cursor.take("SET", "DEFAULT")
        ):
            return False
    return True
