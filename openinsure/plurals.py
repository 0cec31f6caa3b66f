"""How many of something, in words: the one place that knows plurals. Imports nothing."""

from __future__ import annotations

HISSING = ("s", "x", "ch", "sh")


def many(count: int, what: str) -> str:
    """`1 table`, `2,000 indexes`, `3 journal entries`: the figure and what it counts."""
    return f"{count:,} {what if count == 1 else _plural(what)}"


def _plural(what: str) -> str:
    if what.endswith("y") and what[-2:-1] not in "aeiou":
        return f"{what[:-1]}ies"
    return f"{what}es" if what.endswith(HISSING) else f"{what}s"
