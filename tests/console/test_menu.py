"""The menu: built pages that the viewer may open, one of them current."""

from __future__ import annotations

import pytest

from openinsure.authz.permissions import Permission
from openinsure.console import links, menu

ALL = frozenset(str(permission) for permission in Permission)
ENTRIES = [entry for _, entries in menu.MENU for entry in entries]


@pytest.fixture
def every_page_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the whole menu were in the URLconf."""
    monkeypatch.setattr(links, "resolves", lambda name: True)
    monkeypatch.setattr(links, "url", lambda name: f"/{name}")


def labels(rights: frozenset[str], page: str = "home") -> list[str]:
    """What a viewer sees."""
    return [item.label for group in menu.groups(rights, page) for item in group.items]


@pytest.mark.usefixtures("every_page_built")
def test_it_shows_only_what_the_viewer_may_open() -> None:
    assert labels(frozenset({"policy.view"})) == ["Home", "Policies", "Approvals"]
    assert len(labels(ALL)) == len(ENTRIES)


@pytest.mark.usefixtures("every_page_built")
def test_it_drops_groups_without_entries() -> None:
    assert [group.label for group in menu.groups(frozenset({"ops.view"}), "home")] == [
        "",
        "Operations",
    ]


def test_it_leaves_out_pages_that_are_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "url", lambda name: f"/{name}")
    monkeypatch.setattr(links, "resolves", lambda name: name != "claims.list")
    assert "Policies" in labels(ALL)
    assert "Claims" not in labels(ALL)


@pytest.mark.usefixtures("every_page_built")
@pytest.mark.parametrize(
    ("page", "current"),
    [("policies.list", "Policies"), ("policies.detail", "Policies"), ("ops.jobs", "Jobs")],
)
def test_it_marks_one_entry_as_current(page: str, current: str) -> None:
    items = [item for group in menu.groups(ALL, page) for item in group.items]
    assert [item.label for item in items if item.current] == [current]


@pytest.mark.usefixtures("every_page_built")
def test_it_marks_nothing_on_an_error_page() -> None:
    assert not any(item.current for group in menu.groups(ALL, "error.404") for item in group.items)


def test_it_asks_only_for_permissions_that_exist() -> None:
    assert {entry.permission for entry in ENTRIES} - {""} <= ALL


def test_it_gives_each_key_to_one_page() -> None:
    keys = [entry.key for entry in ENTRIES if entry.key]
    assert sorted(keys) == sorted(set(keys)) == sorted("hpscblda")


@pytest.mark.parametrize(
    ("page", "entry"),
    [
        ("ops.job", "ops.jobs"), ("ops.jobs", "ops.jobs"), ("ops.database", "ops.status"),
        ("policies.notice", "policies.list"), ("compliance.filing", "compliance.filings"),
        ("nowhere", ""),
    ],
)  # fmt: skip
def test_it_marks_where_a_page_belongs(page: str, entry: str) -> None:
    assert menu.current_entry(page) == entry
