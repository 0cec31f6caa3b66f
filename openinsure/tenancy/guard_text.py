"""Lock 2, first look: what a template says before anybody parses it.

sqlglot drops comments that MariaDB executes (`/*! or 1=1 */`), reads SAVEPOINT as an alias and
knows no `%s`. So the text is refused, passed as it is, or rewritten with numbered parameters
here. Knows no table and no scope.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from openinsure.tenancy.scope import TenantLeak

# What Django itself says on every connection and transaction; nothing here names a table.
PASSED_AS_IS = frozenset(
    {
        "SELECT 1",
        "SET SQL_AUTO_IS_NULL = 0",
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "SELECT VERSION(), @@sql_mode, @@default_storage_engine, @@sql_auto_is_null, "
        "@@lower_case_table_names, "
        "CONVERT_TZ('2001-01-01 01:00:00', 'UTC', 'UTC') IS NOT NULL",
    }
)
SAVEPOINT = re.compile(r"(?:RELEASE |ROLLBACK TO )?SAVEPOINT `[A-Za-z0-9_]{1,64}`", re.ASCII)
LONGEST_TEMPLATE_CHARS = 1_000_000  # an insert of 1,000 rows of 60 columns has 240,000

_ODD = re.compile(r"[^\x20-\x7e\t\n\r]")  # NUL, control characters, spaces that are none
_ANYWHERE = re.compile(r"/\*|--|[#;\"\\]")
# Outside quotes also variables, `:=`, ODBC braces, and signs whose meaning is the sql_mode's.
_OUTSIDE = re.compile(r"[@:?{}|$~^]|!(?!=)")
_PIECES = re.compile(r"(?P<text>'(?:[^']|'')*')|(?P<name>`[^`]*`)|(?P<mark>%.?)|(?P<rest>[^'`%]+)")

_LIST = re.compile(r"\bIN \(%s(?:, ?%s)+\)", re.ASCII)
_ROWS = re.compile(
    r"(?P<head>\bVALUES ?|\bIN ?\()(?P<row>\(%s(?:, ?%s)*\))(?:, ?(?P=row))+", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Collapsed:
    """A template with its repeated rows and IN-lists cut to one.

    `origins[k]` holds the parameter indexes of the full template that mark k stands for.
    """

    template: str
    origins: tuple[tuple[int, ...], ...]


def passed_as_is(template: str) -> bool:
    """Whether Django's own connection and savepoint statements read exactly like this."""
    return " ".join(template.split()) in PASSED_AS_IS or bool(SAVEPOINT.fullmatch(template))


def numbered(template: str) -> str:
    """The template with `%s` as `:p0`, `:p1`, ... and `%%` as `%`, for the parser.

    Raises TenantLeak for text that is refused before parsing.
    """
    if len(template) > LONGEST_TEMPLATE_CHARS or _ODD.search(template):
        raise TenantLeak("text: too long, or characters outside printable ASCII")
    if _ANYWHERE.search(template):
        raise TenantLeak("text: comments, `;`, double quotes and backslashes are refused")
    pieces: list[str] = []
    marks = end = 0
    for piece in _PIECES.finditer(template):
        if piece.start() != end:
            break
        end = piece.end()
        written = piece.group()
        if piece.lastgroup != "mark":
            pieces.append(_quoted_or_plain(piece.lastgroup, written))
        elif written == "%s":
            pieces.append(f":p{marks}")
            marks += 1
        elif written == "%%":
            pieces.append("%")
        else:
            raise TenantLeak("text: only positional parameters (%s) are accepted")
    if end != len(template):
        raise TenantLeak("text: a quote is not closed")
    return "".join(pieces)


def _quoted_or_plain(kind: str | None, written: str) -> str:
    if kind == "rest":
        if _OUTSIDE.search(written):
            raise TenantLeak("text: variables, assignments and mode-dependent signs are refused")
        return written
    if "%" in written.replace("%%", ""):
        raise TenantLeak("text: a parameter inside quotes is refused")
    return written.replace("%%", "%")


def collapsed(template: str) -> Collapsed:
    """Cut `IN (%s, %s, ...)` and repeated `(%s, %s)` rows to one, remembering the indexes.

    60 columns and an IN of 1,000 would cost 4 ms to parse, and each length a plan of its own.
    Must follow `numbered`: no mark is inside quotes then.
    """
    pieces: list[str] = []
    origins: list[tuple[int, ...]] = []
    start = seen = 0

    def keep(text: str) -> None:
        nonlocal seen
        fresh = _marks(text)
        origins.extend((seen + k,) for k in range(fresh))
        seen += fresh
        pieces.append(text)

    for begin, end, kept in sorted(_repeats(template)):
        if begin < start:
            continue
        keep(template[start:begin])
        width, total = _marks(kept), _marks(template[begin:end])
        origins.extend(tuple(range(seen + k, seen + total, width)) for k in range(width))
        seen += total
        pieces.append(kept)
        start = end
    keep(template[start:])
    return Collapsed("".join(pieces), tuple(origins))


def _repeats(template: str) -> list[tuple[int, int, str]]:
    """(begin, end, text kept) of each run that may be cut."""
    lists = [(m.start(), m.end(), "IN (%s)") for m in _LIST.finditer(template)]
    rows = [(m.start(), m.end(), m["head"] + m["row"]) for m in _ROWS.finditer(template)]
    return lists + rows


def _marks(text: str) -> int:
    return text.replace("%%", "").count("%s")
