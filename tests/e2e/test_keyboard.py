"""Tasks done with the keyboard alone, in a real browser (interface: keyboard-only tasks 1 to 5)."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from typing import Any

from playwright.sync_api import Page, expect

SUPPORT = "support@acme.test"
AUDITOR, UNDERWRITER = "auditor@openinsure.test", "underwriter@acme.test"
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


def test_it_exports_the_expiring_policies(visit: Callable[..., Page]) -> None:
    page = visit("/", UNDERWRITER)
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url("**/policies")
    page.keyboard.press("2")
    page.wait_for_url("**view=expiring**")
    page.keyboard.press("e")
    button = page.locator("#list-export button").first
    expect(button).to_be_visible()
    page.keyboard.press("Tab")
    with page.expect_download() as started:
        page.keyboard.press("Enter")
    with open(started.value.path(), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    days = [date.fromisoformat(row["expires"]) for row in rows]
    assert days == sorted(days)
    assert (days[-1] - days[0]).days <= 30


def test_an_auditor_enters_with_a_reason_and_leaves(visit: Callable[..., Page]) -> None:
    page = visit("/audit", AUDITOR)
    page.keyboard.press("Control+k")
    page.keyboard.type("Organizations")
    expect(page.locator("#palette [role=option]").first).to_contain_text("Organizations")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.endswith("/orgs"))
    page.keyboard.press("j")
    while "Cascade" not in page.evaluate("document.activeElement.textContent"):
        page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orgs/enter**")
    tabbed(page, "#reason")
    page.keyboard.type("Quarterly review of cancelled policies")
    tabbed(page, "main button")
    page.keyboard.press("Enter")
    page.wait_for_url("**orgId=**")
    banner = page.locator('[data-banner="cross-org"]')
    expect(banner).to_contain_text("Quarterly review")
    assert page.locator("html").get_attribute("data-scope") == "cross"
    tabbed(page, '[data-banner="cross-org"] button')
    page.keyboard.press("Enter")
    expect(banner).to_have_count(0)
    assert page.locator("html").get_attribute("data-scope") != "cross"


def tabbed(page: Page, selector: str) -> None:
    """Press Tab until the focus is there; a page has fewer stops than that."""
    for _ in range(80):
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to {selector} with Tab")


def test_tab_narrows_the_palette_and_shift_tab_widens_it(visit: Callable[..., Page]) -> None:
    page = visit("/policies", SUPPORT)
    page.keyboard.press("Control+k")
    page.keyboard.type("claims")
    groups = page.locator("#palette [role=group]")
    expect(groups.filter(has_text="Go to")).to_be_visible()
    wide = groups.count()
    while "Claims" not in page.locator("#palette [aria-selected=true]").inner_text():
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(groups).to_have_count(1)
    expect(page.locator(".palette-count")).to_contain_text("Shift Tab shows all")
    page.keyboard.press("Shift+Tab")
    expect(groups).to_have_count(wide)
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_it_renews_a_policy(visit: Callable[..., Page], api: Any) -> None:
    rows = api.get("/policies?status=active&sort=expires", UNDERWRITER).json["rows"]
    number, term = next(
        (one["number"], one["term"])
        for one in rows
        if renewable(api.get(f"/policies/{one['number']}/renewals?term={one['term']}", UNDERWRITER))
    )
    page = visit(f"/policies/{number}?term={term}&tab=work", UNDERWRITER)
    press_link(page, "Renew this policy")
    expect(page.locator('[data-panel="preview"]')).to_contain_text(f"Term {term + 1}")
    tabbed(page, "#renew_confirm")
    page.keyboard.type(number)
    tabbed(page, "main form[method=post] button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert f"term={term + 1}" in page.url
    press_link(page, f"Bound, as the renewal of term {term}")
    expect(page.locator(".timeline")).to_contain_text(f"Next term bound, term {term + 1}")
    assert page.messages == []  # type: ignore[attr-defined]


def renewable(answer: Any) -> bool:
    """Whether nothing stands in the way of the next term."""
    row = answer.json["row"]
    return not row["hindrance"] and all(one["state"] == "passed" for one in row["checks"])


BOREALIS = "0190a000-0000-7000-8000-00000000000b"
FINDINGS = 6  # exit code: cents are unexplained


def press_link(page: Page, name: str) -> None:
    """Tab to a link of this name and press Enter, as a person without a mouse does."""
    for _ in range(120):
        page.keyboard.press("Tab")
        text = page.evaluate("(document.activeElement?.textContent ?? '').trim()")
        if text.startswith(name):
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"no link {name} within reach of Tab")


def test_it_explains_a_ledger_difference(visit: Callable[..., Page], console: Any) -> None:
    who = ("--as", "finance@borealis.test")
    done = console.run("ledger", "reconcile", "--org", BOREALIS, *who)
    assert done.returncode == FINDINGS, done.stdout + done.stderr
    page = visit("/", "finance@borealis.test")
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url("**/ledger")
    press_link(page, "Reconciliation")
    page.wait_for_url("**/ledger/reconciliation")
    expect(page.locator("tr[data-state=unexplained]").first).to_contain_text("$12.34")
    press_link(page, "MGA_FIDUCIARY")
    page.wait_for_url("**/ledger/reconciliation/*")
    expect(page.locator('[data-panel="below"]')).to_contain_text("Another amount")
    press_link(page, "Another amount")
    fault = page.locator("article.record")
    expect(fault).to_have_attribute("data-state", "unexplained")
    expect(fault).to_contain_text("$12.34")
    press_link(page, "Reconciliation")
    page.wait_for_url("**/ledger/reconciliation")
    messages = page.messages  # type: ignore[attr-defined]
    assert messages == []
