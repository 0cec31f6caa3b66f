"""Where the rows of the money lists come from: a page of `billing.queries.dues` as lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from openinsure.billing.queries import dues
from openinsure.console.lists import Ask
from openinsure.console.panels import Panel, load
from openinsure.console.regions import Region
from openinsure.console.rendering import Source
from openinsure.tenancy.listing import ListSpec, Page
from openinsure.tenancy.scope import Scope

R = TypeVar("R")
L = TypeVar("L")
Summary = Iterator[tuple[Region, Panel, str]]


def dues_source(
    scope: Scope,
    spec: ListSpec[R],
    where: Callable[[Ask], dict[str, Any]],
    lines: Callable[[tuple[R, ...]], Iterable[L]],
) -> Source[L]:
    """The source of one list. where: its filters; lines: a page's rows with names and addresses."""

    def read(asked: Ask) -> Page[L]:
        page: Page[Any] = dues.read(scope, spec, where(asked), asked)
        return replace(page, rows=tuple(lines(page.rows)))

    return Source(read=read, count=lambda asked: dues.count(scope, spec, where(asked), asked))


def summed(of: Region, read: Callable[[], Iterable[Any]], note: str) -> Summary:
    """What a list sums up to, for the page above it: not read for files, JSON and fragments."""
    yield of, load(of.title, read), note
