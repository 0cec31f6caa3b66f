"""Column types in one spelling an engine: what two texts must share to mean the same type."""

from __future__ import annotations

import re

INTEGER_WIDTH = re.compile(r"^((?:tiny|small|medium|big)?int)\(\d+\)")
MYSQL = {
    "integer": "int",
    "bool": "tinyint(1)",
    "boolean": "tinyint(1)",
    "numeric": "decimal",
    "dec": "decimal",
    "real": "double",
    "double precision": "double",
    "character varying": "varchar",
    "serial": "bigint unsigned",
    "char": "char(1)",
    "decimal": "decimal(10,0)",
}
POSTGRES = {
    "int": "integer",
    "int4": "integer",
    "serial": "integer",
    "serial4": "integer",
    "int8": "bigint",
    "bigserial": "bigint",
    "int2": "smallint",
    "smallserial": "smallint",
    "bool": "boolean",
    "float8": "double precision",
    "double": "double precision",
    "float4": "real",
    "decimal": "numeric",
    "varchar": "character varying",
    "char": "character",
    "timestamptz": "timestamp with time zone",
    "timestamp": "timestamp without time zone",
    "timetz": "time with time zone",
}
SHAPE = re.compile(r"^([^(\[]+?)\s*(\([^)]*\))?\s*([^(\[]*?)((?:\[\])*)$")


def canonical(text: str, dialect: str) -> str:
    """The type in its engine's one spelling. An unknown one stays as it is, lower case."""
    plain = " ".join(text.split())
    if dialect == "sqlite":
        return plain.upper()
    lower = re.sub(r"^[^('\"]*", lambda head: head[0].lower(), plain)
    if dialect == "mysql":
        return _mysql(lower)
    return _postgres(lower.strip('"').removeprefix("pg_catalog.").removeprefix('public."'))


def _mysql(text: str) -> str:
    if text != "tinyint(1)":
        text = INTEGER_WIDTH.sub(r"\1", text)
    text = MYSQL.get(text, text).removesuffix(" zerofill").replace(", ", ",")
    head, bracket, rest = text.partition("(")
    spelled = MYSQL.get(head, head) if bracket else head
    return f"{spelled.partition('(')[0]}{bracket}{rest}" if bracket else spelled


def _postgres(text: str) -> str:
    shape = SHAPE.match(text.replace(", ", ","))
    if shape is None:
        return text
    head, size, tail, array = shape[1].strip(), shape[2] or "", shape[3].strip(), shape[4]
    name = POSTGRES.get(f"{head} {tail}".strip(), POSTGRES.get(head, head))
    first, _, rest = name.partition(" ")
    if first in ("timestamp", "time"):  # the size stands between the words
        rest = tail or rest
        return f"{first}{size} {rest}".strip() + array
    return f"{name}{size}{array}"
