"""Runbooks (docs/runbooks/*.md) as sections, so that their text stands beside the failure.

The subset our runbooks use: `#` title, `##` symptom, paragraphs, `-` lists, fenced commands and
`code` in a line. Anything else is shown as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

HEALTHY = ("in_sync", "at_head", "running", "applied")  # nothing to do, whatever titles say
Kind = Literal["text", "code", "item"]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a list item or commands. `words` alternates plain text and code."""

    kind: Kind
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One symptom with what to do about it; the first section has no title of its own."""

    title: str
    blocks: tuple[Block, ...]


def read(path: Path | None) -> tuple[Section, ...]:
    """The sections of a runbook; none when the inventory names no file or it is not there."""
    if path is None or not path.is_file():
        return ()
    return _parsed(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _parsed(path: Path, changed_ns: int) -> tuple[Section, ...]:
    return parse(path.read_text(encoding="utf-8"))


def parse(text: str) -> tuple[Section, ...]:
    """Sections in order. Pure."""
    found: list[tuple[str, list[Block]]] = [("", [])]
    fence: list[str] | None = None
    held: list[str] = []

    def close() -> None:
        if held:
            found[-1][1].append(_words("text", " ".join(held)))
            held.clear()

    for line in text.splitlines():
        if line.startswith("```"):
            close()
            if fence is not None:
                found[-1][1].append(Block("code", ("\n".join(fence),)))
            fence = [] if fence is None else None
        elif fence is not None:
            fence.append(line)
        elif line.startswith("## "):
            close()
            found.append((line[3:].strip().replace("`", ""), []))
        elif line.startswith("# ") or not line.strip():
            close()
        elif line.startswith("- "):
            close()
            found[-1][1].append(_words("item", line[2:]))
        else:
            held.append(line.strip())
    close()
    return tuple(Section(title, tuple(blocks)) for title, blocks in found if title or blocks)


# How runbooks name a state whose own word is not the beginning of the title.
ALSO = {
    "partial": ("half applied",),
    "failed": ("half applied", "health failing"),
    "unreachable": ("health failing",),
    "unverified": ("in sync (schema unverified)",),
}


def fitting(sections: Sequence[Section], state: str, detail: str) -> tuple[Section, ...]:
    """The sections about this state, or about words of its detail. Pure."""
    return tuple(one for one in sections if _fits(one.title.lower(), state, detail.lower()))


def _fits(title: str, state: str, detail: str) -> bool:
    if not title or state in HEALTHY:
        return False
    name, _, about = title.partition(":")
    if name == "unknown":  # each names its own cause
        return state == "unknown" and about.strip() in detail
    begins = (state.replace("_", " "), *ALSO.get(state, ()))
    return title.strip('"') in detail or name.startswith(begins)


def _words(kind: Kind, text: str) -> Block:
    return Block(kind, tuple(text.split("`")))
