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
    "time": "time without time zone",
    "varbit": "bit varying",
}
SIZE, ARRAY = re.compile(r"\s*(\([^)]*\))"), re.compile(r"(?:\[\d*\])+$")
SIZED_INSIDE = ("timestamp", "time")  # the size stands between the words


def canonical(text: str, dialect: str) -> str:
    """The type in its engine's one spelling. An unknown one stays as it is, lower case."""
    plain = " ".join(text.split())
    if dialect == "sqlite":
        return plain.upper()
    if dialect == "mysql":
        return _mysql(re.sub(r"^[^('\"]*", lambda head: head[0].lower(), plain))
    return _postgres(plain.lower().replace('"', "").replace(", ", ","))


def _mysql(text: str) -> str:
    if text != "tinyint(1)":
        text = INTEGER_WIDTH.sub(r"\1", text)
    text = MYSQL.get(text, text).removesuffix(" zerofill").replace(", ", ",")
    head, bracket, rest = text.partition("(")
    spelled = MYSQL.get(head, head) if bracket else head
    return f"{spelled.partition('(')[0]}{bracket}{rest}" if bracket else spelled


def _postgres(text: str) -> str:
    """`varchar(20)` and `character varying(20)`, `"public"."Mood"` and `mood`: one form each."""
    array = ARRAY.search(text)
    bare = text[: array.start()] if array else text
    found = SIZE.search(bare)
    size, words = found[1] if found else "", SIZE.sub("", bare).split()
    plain = " ".join(words).removeprefix("pg_catalog.").removeprefix("public.")
    name = POSTGRES.get(plain, plain)
    first, _, rest = name.partition(" ")
    if first in SIZED_INSIDE:
        name, size = f"{first}{size} {rest}", ""
    elif name == "character" and not size:
        size = "(1)"
    return name + size + ("[]" * array[0].count("[") if array else "")
