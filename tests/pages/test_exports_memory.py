"""A job's memory does not grow with its rows: 20 columns, within 50 MB."""

from __future__ import annotations

import resource
from dataclasses import make_dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from openinsure.console.columns import Column
from openinsure.console.lists import Ask, ListPage
from openinsure.pages import exports_lists
from openinsure.tenancy.listing import Page, Position

COLUMNS, GROWTH_MAX_MB = 20, 50
NAMES = tuple(f"column_{place}" for place in range(COLUMNS))
Row = make_dataclass("Row", ["id", *NAMES], frozen=True, slots=True)
LIST = ListPage(
    name="things.list",
    title="Things",
    noun="thing",
    nouns="things",
    columns=tuple(Column(name=name, label=name) for name in NAMES),
    default_sort=NAMES[0],
)


def source(total: int) -> Any:
    """A list that makes its rows page by page, as a database hands them over."""

    def read(ask: Ask) -> Page[Any]:
        start = int(ask.at.key) if ask.at else 0
        rows = tuple(
            Row(str(n), *(n if place % 2 else f"text {n} of {place}" for place in range(COLUMNS)))
            for n in range(start, min(total, start + ask.size))
        )
        end = start + len(rows)
        return Page(rows, next=Position(end, str(end)) if end < total else None)

    return SimpleNamespace(read=read)


def export(total: int, file_format: str, folder: Path) -> tuple[Any, float]:
    """What was made, and by how many MB the process grew at its peak."""
    asked = Ask(
        page=LIST, sort=NAMES[0], descending=False, size=50, columns=LIST.columns, values={},
        options={}, bound_to="test",
    )  # fmt: skip
    found = SimpleNamespace(ask=asked, source=source(total))
    row = SimpleNamespace(list_name=LIST.name, query="", file_format=file_format)
    work: Any = SimpleNamespace(
        row=row, viewer=None, folder=folder, as_of=datetime(2026, 11, 21, tzinfo=UTC),
        progress=lambda rows: None,
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exports_lists, "read_list", lambda *args, **kwargs: found)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        made = exports_lists.make_list(work)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return made, (after - before) / 1024


@pytest.fixture
def warmed(tmp_path: Path) -> Path:
    """Imports and the first pages are the base that growth is measured above."""
    for file_format in ("csv", "xlsx"):
        export(4_000, file_format, tmp_path)
    return tmp_path


@pytest.mark.parametrize(("file_format", "rows"), [("csv", 100_000), ("xlsx", 25_000)])
def test_it_keeps_memory_flat(warmed: Path, file_format: str, rows: int) -> None:
    made, grown_mb = export(rows, file_format, warmed)
    assert made.rows == rows
    assert (warmed / made.files[0]).stat().st_size > 1_000_000
    assert grown_mb <= GROWTH_MAX_MB
