"""Keyboard alone on the database pages (interface: tasks 6 and 7): a pending file, a finding."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from dbops.history import d1
from dbops.inventory import SHIPPED
from tests.e2e.conftest import Console
from tests.e2e.test_faults import statement

DBOPS = "dbops@openinsure.test"
FILE = "0002_organizations.sql"
UNDO = (
    "DROP TABLE member",
    "DROP TABLE organization",
    "ALTER TABLE session DROP COLUMN activeOrganizationId",
    f"DELETE FROM d1_migrations WHERE name = '{FILE}'",
)
TABS_MAX = 80


@pytest.fixture
def pending(console: Console) -> Iterator[None]:
    """oi-auth as it was before its newest file."""
    binding = d1.binding(SHIPPED.parent / "estate" / "oi-auth" / "wrangler.toml", "oi-auth")
    state = Path(console.environment["OPENINSURE_STATE_DIR"]) / "d1"
    file = d1.local_file(state, binding.database_id)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        kept = file.read_bytes()
        for sql in UNDO:
            connection.execute(sql)
        connection.commit()
    yield
    file.with_name(file.name + "-wal").unlink(missing_ok=True)
    file.with_name(file.name + "-shm").unlink(missing_ok=True)
    file.write_bytes(kept)


@pytest.fixture
def drifted(console: Console) -> Iterator[None]:
    """A column added to oi_claims by hand, compared."""
    statement(console, "ALTER TABLE claim_notes ADD COLUMN hotfix_note varchar(40)")
    console.run("db", "drift", "ai")
    yield
    statement(console, "ALTER TABLE claim_notes DROP COLUMN hotfix_note")
    assert console.run("db", "drift", "ai").returncode == 0


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the element has focus."""
    for _ in range(TABS_MAX):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no Tab reaches {wanted}")


def open_databases(page: Page) -> None:
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/ops")


def test_it_names_the_pending_file_and_copies_its_command(
    visit: Callable[..., Page], pending: None
) -> None:
    page = visit("/", DBOPS)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_databases(page)
    row = page.locator("#db-oi-auth")
    tab_to(page, row.get_by_role("button"))
    page.keyboard.press("Enter")
    expect(row).to_have_attribute("data-state", "pending")
    expect(row).to_contain_text(FILE)
    tab_to(page, row.get_by_role("link", name="1", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url("**/ops/db/oi-auth/migrations")
    todo = page.locator(f'[data-todo="{FILE}"]')
    expect(todo).to_have_attribute("data-state", "pending")
    tab_to(page, todo.get_by_role("button", name="Copy"))
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "openinsure db migrate --d1"
    page.goto("/ops/db/oi-auth")
    assert Axe().run(page).violations_count == 0, "a page of what is pending"
    assert page.messages == []  # type: ignore[attr-defined]


def test_it_opens_drift_and_sees_the_evidence(visit: Callable[..., Page], drifted: None) -> None:
    page = visit("/", DBOPS)
    open_databases(page)
    tab_to(page, page.locator("#db-ai").get_by_role("link", name="pushdown/ai"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/ops/db/ai")
    page.keyboard.press("3")
    page.wait_for_url("**/ops/db/ai/drift")
    finding = page.locator('[data-object="claim_notes.hotfix_note"]')
    expect(finding).to_have_attribute("data-finding", "column_extra")
    tab_to(page, finding.locator("summary", has_text="Evidence and fixes"))
    page.keyboard.press("Enter")
    expect(finding.get_by_text("SHOW CREATE TABLE `oi_claims`.`claim_notes`")).to_be_visible()
    expect(finding.get_by_text("DROP COLUMN `hotfix_note`")).to_be_visible()
    assert page.messages == []  # type: ignore[attr-defined]
