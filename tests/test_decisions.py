"""docs/adr: every decision is in its index, and the index names only files that are there."""

from __future__ import annotations

import re

from engines.stack import ROOT

FOLDER = ROOT / "docs" / "adr"


def test_it_lists_every_decision() -> None:
    named = re.findall(r"\| \[(\d{4})\]\(([^)]+)\) \|", (FOLDER / "README.md").read_text())
    there = sorted(path.name for path in FOLDER.glob("[0-9]*.md"))
    assert [file for _, file in named] == there
    assert all(file.startswith(f"{number}-") for number, file in named)
