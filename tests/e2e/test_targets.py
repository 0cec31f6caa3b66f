"""What a finger must hit is at least 24 px each way (WCAG 2.2, 2.5.8), space around not counted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

ADMIN = "admin@acme.test"
LEAST = 24  # px


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", ["/policies", "/claims/disbursements", "/billing/invoices"])
def test_the_corner_of_a_rows_checkbox_ticks_it(
    visit: Callable[..., Page], path: str, width: int
) -> None:
    page = visit(path, ADMIN, width=width)
    pick = page.locator("tbody tr").nth(1).locator("th label")
    pick.scroll_into_view_if_needed()
    place = pick.bounding_box()
    assert place is not None
    assert min(place["width"], place["height"]) >= LEAST
    page.mouse.click(place["x"] + 1, place["y"] + 1)
    expect(pick.locator("input")).to_be_checked()
    expect(page.locator("[data-picked]")).to_have_text("1 selected")
    expect(page.locator("#drawer")).to_be_hidden()
