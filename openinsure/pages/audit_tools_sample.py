"""A random sample of a list that anybody can draw again: rows are chosen by a hash of their id.

The rows with the smallest SHA-256 of seed and id are the sample. It depends on the seed and on
which rows there are, never on their order, so one pass over keyset pages draws it.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable
from typing import Any

from openinsure.console import exports_files
from openinsure.console.exports_capture import read_list
from openinsure.console.exports_files import cells_of, chosen, filter_words
from openinsure.pages.exports_lists import pages
from openinsure.pages.exports_run import MAKERS, Made, Work

SIZE_MAX = 1_000


class Draw:
    """Keeps the `size` rows with the smallest keys of all that were offered."""

    def __init__(self, seed: str, size: int) -> None:
        self._seed, self._size = seed, size
        self._kept: list[tuple[int, str, Any]] = []  # a heap: the largest key on top, negated
        self.population = 0

    def offer(self, rows: Iterable[Any]) -> None:
        """Consider further rows, each with an `id`."""
        for row in rows:
            self.population += 1
            entry = (-key_of(self._seed, row.id), row.id, row)
            if len(self._kept) < self._size:
                heapq.heappush(self._kept, entry)
            elif entry > self._kept[0]:
                heapq.heapreplace(self._kept, entry)

    def rows(self) -> list[Any]:
        """The sample, in the order it was drawn: smallest key first."""
        return [row for _, _, row in sorted(self._kept, reverse=True)]


def key_of(seed: str, row_id: str) -> int:
    """The row's place in the draw of this seed, 0 to 2**256."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{row_id}".encode()).digest())


def make_sample(work: Work) -> Made:
    """The sample as CSV; told: seed, population and the ids, so that it can be checked."""
    row = work.row
    seed, size = str(row.wish["seed"]), int(row.wish["size"])
    found = read_list(work.viewer, row.list_name, row.query)
    draw = Draw(seed, size)
    for page in pages(found):
        draw.offer(page)
        work.progress(draw.population)
    sample = draw.rows()
    head, columns, with_id = chosen(found.ask)
    name = f"sample-{row.list_name.replace('.', '-')}-{work.as_of:%Y-%m-%d}.csv"
    with exports_files.open_sheet(work.folder / name, "csv", head=head) as sheet:
        sheet.write(cells_of(sample, columns, with_id=with_id))
    told = {
        "filter": filter_words(found.ask),
        "seed": seed,
        "population": draw.population,
        "method": "the smallest SHA-256 of seed:id",
        "ids": [one.id for one in sample],
    }
    return Made(files=(name,), rows=len(sample), told=told)


MAKERS["sample"] = make_sample
