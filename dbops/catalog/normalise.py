"""Named rules that remove what only spelling, server or tool makes different. Each is tested.

MySQL family. A rule takes what the server says and gives what it means; NORMALISER in model.py is
raised whenever one changes, so that old snapshots are read again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from dbops.sql.types import canonical

# Tables of tools and engines: no part of anybody's schema.
IGNORED_PREFIXES = (
    "_oi_",
    "_vt",
    "_vrepl",
    "_cf_",
    "sqlite_",
    "d1_migrations",
    "__drizzle_migrations",
    "_prisma_migrations",
    "kysely_migration",
    "django_migrations",
)
NUMERIC = re.compile(r"^(?:tinyint|smallint|mediumint|int|bigint|decimal|float|double)\b")
TEXTUAL = re.compile(r"^(?:var)?char|^(?:var)?binary|text$|^enum|^set\(|^date|^time|^year|^json")
CURRENT = re.compile(r"^\(?(?:current_timestamp|now|localtimestamp)(?:\((\d*)\))?\)?$", re.I)
ON_UPDATE = re.compile(r"on update ((?:current_timestamp|now)(?:\(\d*\))?)", re.I)
INTRODUCER = re.compile(r"_(?:utf8mb[34]|latin1|ascii|binary)\\?(?=')")
JSON_VALID = re.compile(r"^\(?json_valid\(`([^`]+)`\)\)?$", re.I)


def ignored(table: str) -> bool:
    """Ledgers and engine tables do not count."""
    return table.lower().startswith(IGNORED_PREFIXES)


@lru_cache(maxsize=4096)
def integer_width(kind: str) -> str:
    """`int(11)` and `int` are one type; tinyint(1) stays, it is a boolean."""
    return canonical(kind, "mysql")


def current_time(text: str) -> str | None:
    """`current_timestamp()`, `CURRENT_TIMESTAMP(3)`, `now(3)`, `(now())`: one form, or None."""
    found = CURRENT.match(text.strip())
    if found is None:
        return None
    precision = found[1] or ""
    return f"current_timestamp({precision})" if precision not in ("", "0") else "current_timestamp"


@lru_cache(maxsize=4096)
def default_value(raw: str | None, kind: str, *, generated: bool, nullable: bool) -> str | None:
    """A default as SQL text, or None.

    MariaDB quotes strings and says `NULL` for a nullable column without default; MySQL 8 does
    neither and marks expressions as DEFAULT_GENERATED (`generated`).
    """
    if raw is None or (raw.upper() == "NULL" and nullable):
        return None
    if moment := current_time(raw):
        return moment
    if generated:
        return expression(raw)
    if NUMERIC.match(kind):
        return number(raw.strip("'"))
    if TEXTUAL.search(kind) and not raw.startswith(("'", "(", "b'", "x'")):
        return "'" + raw.replace("'", "''") + "'" if not _call(raw) else expression(raw)
    return raw


def _call(raw: str) -> bool:
    return re.fullmatch(r"[a-z_]+\(.*\)", raw, re.S) is not None


def number(text: str) -> str:
    """`0.000000` and `0` are one value."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    return "0" if value == 0 else f"{value.normalize():f}"


@lru_cache(maxsize=4096)
def on_update(extra: str) -> str:
    """The ON UPDATE part of `extra`, in the form of current_time."""
    found = ON_UPDATE.search(extra)
    return (current_time(found[1]) or "") if found else ""


def expression(text: str | None) -> str:
    """A generated column or check without backticks, introducers and needless blanks."""
    plain = INTRODUCER.sub("", (text or "").replace("`", "").replace("\\'", "'"))
    plain = re.sub(r"\s*([(),=<>+*/-])\s*", r"\1", " ".join(plain.split()))
    while plain.startswith("(") and plain.endswith(")") and _wraps(plain):
        plain = plain[1:-1]
    return plain.lower() if "'" not in plain else plain


def _wraps(text: str) -> bool:
    depth = 0
    for at, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return at == len(text) - 1
    return False


@lru_cache(maxsize=4096)
def utf8_name(name: str | None) -> str:
    """utf8 is utf8mb3: charset and collation names."""
    text = name or ""
    if text == "utf8" or text.startswith("utf8_"):
        return "utf8mb3" + text[4:]
    return text


def json_column(kind: str, column: str, json_checked: set[str]) -> str:
    """MariaDB's longtext with a json_valid check is `json`."""
    return "json" if kind == "longtext" and column in json_checked else kind


def json_check(clause: str) -> str | None:
    """The column of a json_valid check, else None."""
    found = JSON_VALID.match(clause.strip())
    return found[1] if found else None


RULES: dict[str, Callable[..., object]] = {
    "integer width": integer_width,
    "json as longtext": json_column,
    "current time": current_time,
    "default value": default_value,
    "number": number,
    "on update": on_update,
    "expression": expression,
    "utf8 is utf8mb3": utf8_name,
    "ignored tables": ignored,
}
