"""Short newest-first lists of one person, a page at a time: the id of the last row goes on.

Ids are UUIDv7, so their order is the order in time. Plain ids: they name the reader's own rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from openinsure.console.links import query
from openinsure.console.request import ConsoleRequest
from openinsure.problems import BadFilter
from openinsure.tenancy.scope import CANONICAL_UUID

SIZE = 50
AFTER = "after"


class Identified(Protocol):
    """A row with an id."""

    @property
    def id(self) -> str:
        """UUIDv7, canonical."""


R = TypeVar("R", bound=Identified)


@dataclass(frozen=True, slots=True)
class Newest(Generic[R]):
    """One page. next_href: older rows, None at the end. first_href: the newest, None there."""

    rows: tuple[R, ...]
    next_href: str | None
    first_href: str | None


def asked_after(request: ConsoleRequest) -> str:
    """The id after which the page begins, "" for the newest. Raises BadFilter."""
    texts = request.GET.getlist(AFTER)
    if len(texts) > 1 or (texts and not CANONICAL_UUID.fullmatch(texts[0])):
        raise BadFilter(AFTER, rule="must be the id of one row")
    return texts[0] if texts else ""


def cut(request: ConsoleRequest, rows: Sequence[R], after: str) -> Newest[R]:
    """The page of rows that were read with one more than SIZE."""
    shown = tuple(rows[:SIZE])
    more = len(rows) > SIZE
    return Newest(
        shown,
        query(request, after=shown[-1].id, version=None) if more else None,
        query(request, after=None, version=None) if after else None,
    )
