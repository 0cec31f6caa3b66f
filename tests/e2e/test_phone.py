"""What a person looks for first is seen on a phone (390 px) without scrolling a table sideways."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Api
from tests.e2e.test_pages import DBOPS, FINANCE

PHONE = 390
RIGHT = "cells => cells.map(cell => cell.getBoundingClientRect().right)"
# Page, whose, and the cells that must be seen whole; the page of a month is found in its list.
SEEN = (
    ("/ops", DBOPS, "tr[data-db] td:nth-child(2) .badge"),
    ("/ledger/reconciliation", FINANCE, "#list tbody td .badge"),
    ("/ledger/reconciliation", FINANCE, "#list tbody td .money"),
    ("/ledger/reconciliation", FINANCE, "[data-panel=runs] tbody td"),
    ("/ledger/close/{code}", FINANCE, "[data-panel=checks] tbody td .badge"),
)


@pytest.mark.parametrize(("path", "email", "cells"), SEEN)
def test_it_is_seen_without_scrolling_sideways(
    api: Api, visit: Callable[..., Page], path: str, email: str, cells: str
) -> None:
    if "{" in path:
        path = path.format(**api.get("/ledger/close", email).json["rows"][0])
    page = visit(path, email, width=PHONE)
    shown = page.locator(f"{cells}:visible")
    edges = shown.evaluate_all(RIGHT)
    assert edges, "nothing of the kind is shown"
    assert max(edges) <= PHONE
