"""The maker of list exports: every row of a list, page by page, into one CSV or XLSX file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from openinsure.console import exports_files
from openinsure.console.exports_capture import ListRead, read_list
from openinsure.console.exports_csv import facts
from openinsure.console.exports_files import FileFormat, cells_of, chosen, filter_words
from openinsure.pages.exports_run import MAKERS, Made, Work

PAGE_ROWS = 2_000  # a page of 20 columns is about 5 MB as Python objects


def make_list(work: Work) -> Made:
    """The file of a list. Raises TooManyForXlsx with about how many rows there are."""
    row = work.row
    found = read_list(work.viewer, row.list_name, row.query)
    wanted: FileFormat = "xlsx" if row.file_format == "xlsx" else "csv"
    name = f"{row.list_name.replace('.', '-')}-{work.as_of:%Y-%m-%d}.{wanted}"
    head, columns, with_id = chosen(found.ask)
    told, rows = filter_words(found.ask), 0
    with exports_files.open_sheet(work.folder / name, wanted, head=head) as sheet:
        for page in pages(found):
            rows += len(page)
            if wanted == "csv" or rows <= exports_files.XLSX_ROWS_MAX:
                sheet.write(cells_of(page, columns, with_id=with_id))
            work.progress(rows)
        if wanted == "xlsx" and rows > exports_files.XLSX_ROWS_MAX:
            raise exports_files.TooManyForXlsx(rows)
        sheet.tell(facts(found.ask, rows=rows, as_of=work.as_of, told=told))
    order = f"{'-' if found.ask.descending else ''}{found.ask.sort}"
    return Made(files=(name,), rows=rows, told={"filter": told, "sort": order})


def pages(found: ListRead) -> Iterator[tuple[Any, ...]]:
    """The rows of a list from its first page on; pages that a search left empty are skipped."""
    at = None
    while True:
        page = found.source.read(replace(found.ask, at=at, size=PAGE_ROWS))
        if page.rows:
            yield page.rows
        if page.next is None:
            return
        at = page.next


MAKERS["list"] = make_list
