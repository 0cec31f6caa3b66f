"""The inventory file: what it says, and everything it refuses with the line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dbops import inventory
from dbops.inventory import InventoryError, Target
from dbops.inventory_file import read

GOOD = """\
# an address in a comment is no secret: mysql://user:pw@host:port/
[[database]]
slug = "holdings"
name = "acme/holdings"
engine = "mysql"
host = "own"
tool = "drizzle"
owner = "we"
status = "active"
migrations = "drizzle"
[database.places.local]
url_env = "HOLDINGS_URL"
schemas = ["holdings"]
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "inventory.toml"
    file.write_text(text)
    return file


def test_it_ships_the_six_databases() -> None:
    found = read(inventory.SHIPPED)
    assert [database.slug for database in found] == [
        "ai", "spicedb", "oi-submissions", "oi-auth", "documenso-db", "tigerbeetle",
    ]  # fmt: skip
    assert found[0].expected.tables == {
        "oi_global": 53, "oi_policies": 28, "oi_submissions": 33, "oi_claims": 29, "oi_billing": 47,
    }  # fmt: skip
    assert [database.owner for database in found] == ["we", "self", "we", "we", "self", "self"]
    assert all(database.runbook for database in found)


def test_it_ships_folders_that_exist() -> None:
    for database in read(inventory.SHIPPED):
        for schema in database.places["local"].schemas:
            if database.migrations:
                assert database.folder(schema).is_dir(), database.slug
        if database.places["local"].wrangler:
            assert database.places["local"].wrangler.is_file()


def test_it_reads_the_documented_example(tmp_path: Path) -> None:
    (database,) = read(written(tmp_path, GOOD))
    assert database.places["local"].schemas == ("holdings",)
    assert database.ledger_layout == "per-keyspace"


def test_it_takes_paths_relative_to_the_file(tmp_path: Path) -> None:
    (database,) = read(written(tmp_path, GOOD))
    assert database.folder("holdings") == tmp_path / "drizzle"


@pytest.mark.parametrize(
    ("old", "new", "line", "rule"),
    [
        ('host = "own"', 'host = "own"\ncolour = "red"', 7, "unknown key colour"),
        ("schemas", "shemas", 13, "unknown key shemas"),
        ('slug = "holdings"', 'slug = "Holdings"', 3, "slug must be"),
        ('engine = "mysql"', 'engine = "oracle"', 5, "engine must be one of"),
        ('tool = "drizzle"', 'tool = "d1"', 7, "mysql is read with tool"),
        ('status = "active"', "status = 1", 9, "status must be text"),
        ('"HOLDINGS_URL"', '"mysql://a:hunter2@db/x"', 12, "holds a credential"),
        ('"HOLDINGS_URL"', '"hunter2"', 12, "must name a variable"),
        ('url_env = "HOLDINGS_URL"', 'password = "hunter2"', 12, "secrets stay in the env"),
        ('name = "acme/holdings"', 'name = "mysql://a:hunter2@db"', 4, "holds a credential"),
        ('["holdings"]', '["holdings; drop"]', 13, "plain names"),
        ("places.local", "places.moon", 11, "a place is one of"),
        ('name = "acme/holdings"\n', "", 2, "name is missing"),
        ('owner = "we"', "owner = we", 8, "is no TOML"),
    ],
)
def test_it_refuses_with_the_line(tmp_path: Path, old: str, new: str, line: int, rule: str) -> None:
    with pytest.raises(InventoryError) as refused:
        read(written(tmp_path, GOOD.replace(old, new, 1)))
    assert (refused.value.line, rule in refused.value.rule) == (line, True), str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_it_refuses_a_slug_twice(tmp_path: Path) -> None:
    with pytest.raises(InventoryError, match="holdings stands twice") as refused:
        read(written(tmp_path, GOOD + GOOD))
    assert refused.value.line == 16


def test_it_refuses_a_file_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENINSURE_INVENTORY", str(tmp_path / "none.toml"))
    with pytest.raises(InventoryError, match="cannot be read"):
        inventory.databases()


def test_it_leaves_retired_databases_alone(use: Callable[..., list[Target]]) -> None:
    retired = GOOD.replace('"active"', '"retired"').replace('"holdings"', '"old"', 1)
    assert [target.slug for target in use(GOOD + retired)] == ["holdings"]


def test_it_reads_the_file_again_when_it_changed(use: Callable[..., list[Target]]) -> None:
    use(GOOD)
    seventh = GOOD.replace('"holdings"', '"seventh"', 1)
    assert [target.slug for target in use(GOOD + seventh)] == ["holdings", "seventh"]
