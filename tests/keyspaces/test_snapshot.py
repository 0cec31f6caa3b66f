"""Snapshots: the chain, the text, and each step against the schema it claims to describe."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openinsure.keyspaces import journal, snapshot
from openinsure.keyspaces.inventory import KEYSPACES
from openinsure.keyspaces.snapshot import NOW, ColumnSpec, KeySpec, TableSpec
from tests.keyspaces.live import cursor_on, read_tables

SMALL = TableSpec(
    name="notes",
    columns=(
        ColumnSpec("id", "char(36)", nullable=False),
        ColumnSpec("body", "text", nullable=True),
        ColumnSpec("lines", "int", nullable=False, default="0"),
        ColumnSpec("kind", "varchar(8)", nullable=False, default="''"),
        ColumnSpec("updated_at", "timestamp(3)", False, NOW, on_update=True),
    ),
    primary_key=("id",),
    keys=(KeySpec("notes_kind_uq", ("kind",), unique=True),),
)


def chain(keyspace: str) -> list[dict[str, Any]]:
    folder = journal.folder_of(keyspace) / "meta"
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*_snapshot.json"))]


def by_name(tables: dict[str, TableSpec]) -> dict[str, tuple[Any, ...]]:
    """Tables without the order of their keys, which a server does not keep."""
    return {
        name: (table.columns, table.primary_key, frozenset(table.keys))
        for name, table in tables.items()
    }


@pytest.mark.parametrize("keyspace", KEYSPACES)
def test_it_chains_a_snapshot_for_every_file(keyspace: str) -> None:
    found = chain(keyspace)
    assert len(found) == len(journal.read_folder(journal.folder_of(keyspace))) >= 3
    assert [one["prevId"] for one in found] == [
        snapshot.ORIGIN,
        *(one["id"] for one in found[:-1]),
    ]


def test_it_gives_every_snapshot_its_own_id() -> None:
    ids = [one["id"] for keyspace in KEYSPACES for one in chain(keyspace)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("keyspace", KEYSPACES)
def test_it_only_adds_to_the_baseline(keyspace: str) -> None:
    """The platform's tables, columns and keys never change or vanish; later steps add."""
    first, *_, last = (snapshot.tables_in(one) for one in chain(keyspace))
    assert first.keys() == last.keys()
    for name, table in first.items():
        assert last[name].columns[: len(table.columns)] == table.columns, name
        assert last[name].primary_key == table.primary_key, name
        assert set(table.keys) <= set(last[name].keys), name


def test_it_starts_from_the_whole_platform() -> None:
    tables = [t for keyspace in KEYSPACES for t in snapshot.tables_in(chain(keyspace)[0]).values()]
    assert len(tables) == 190
    assert sum(len(table.columns) for table in tables) == 2_797


@pytest.mark.parametrize("keyspace", KEYSPACES)
def test_it_describes_the_schema_after_each_step(keyspace: str, empty: str) -> None:
    files = journal.read_folder(journal.folder_of(keyspace))
    with cursor_on(empty) as cursor:
        for migration, described in zip(files, chain(keyspace), strict=True):
            for statement in migration.statements:
                cursor.execute(statement)
            there = by_name(read_tables(empty))
            assert there == by_name(snapshot.tables_in(described)), migration.tag


@pytest.mark.parametrize("keyspace", KEYSPACES)
def test_it_writes_the_same_text_again(keyspace: str) -> None:
    for path in (journal.folder_of(keyspace) / "meta").glob("*_snapshot.json"):
        text = path.read_text()
        read = json.loads(text)
        again = snapshot.build(
            snapshot.tables_in(read).values(), snapshot_id=read["id"], previous_id=read["prevId"]
        )
        assert snapshot.dumps(again) == text


def test_it_reads_back_what_it_built() -> None:
    built = snapshot.build([SMALL], snapshot_id="a", previous_id=snapshot.ORIGIN)
    assert snapshot.tables_in(json.loads(snapshot.dumps(built))) == {"notes": SMALL}


def test_it_writes_drizzles_shape() -> None:
    table = snapshot.build([SMALL], snapshot_id="a", previous_id="b")["tables"]["notes"]
    assert table["columns"]["lines"]["default"] == 0
    assert table["columns"]["kind"]["default"] == "''"
    assert table["columns"]["updated_at"]["onUpdate"] is True
    assert table["columns"]["id"]["primaryKey"] is False
    assert table["compositePrimaryKeys"] == {"notes_id": {"name": "notes_id", "columns": ["id"]}}


def test_it_reads_a_key_marked_on_the_column() -> None:
    built = snapshot.build([SMALL], snapshot_id="a", previous_id="b")
    table = built["tables"]["notes"]
    table["compositePrimaryKeys"] = {}
    table["columns"]["id"]["primaryKey"] = True
    assert snapshot.tables_in(built)["notes"].primary_key == ("id",)


def test_it_spells_a_column_for_ddl() -> None:
    *_, kind, updated = SMALL.columns
    assert kind.sql() == "`kind` varchar(8) NOT NULL DEFAULT ''"
    assert updated.sql().endswith(f"NOT NULL DEFAULT {NOW} ON UPDATE {NOW}")
