"""Tasks done with the keyboard alone, in a real browser (interface: keyboard-only tasks 1 to 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

SUPPORT = "support@acme.test"
POLICY = "ACM-2026-000001"


def a_vin(api: Any) -> str:
    """A vehicle of the golden policy."""
    panels = api.get(f"/policies/{POLICY}?as_of=2026-06-01", SUPPORT).json["panels"]
    return str(panels["vehicles"]["rows"][0]["vin"])


def test_it_finds_a_policy_by_vin_in_three_steps(visit: Callable[..., Page], api: Any) -> None:
    vin = a_vin(api)
    page = visit("/", SUPPORT)
    page.keyboard.press("Control+k")
    page.keyboard.type(vin)
    expect(page.locator("#palette [role=option]").first).to_contain_text(POLICY)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/policies/{POLICY}")
    assert vin not in page.url


def test_it_tells_a_balance_and_why(visit: Callable[..., Page]) -> None:
    page = visit("/", SUPPORT)
    page.keyboard.press("Control+k")
    page.keyboard.type(POLICY)
    expect(page.locator("#palette [role=option]").first).to_contain_text(POLICY)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/policies/{POLICY}")
    billing = page.locator('[data-panel="billing"]')
    expect(billing).to_have_attribute("data-panel-state", "ok")
    expect(billing).to_contain_text("Past due")
    tab = page.get_by_role("link", name="Billing", exact=True).last
    tab.focus()
    page.keyboard.press("Enter")
    expect(page.locator('[data-panel="tab-billing"]')).to_contain_text("Invoices as of")


def test_it_shows_the_claims_of_an_insured(visit: Callable[..., Page]) -> None:
    page = visit(f"/policies/{POLICY}", SUPPORT)
    page.locator(".record-name a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/insureds/*")
    expect(page.locator('[data-panel="claims"]')).to_contain_text("Open")
    expect(page.locator('[data-panel="policies"]')).to_contain_text(POLICY)
    messages = page.messages  # type: ignore[attr-defined]
    assert messages == []
