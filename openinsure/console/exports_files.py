"""Rows of a list as a file, CSV or XLSX, written row by row: memory does not grow with the rows.

A sheet is safe to open: text that a spreadsheet would run gets an apostrophe, and nothing is
taken for a formula or a link. An XLSX file carries a second sheet, About.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, Protocol, Self

from openinsure.console.columns import Column, plain
from openinsure.console.lists import Ask
from openinsure.problems import Problem

FileFormat = Literal["csv", "xlsx"]
FORMATS: tuple[FileFormat, ...] = ("csv", "xlsx")
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
XLSX_ROWS_MAX = 1_048_575  # 1,048,576 less the head
XLSX_TEXT_MAX = 32_767  # characters of a cell
# What a spreadsheet may take for a formula, full-width forms included.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Cells = list[Any]


class TooManyForXlsx(Problem):
    """More rows than a sheet holds. rows: about how many there are."""

    status, code = 422, "xlsx_too_large"

    def __init__(self, rows: int) -> None:
        super().__init__(
            f"XLSX holds {XLSX_ROWS_MAX:,} rows; this export has about {about(rows):,}. Choose CSV."
        )


class Sheet(Protocol):
    """A file being written. Leaving the `with` block finishes it, or drops it on an error."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: Any
    ) -> None: ...
    def write(self, rows: Iterable[Cells]) -> None:
        """Append rows of defused cells."""

    def tell(self, facts: Sequence[tuple[str, object]]) -> None:
        """What the file says of itself, where the format has a place for it."""


def open_sheet(target: Path | IO[bytes], wanted: FileFormat, *, head: Sequence[str]) -> Sheet:
    """A sheet of the format with these column names, written to a path (or, XLSX, to memory)."""
    return XlsxSheet(target, head) if wanted == "xlsx" else CsvSheet(target, head)


class CsvSheet:
    """UTF-8, CRLF, text quoted, numbers bare."""

    def __init__(self, target: Path | IO[bytes], head: Sequence[str]) -> None:
        if not isinstance(target, Path):
            raise TypeError("a CSV in memory is made by exports_csv")
        self._file = target.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\r\n")
        self._writer.writerow(head)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._file.close()

    def write(self, rows: Iterable[Cells]) -> None:
        """Append rows."""
        self._writer.writerows(rows)

    def tell(self, facts: Sequence[tuple[str, object]]) -> None:
        """Nothing: a CSV is header and rows only; the manifest says the rest."""


class XlsxSheet:
    """One sheet of rows, written through a temporary file, and the sheet About."""

    def __init__(self, target: Path | IO[bytes], head: Sequence[str]) -> None:
        from xlsxwriter import Workbook  # 30 ms that no other page pays

        options: dict[str, object] = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        if isinstance(target, Path):
            options["tmpdir"] = str(target.parent)
        self._book = Workbook(str(target) if isinstance(target, Path) else target, options)
        self._sheet = self._book.add_worksheet("Rows")
        self._sheet.freeze_panes(1, 0)
        self._line = 0
        self._facts: Sequence[tuple[str, object]] = ()
        self._append(head)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if kind is None:
            self._about()
        self._book.close()

    def write(self, rows: Iterable[Cells]) -> None:
        """Append rows. Raises ValueError beyond XLSX_ROWS_MAX, which the caller counts."""
        for cells in rows:
            if self._line > XLSX_ROWS_MAX:
                raise ValueError("a sheet holds no more rows")
            self._append(cells)

    def tell(self, facts: Sequence[tuple[str, object]]) -> None:
        """The lines of the sheet About."""
        self._facts = facts

    def _append(self, cells: Sequence[Any]) -> None:
        line, sheet = self._line, self._sheet
        for place, value in enumerate(cells):
            if type(value) is int:
                sheet.write_number(line, place, value)
            elif value != "":
                sheet.write_string(line, place, str(value)[:XLSX_TEXT_MAX])
        self._line += 1

    def _about(self) -> None:
        sheet = self._book.add_worksheet("About")
        for line, (name, value) in enumerate(self._facts):
            sheet.write_string(line, 0, name)
            sheet.write_string(line, 1, str(defused(value)))


def chosen(ask: Ask) -> tuple[tuple[str, ...], tuple[Column, ...], bool]:
    """The head, the columns, and whether the id comes first: not if columns were asked for."""
    asked = "columns" in ask.given
    columns = ask.columns if asked else ask.page.columns
    head = tuple(column.name for column in columns)
    return (head if asked else ("id", *head)), columns, not asked


def cells_of(rows: Iterable[Any], columns: Sequence[Column], *, with_id: bool) -> list[Cells]:
    """The defused cells of rows, in the order of the head."""
    if with_id:
        return [
            [defused(plain(row.id)), *(defused(column.plain(row)) for column in columns)]
            for row in rows
        ]
    return [[defused(column.plain(row)) for column in columns] for row in rows]


def defused(value: object) -> object:
    """A cell: text that a spreadsheet would run gets an apostrophe; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return "'" + value
    return value


def filter_words(ask: Ask) -> str:
    """The filters as ASCII: parameter=value, values after one another."""
    told = [f"{name}={value}" for name, values in sorted(ask.values.items()) for value in values]
    told += [f"q={ask.q}"] if ask.q else []
    told += [f"view={ask.view}"] if ask.view else []
    return "&".join(told).encode("ascii", "backslashreplace").decode()


def about(rows: int) -> int:
    """A count to two significant digits: what "about" may honestly say."""
    unit = int(10 ** max(0, len(str(rows)) - 2))
    return (rows + unit // 2) // unit * unit
