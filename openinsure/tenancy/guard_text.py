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

# Text outside quotes. Comments, statements behind a `;`, escapes, variables and `:=`, ODBC
# braces, PIPES_AS_CONCAT and `!`, whose meaning depends on the server's mode.
_FORBIDDEN = re.compile(r"/\*|--|[#;\"\\\x00@:?{}|$~^]|!(?!=)")
_ODD = re.compile(r"[^\x20-\x7e\t\n\r]")
_PIECES = re.compile(r"(?P<text>'(?:[^']|'')*')|(?P<name>`[^`]*`)|(?P<mark>%.?)|(?P<rest>[^'`%]+)")
_RUN = re.compile(r"\bIN \(%s(?:, ?%s)+\)", re.ASCII)
_ROW = r"\((?:%s(?:, ?%s)*)\)"
_ROWS = re.compile(rf"(?P<head>\b(?:VALUES|IN) ?\(?)(?P<row>{_ROW})(?P<more>(?:, ?(?P=row))+)", re.ASCII)


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
    """The template with `%s` as `:0`, `:1`, ... and `%%` as `%`, for the parser.

    Raises TenantLeak for text that is refused before parsing.
    """
    if len(template) > LONGEST_TEMPLATE_CHARS or _ODD.search(template):
        raise TenantLeak("the template is too long or holds characters outside ASCII")
    if re.search(r"/\*|--|[#;\"\\\x00]", template):
        raise TenantLeak("comments, `;`, double quotes and backslashes are refused")
    pieces: list[str] = []
    marks = end = 0
    for piece in _PIECES.finditer(template):
        if piece.start() != end:
            break
        end = piece.end()
        written = piece.group()
        if piece.lastgroup == "mark":
            if written not in ("%s", "%%"):
                raise TenantLeak("only positional parameters (%s) are accepted")
            pieces.append("%" if written == "%%" else f":{marks}")
            marks += written == "%s"
            continue
        _refuse_piece(piece.lastgroup or "", written)
        pieces.append(written.replace("%%", "%"))
    if end != len(template):
        raise TenantLeak("a quote is not closed")
    return "".join(pieces)


def _refuse_piece(kind: str, written: str) -> None:
    if kind == "rest":
        if _FORBIDDEN.search(written):
            raise TenantLeak("variables, assignments and server-dependent signs are refused")
    elif re.search(r"%(?!%)", written.replace("%%", "")):
        raise TenantLeak("a parameter inside quotes is refused")


def collapsed(template: str) -> Collapsed:
    """Cut `IN (%s, %s, ...)` and repeated `(%s, %s)` rows to one, remembering the indexes.

    60 columns and an IN of 1,000 would cost 4 ms to parse, and each length a plan of its own.
    Must follow `numbered` (no mark is inside quotes then).
    """
    pieces: list[str] = []
    origins: list[tuple[int, ...]] = []
    start = seen = 0
    for found in sorted(_repeats(template), key=lambda one: one[0]):
        begin, end, kept, width = found
        if begin < start:
            continue
        before = template[start:begin]
        fresh = _marks(before)
        origins += [(seen + k,) for k in range(fresh)]
        seen += fresh
        total = _marks(template[begin:end])
        origins += [tuple(range(seen + k, seen + total, width)) for k in range(width)]
        seen += total
        pieces += [before, kept]
        start = end
    tail = template[start:]
    origins += [(seen + k,) for k in range(_marks(tail))]
    return Collapsed("".join((*pieces, tail)), tuple(origins))


def _repeats(template: str) -> list[tuple[int, int, str, int]]:
    """(begin, end, text kept, marks kept) of each run that may be cut."""
    runs = [(m.start(), m.end(), "IN (%s)", 1) for m in _RUN.finditer(template)]
    for m in _ROWS.finditer(template):
        row = m.group("row")
        runs.append((m.start(), m.end(), m.group("head") + row, row.count("%s")))
    return runs


def _marks(text: str) -> int:
    return text.replace("%%", "").count("%s")
