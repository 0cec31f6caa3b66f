"""Forms that only an object in a certain state offers: found from a list, by the links."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Api
from tests.e2e.looking import THEMES, faults, messages, show, too_wide
from tests.e2e.test_pages import ADMIN, FINANCE, UNDERWRITER

ID = "[0-9a-f-]{36}"


class Way(NamedTuple):
    """Whose list, the address of each of its rows, and the links that are followed from there."""

    email: str
    begin: str
    row: str
    links: Sequence[str] = ()


WAYS = {
    "a cancelled policy in force again": Way(
        UNDERWRITER, "/policies?status=cancelled", "/policies/{number}?tab=work"
    ),
    "the next term of a policy": Way(
        UNDERWRITER,
        "/policies?status=active&sort=expires",
        "/policies/{number}?term={term}&tab=work",
        ('/policies/[^"?]+/renewals[?]term=[0-9]+',),
    ),
    "a tax remittance rejected": Way(
        FINANCE, "/billing/taxes", "/billing/taxes/{id}", (f"/billing/taxes/{ID}/rejections",)
    ),
    "a line of a statement matched": Way(
        FINANCE, "/billing/bank?status=open", "/billing/bank/{id}/matches"
    ),
    "a wrong recovery taken back": Way(
        ADMIN,
        "/ledger/journal?kind=claim_recovery",
        "/ledger/journal/{entry_number}",
        (
            '/claims/[^"?]+[?]tab=subrogation',
            f'/claims/[^"?]+/recoveries/{ID}/reversals',
        ),
    ),
}


def reached(api: Api, way: Way) -> str:
    """The first address that the way leads to; "" when no object on it offers the form."""
    rows = api.get(way.begin, way.email).json["rows"]
    starts = dict.fromkeys(way.row.format(**row) for row in rows)
    return next((end for one in starts if (end := followed(api, way.email, one, way.links))), "")


def followed(api: Api, email: str, path: str, links: Sequence[str]) -> str:
    """Where the links lead from here; "" when one of them is nowhere."""
    if not links:
        return path
    answer = api.get(path, email, accept="text/html")
    assert answer.status == 200, (path, answer.text[:300])
    found = dict.fromkeys(map(html.unescape, re.findall(f'href="({links[0]})', answer.text)))
    return next((end for one in found if (end := followed(api, email, one, links[1:]))), "")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("what", WAYS)
def test_it_is_accessible_silent_and_no_wider_than_the_screen(
    api: Api, visit: Callable[..., Page], what: str, theme: str
) -> None:
    path = reached(api, WAYS[what])
    assert path, f"nothing leads to {what}"
    page = visit(path, WAYS[what].email, theme=theme)
    for width in (1440, 390):
        show(page, theme=theme, width=width)
        assert faults(page) == ""
        assert messages(page) == []
    assert too_wide(page) == [], path
