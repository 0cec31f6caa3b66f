"""INSERT, UPDATE and DELETE: which table, and whether a WHERE names the organisation."""

from __future__ import annotations

from dbops.sql.acts import Act, Kind
from dbops.sql.tokens import Cursor


def read(cursor: Cursor, word: str) -> list[Act] | None:
    """One act; `columns` are the names compared with `=` or listed by INSERT, lower case.

    `value` is "rows" for a plain VALUES list, "where" for a bounded change, "all" otherwise.
    """
    match word:
        case "INSERT" | "REPLACE":
            return _insert(cursor)
        case "UPDATE":
            return _where(cursor, Kind.UPDATE)
        case "DELETE":
            return _where(cursor, Kind.DELETE) if cursor.take("FROM") else None
        case "TRUNCATE":
            cursor.take("TABLE")
            named = cursor.qualified()
            return None if named is None else [Act(Kind.DELETE, named[1], named[0], value="all")]
    return None


def _insert(cursor: Cursor) -> list[Act] | None:
    ignoring = bool(cursor.any_of("IGNORE"))
    ignoring = cursor.take("OR", "IGNORE") or ignoring
    cursor.take("INTO")
    named = cursor.qualified()
    listed = cursor.group() if named and cursor.peek() == "(" else None
    if named is None:
        return None
    names = tuple(part.whole.strip('`"').lower() for part in listed.parts()) if listed else ()
    bounded = cursor.peek() in ("VALUES", "VALUE", "DEFAULT")
    if not bounded and cursor.peek() not in ("SELECT", "WITH"):
        return None
    source = "" if bounded else _source(cursor, names)
    cursor.at = len(cursor.tokens)
    value = "rows" if bounded else "all"
    return [
        Act(
            Kind.INSERT, named[1], named[0],
            columns=names, value=value, guarded=ignoring, source=source,
        )
    ]  # fmt: skip


def _source(cursor: Cursor, names: tuple[str, ...]) -> str:
    """The table of `SELECT names FROM table`, when it says just that; else ""."""
    if not cursor.take("SELECT"):
        return ""
    taken: list[str] = []
    while (name := cursor.name()) is not None:
        taken.append(name.lower())
        if not cursor.take(","):
            break
    named = cursor.qualified() if cursor.take("FROM") else None
    whole = named is not None and not named[0] and not cursor.left
    return named[1] if named and whole and tuple(taken) == names else ""


def _where(cursor: Cursor, kind: Kind) -> list[Act] | None:
    named = cursor.qualified()
    if named is None:
        return None
    compared: list[str] = []
    bounded = False
    after_where = False
    for at, token in enumerate(cursor.tokens):
        if at < cursor.at:
            continue
        after_where = after_where or token.upper == "WHERE"
        bounded = bounded or token.upper == "LIMIT"
        following = cursor.tokens[at + 1] if at + 1 < len(cursor.tokens) else None
        if after_where and following is not None and following.text in ("=", "IN", "in"):
            compared.append(token.text.lower())
    cursor.at = len(cursor.tokens)
    value = "where" if after_where or bounded else "all"
    return [Act(kind, named[1], named[0], columns=tuple(compared), value=value)]
