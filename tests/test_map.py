"""docs/MAP.md says what every module is for, in its own first line. Stale = red."""

from __future__ import annotations

import ast
import os
from pathlib import Path

from tests.test_tidy import ROOT, SOURCES, python_files

MAP = ROOT / "docs" / "MAP.md"
REWRITE = "UPDATE_MAP"  # UPDATE_MAP=1 rewrites the file instead of failing


def first_line(path: Path) -> str:
    """The first line of a module's docstring."""
    return (ast.get_docstring(ast.parse(path.read_text())) or "").split("\n")[0]


def rendered() -> str:
    """The whole page, made from the docstrings."""
    parts = ["# Map\n\nEvery module and its job; made from the docstrings (`make map`).\n"]
    folder = None
    paths = [p for p in python_files(*SOURCES) if "migrations" not in p.parts]
    for path in sorted(paths, key=lambda p: (str(p.parent), p.name)):
        if path.parent != folder:
            folder = path.parent
            parts.append(f"\n## {folder.relative_to(ROOT)}\n\n")
        line = first_line(path)
        if path.name == "__init__.py":
            parts.append(f"{line}\n\n" if line else "")
        else:
            parts.append(f"- `{path.name}`: {line}\n")
    return "".join(parts)


def test_it_is_current() -> None:
    if os.environ.get(REWRITE):
        MAP.write_text(rendered())
    assert MAP.read_text() == rendered(), f"run {REWRITE}=1 pytest tests/test_map.py"
