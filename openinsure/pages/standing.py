"""The policies list by what is owed or open: order from the roll-up, rows from oi_policies.

Two statements a page: the roll-up's index gives ids in order, one read by key gives the terms.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from openinsure.pages.models import OrgFigure, PolicyStanding
from openinsure.pages.standing_rollup import NAME
from openinsure.policies import queries
from openinsure.policies.filters import PolicyFilter
from openinsure.policies.rows import PolicyRow
from openinsure.tenancy.listing import (
    Count,
    ListSpec,
    Page,
    Position,
    Sort,
    Span,
    count_rows,
    list_page,
    rows_by_key,
)
from openinsure.tenancy.scope import Scope

# With further filters: as many roll-up rows read a request as terms. Above 1,000 keys MariaDB
# turns IN into a join with a temporary table and may read the whole organisation.
WALK_ROWS = 500


@dataclass(frozen=True, slots=True)
class StandingRow:
    """One roll-up row."""

    policy_id: str
    balance_cents: int
    past_due_cents: int
    open_claims: int
    read_at: datetime

    def position(self, sort: str) -> Position:
        """Where the row stands in that order."""
        return Position(getattr(self, sort), self.policy_id)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter that the roll-up answers: its column, the range, the label of its order."""

    sort: str
    span: Span


STANDINGS = ListSpec(
    model=PolicyStanding,
    row=StandingRow,
    key="policy_id",
    sorts={
        "balance_cents": Sort("balance_cents", "policy_standing_balance"),
        "past_due_cents": Sort("past_due_cents", "policy_standing_past_due"),
        "open_claims": Sort("open_claims", "policy_standing_claims"),
    },
)
BALANCES = {
    "due": Wanted("balance_cents", Span(low=1)),
    "past_due": Wanted("past_due_cents", Span(low=1)),
    "none": Wanted("balance_cents", Span(low=0, high=0)),
}
CLAIMS = {"open": Wanted("open_claims", Span(low=1))}


def standings(scope: Scope, policy_ids: Iterable[str]) -> dict[str, StandingRow]:
    """What these terms owe and their open claims, by id; unknown ones absent.

    read_at is when the roll-up was refreshed: what did not change since is as fresh as the rest.
    One statement on oi_console for the rows, one for their age.
    """
    found = rows_by_key(scope, STANDINGS, policy_ids)
    refreshed = OrgFigure.objects.within(scope).filter(name=NAME).values_list("read_at", flat=True)
    at = refreshed.first() if found else None
    return {
        key: replace(row, read_at=max(at, row.read_at)) if at else row for key, row in found.items()
    }


def list_by_standing(
    scope: Scope, wanted: Wanted, also: PolicyFilter, *, at: Position | None, size: int
) -> Page[PolicyRow]:
    """Terms with the largest first; read_at is the age of the oldest figure used.

    also: further filters, tested on the terms read; then at most WALK_ROWS roll-up rows are read
    and the page may be partial.
    """
    page = list_page(
        scope,
        STANDINGS,
        where={wanted.sort: wanted.span},
        sort=wanted.sort,
        at=at,
        size=WALK_ROWS if also.where else size,
    )
    terms = queries.policies_by_id(scope, (row.policy_id for row in page.rows), also)
    met = [row for row in page.rows if row.policy_id in terms]
    read_at = min((row.read_at for row in page.rows), default=None)
    cut = _cut(page, met, sort=wanted.sort, size=size, at=at) if also.where else page
    kept = met if cut is page else cut.rows
    rows = tuple(terms[row.policy_id] for row in kept)
    return Page(rows, cut.next, cut.previous, cut.searched_to, read_at)


def count_by_standing(scope: Scope, wanted: Wanted) -> Count:
    """How many terms the roll-up names, counted to 1,000."""
    return count_rows(scope, STANDINGS, where={wanted.sort: wanted.span}, sort=wanted.sort)


def _cut(
    page: Page[StandingRow], met: list[StandingRow], *, sort: str, size: int, at: Position | None
) -> Page[StandingRow]:
    """The first `size` matching rows (backwards: the last), and where the search goes on."""
    backwards = at is not None and at.backwards
    kept = met[-size:] if backwards else met[:size]
    full = len(met) > size
    onward, back = page.next, page.previous
    if full and backwards:
        back = kept[0].position(sort).turned(backwards=True)
    elif full:
        onward = kept[-1].position(sort)
    further = back if backwards else onward
    searched_to = further.value if further is not None and len(kept) < size else None
    return Page(tuple(kept), next=onward, previous=back, searched_to=searched_to)
