"""Tiles of `/`: figures of roll-ups by role and right, never green without a fresh reading."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from openinsure.console.panels import Panel
from openinsure.pages import home, home_tiles
from openinsure.pages.figures import Figure

NOW = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)


def shown(role: str, *rights: str, **figures: Figure) -> dict[str, home_tiles.Tile]:
    """The tiles of a role with these rights, by name."""
    return {tile.name: tile for tile in home_tiles.tiles(role, rights, figures, now=NOW)}


def test_it_shows_what_the_role_looks_at_first_and_may_see() -> None:
    finance = ("policy.view", "claim.view", "billing.view", "ledger.view", "org.view")
    assert list(shown("finance_analyst", *finance))[:3] == ["past_due", "suspense", "differences"]
    assert list(shown("underwriter", "submission.view")) == [
        "open_submissions", "referred", "quoted",
    ]  # fmt: skip
    assert len(shown("org_admin", *finance)) == home_tiles.SHOWN_MAX
    assert shown("support") == {}


def test_it_tells_the_figure_with_its_age_and_amount() -> None:
    read = Figure(743, 1_234_567, NOW - timedelta(minutes=3))
    tile = shown("support", "billing.view", past_due=read)["past_due"]
    assert (tile.value, tile.note, tile.tone, tile.state) == ("743", "$12,345.67", "warn", "ok")
    assert tile.read_at == read.read_at
    none = shown("support", "billing.view", past_due=Figure(0, 0, NOW))["past_due"]
    assert (none.value, none.tone) == ("0", "")


def test_it_is_never_green_without_a_fresh_reading() -> None:
    old = Figure(0, 0, NOW - timedelta(hours=1))
    assert shown("support", "ledger.view", differences=old)["differences"].state == "stale"
    tile = shown("support", "ledger.view")["differences"]
    assert (tile.value, tile.note, tile.state) == ("", "Not read yet", "unavailable")


def test_it_warns_while_a_database_needs_attention() -> None:
    assert home.database_tile(Panel("ok", ("one",))).tone == "warn"
    assert home.database_tile(Panel("empty")).tone == "ok"


def test_it_claims_nothing_without_readings() -> None:
    tile = home.database_tile(Panel("unavailable", reason="The readings did not answer."))
    assert (tile.value, tile.tone, tile.state) == ("", "", "unavailable")
