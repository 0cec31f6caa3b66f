"""The registry against the tables that the SQL files make."""

from __future__ import annotations

from collections import Counter

import pytest

from openinsure.keyspaces import inventory
from openinsure.keyspaces.inventory import EXPECTED_COUNTS, KEYSPACES, TABLES
from openinsure.keyspaces.snapshot import TableSpec
from openinsure.settings.databases import KEYSPACES as CONFIGURED
from tests.keyspaces.live import ASCII_ID, rows

Live = dict[str, dict[str, TableSpec]]


def of_kind(kind: str) -> list[inventory.Table]:
    return [table for table in TABLES.values() if table.kind == kind]


def test_it_counts_the_tables_of_each_keyspace(replayed: dict[str, str]) -> None:
    counted = {
        keyspace: rows(
            schema,
            "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = %s "
            "AND table_name NOT LIKE '\\_\\_%%'",
            schema,
        )[0][0]
        for keyspace, schema in replayed.items()
    }
    assert counted == EXPECTED_COUNTS
    assert list(counted.values()) == [53, 28, 33, 29, 47]


@pytest.mark.parametrize("keyspace", KEYSPACES)
def test_it_registers_exactly_the_live_tables(keyspace: str, live: Live) -> None:
    assert {table.name for table in inventory.tables_of(keyspace)} == set(live[keyspace])


def test_it_classifies_every_table() -> None:
    kinds = Counter(table.kind for table in TABLES.values() if table.keyspace != inventory.CONSOLE)
    assert kinds == {"tenant": 175, "organization": 1, "global": 14, "system": 1}
    assert {table.org_column for table in of_kind("global")} == {None}
    assert TABLES["organizations"].org_column == "id"
    assert all(table.purpose for table in TABLES.values() if table.keyspace in KEYSPACES)


def test_it_names_the_keyspaces_as_the_settings_do() -> None:
    assert KEYSPACES == CONFIGURED


@pytest.mark.parametrize("keyspace", KEYSPACES)
def test_it_has_no_foreign_keys(keyspace: str, replayed: dict[str, str]) -> None:
    schema = replayed[keyspace]
    sql = "SELECT * FROM information_schema.referential_constraints WHERE constraint_schema = %s"
    assert rows(schema, sql, schema) == []


@pytest.mark.parametrize("keyspace", KEYSPACES)
def test_it_leads_every_key_of_a_tenant_table_by_the_organisation(
    keyspace: str, live: Live
) -> None:
    tenant = [table for table in inventory.tables_of(keyspace) if table.kind == "tenant"]
    assert tenant
    for table in tenant:
        spec = live[keyspace][table.name]
        assert spec.primary_key == ("org_id", "id"), table.name
        assert [key for key in spec.keys if key.columns[0] != "org_id"] == []
        org_id = next(column for column in spec.columns if column.name == "org_id")
        assert (org_id.type, org_id.nullable) == (ASCII_ID, False)


@pytest.mark.parametrize("keyspace", KEYSPACES)
def test_it_stores_every_id_alike(keyspace: str, live: Live) -> None:
    for spec in live[keyspace].values():
        for column in spec.columns:
            if column.type.startswith("char(36)"):
                assert column.type == ASCII_ID, f"{spec.name}.{column.name}"


@pytest.mark.parametrize("keyspace", KEYSPACES)
def test_it_makes_innodb_tables_of_one_collation(keyspace: str, replayed: dict[str, str]) -> None:
    schema = replayed[keyspace]
    sql = (
        "SELECT DISTINCT engine, table_collation FROM information_schema.tables "
        "WHERE table_schema = %s"
    )
    assert rows(schema, sql, schema) == [("InnoDB", "utf8mb4_bin")]


def test_it_sorts_and_identifies_by_required_columns_only(live: Live) -> None:
    """NULL empties a keyset page and repeats in a unique key.

    Exceptions: outbox, bordereau, and the days of notices, whose list leaves out those without."""
    nullable = set()
    for tables in live.values():
        for spec in tables.values():
            optional = {column.name for column in spec.columns if column.nullable}
            for key in spec.keys:
                sorts = key.columns[-1] == "id" and len(key.columns) > 2
                bound = set(key.columns) if key.unique else {key.columns[-2]} if sorts else set()
                nullable |= {(spec.name, column) for column in bound & optional}
    outboxes = {f"{noun}_events" for noun in ("policy", "submission", "claim")}
    assert nullable == {(table, "delivered_at") for table in outboxes} | {
        ("bordereau_lines", "policy_transaction_id"),
        ("policy_notices", "effective_date"),
    }


def test_it_registers_console_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "TABLES", dict(TABLES))
    table = inventory.register_console_table("saved_things", purpose="Views by person")
    assert (table.keyspace, table.kind, table.org_column) == ("oi_console", "tenant", "org_id")
    assert inventory.register_console_table("saved_things") == table
    assert inventory.TABLES["saved_things"] == table


@pytest.mark.parametrize(("name", "column"), [("policies", "org_id"), ("saved_things", "tenant")])
def test_it_refuses_a_second_meaning(
    name: str, column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "TABLES", dict(TABLES))
    inventory.register_console_table("saved_things")
    with pytest.raises(ValueError, match=f"^{name}: already registered"):
        inventory.register_console_table(name, column)
