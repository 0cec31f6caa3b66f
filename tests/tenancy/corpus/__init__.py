"""The guard's corpus: reads the .txt files beside it. Format: queries.txt, first lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.tenancy.world import OURS, THEIRS, row_id

GROUP = re.compile(r"## (?P<mode>\w+) (?P<keyspace>\w+): (?P<rule>.+)")
VALUES: dict[str, Any] = {
    "org": OURS,
    "other": THEIRS,
    "id": row_id(OURS, 1),
    "foreign": row_id(THEIRS, 1),
    "new": row_id(OURS, 500),
    "new2": row_id(OURS, 501),
    "n": 2,
    "text": "bound",
}
_MARK = re.compile(rf":({'|'.join(sorted(VALUES, key=len, reverse=True))})\b")


@dataclass(frozen=True)
class Case:
    """One statement: `+` must pass, `-` must be refused, `~` is safe but refused."""

    verdict: str
    sql: str
    params: tuple[Any, ...]
    mode: str
    keyspace: str
    rule: str
    place: str

    @property
    def alias(self) -> str:
        """The Django alias it would run on."""
        return "default" if self.keyspace == "oi_console" else self.keyspace


def cases() -> Iterator[Case]:
    """Every statement of every file, in order."""
    for file in sorted(Path(__file__).parent.glob("*.txt")):
        group: re.Match[str] | None = None
        for number, line in enumerate(file.read_text().splitlines(), 1):
            group = GROUP.fullmatch(line) or group
            if line[:1] in ("+", "-", "~") and group is not None:
                written = line[2:]
                params = tuple(VALUES[mark] for mark in _MARK.findall(written))
                yield Case(
                    line[0], _MARK.sub("%s", written), params, **group.groupdict(),
                    place=f"{file.stem}:{number}",
                )  # fmt: skip
