"""Tiles of `/`: only figures that were read, each isolated from the others' databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db.utils import OperationalError

from openinsure.console.panels import Panel
from openinsure.pages import home
from openinsure.tenancy.listing import Count
from openinsure.tenancy.scope import OrgScope

NOW = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
SCOPE = OrgScope(org_id="0190a000-0000-7000-8000-00000000000a", subject="support")


def counted(monkeypatch: pytest.MonkeyPatch, count: Count | Exception) -> dict[str, home.Tile]:
    """The policy tiles when every count gives this."""

    def answer(*args: object, **options: object) -> Count:
        if isinstance(count, Exception):
            raise count
        return count

    monkeypatch.setattr(home.policies, "count_policies", answer)
    monkeypatch.setattr(home.links, "url", lambda name, **query: f"/policies?{query}")
    return {tile.name: tile for tile in home.policy_tiles(SCOPE, NOW)}


def test_it_prints_counts_and_their_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    assert counted(monkeypatch, Count(743, at_least=False))["active"].value == "743"
    assert counted(monkeypatch, Count(1000, at_least=True))["expiring"].value == "1,000+"


def test_it_shows_no_figure_when_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    tile = counted(monkeypatch, OperationalError(2002, "refused"))["active"]
    assert (tile.value, tile.state) == ("", "unavailable")
    assert "did not answer" in tile.note


def test_it_fails_on_our_own_bugs(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OperationalError):
        counted(monkeypatch, OperationalError(1054, "unknown column"))


def test_it_warns_while_a_database_needs_attention() -> None:
    assert home.database_tile(Panel("ok", ("one",))).tone == "warn"
    assert home.database_tile(Panel("empty")).tone == "ok"


def test_it_claims_nothing_without_readings() -> None:
    tile = home.database_tile(Panel("unavailable", reason="The readings did not answer."))
    assert (tile.value, tile.tone, tile.state) == ("", "", "unavailable")
