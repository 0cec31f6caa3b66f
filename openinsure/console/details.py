"""The query string of a detail page: which tab, which term, as of which date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from openinsure.console.filters import read_day
from openinsure.console.lists import refuse_unknown
from openinsure.console.request import ConsoleRequest
from openinsure.problems import BadFilter

TERM = re.compile(r"[1-9][0-9]{0,2}")


@dataclass(frozen=True, slots=True)
class DetailAsk:
    """One detail request. tab: "" if the address names none; term, as_of: None likewise."""

    tab: str
    term: int | None
    as_of: date | None


def ask_detail(request: ConsoleRequest, *, tabs: tuple[str, ...], noun: str) -> DetailAsk:
    """Read tab, term and as_of. Raises BadFilter for anything unknown, repeated or unreadable."""
    query = request.GET
    refuse_unknown(query, {"tab": False, "term": False, "as_of": False, "orgId": False}, noun)
    tab, term, as_of = query.get("tab"), query.get("term"), query.get("as_of")
    if tab is not None and tab not in tabs:
        raise BadFilter("tab", rule="must be one of " + ", ".join(tabs))
    if term is not None and not TERM.fullmatch(term):
        raise BadFilter("term", rule="must be the number of a term, from 1 to 999")
    return DetailAsk(
        tab=tab or "",
        term=int(term) if term else None,
        as_of=read_day("as_of", as_of) if as_of is not None else None,
    )
