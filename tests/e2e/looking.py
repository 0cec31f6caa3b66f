"""How a page is judged: by axe's rules, by what the console said, in both themes, by its width."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

THEMES = ("light", "dark")
WIDTHS = (320, 390, 768, 1360, 1920)
HEIGHT = 900
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "rules": {"landmark-unique": {"enabled": True}},
    "resultTypes": ["violations"],  # all rules run; what they pass is not told in full
}
# A colour on its way to another theme is neither's: what moves is waited for.
RUN = """async rules => {
  const moving = document.getAnimations().filter(
    one => Number.isFinite(one.effect.getComputedTiming().endTime));
  await Promise.allSettled(moving.map(one => one.finished));
  return (await axe.run(rules)).violations;
}"""


def show(page: Page, *, theme: str, width: int) -> None:
    """The page as somebody with this theme and a window this wide sees it."""
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": HEIGHT})


def faults(page: Page) -> str:
    """What axe finds wrong, as a report; "" for nothing. Its script is read once a document."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = AxeResults({"violations": page.evaluate(RUN, RULES)})
    return str(found.generate_report()) if found.violations_count else ""


def messages(page: Page) -> list[str]:
    """What the browser's console said."""
    said: list[str] = page.messages  # type: ignore[attr-defined]
    return said


def too_wide(page: Page) -> list[str]:
    """The widths at which the page scrolls sideways, with its own."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        wide = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{wide} px wide on {width}"] if wide > width else []
    return found
