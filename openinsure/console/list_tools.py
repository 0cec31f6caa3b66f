"""The filter forms and menus of a list: one at a time, read when it is opened.

`tool=<name>` opens one: as the body alone for the module that asks, as a whole page without
script. Names are those of the filters, `columns` and `save`.
"""

from __future__ import annotations

from dataclasses import dataclass

from openinsure.console import links
from openinsure.console.lists import SIZES_OFFERED, Ask
from openinsure.console.request import ConsoleRequest

# A change of filter, order or view starts again from the first page.
FRESH: dict[str, None] = {"after": None, "before": None, "peek": None, "tool": None}


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a small menu."""

    label: str
    href: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Tools:
    """The tools of one list page. Every address keeps what the tool does not change."""

    request: ConsoleRequest
    ask: Ask

    def href(self, tool: str) -> str:
        """This page with a tool open: where its body is read from."""
        return links.query(self.request, tool=tool, peek=None)

    @property
    def columns(self) -> tuple[Link, ...]:
        """Columns to show or hide, one link each; the last shown one cannot be hidden."""
        shown = [column.name for column in self.ask.columns]
        made = []
        for column in self.ask.page.columns:
            current = column.name in shown
            left = [name for name in shown if name != column.name] if current else None
            chosen = left if left is not None else [*shown, column.name]
            if chosen:
                wanted = ",".join(chosen)
                href = links.query(self.request, columns=wanted, peek=None, tool=None)
                made.append(Link(column.label, href, current=current))
        return tuple(made)

    @property
    def sizes(self) -> tuple[Link, ...]:
        """Page sizes offered."""
        return tuple(
            Link(
                str(size),
                links.query(self.request, **FRESH, size=size),
                current=size == self.ask.size,
            )
            for size in SIZES_OFFERED
        )

    @property
    def query(self) -> str:
        """The query of this list as a saved view or an export keeps it."""
        query = self.request.GET.copy()
        query.pop("tool", None)
        return str(query.urlencode())
