"""Lines, tables and JSON on stdout; notes on stderr. Colour only for a person at a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TextIO

TONES = {"ok": "32", "info": "34", "warn": "33", "bad": "31", "neutral": "2"}


def note(text: str) -> None:
    """Progress and explanations: stderr, so that stdout stays data.

    A reader that went away (head, less) must not stop a migration between two statements.
    """
    with suppress(BrokenPipeError):
        print(text, file=sys.stderr)


def colours(wanted: bool, stream: TextIO | None = None) -> bool:
    """True for a terminal that wants colour (NO_COLOR, TERM=dumb and --no-color do not)."""
    out = stream or sys.stdout
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return wanted and not plain and out.isatty()


def paint(text: str, tone: str, coloured: bool) -> str:
    """The text in its tone's colour."""
    return f"\x1b[{TONES[tone]}m{text}\x1b[0m" if coloured and tone in TONES else text


def table(rows: Sequence[Sequence[str]], tones: Sequence[str], coloured: bool) -> str:
    """Columns padded to their widest cell; the first column of each row takes the row's tone."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))] if rows else []
    lines = []
    for row, tone in zip(rows, tones, strict=True):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        cells[0] = paint(cells[0], tone, coloured)
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def tabbed(rows: Sequence[Sequence[str]]) -> str:
    """One row a line, cells separated by tabs; tabs and line ends inside a cell become blanks."""
    return "\n".join("\t".join(" ".join(cell.split()) for cell in row) for row in rows)


def json_text(value: Any) -> str:
    """Indented JSON, keys in the documented order."""
    import json

    return json.dumps(value, indent=1, ensure_ascii=False)
