"""Lock 2, who may do what: for each mode, which verb on which table, and whether bound.

The rules of the six scopes (decisions: cross-org reads write nothing but the console's own
schema; the directory lists organisations; administering touches one organisation's status).
Knows tables by the registry, nothing about SQL.
"""

from __future__ import annotations

from typing import Literal

from openinsure.keyspaces.inventory import CONSOLE, TABLES, Table
from openinsure.tenancy.scope import Mode, TenantLeak

Verb = Literal["SELECT", "INSERT", "UPDATE", "DELETE"]

AUDIT_TABLES = frozenset({"audit_log", "audit_access_log"})
DIRECTORY_TABLES = frozenset({"organizations", "org_rollups"})
ADMINISTERED_TABLES = frozenset({"organizations", "organization_features"})
# Where a mode may change some columns only.
WRITABLE_COLUMNS: dict[tuple[Mode, str], frozenset[str]] = {
    ("administer", "organizations"): frozenset(
        {"status", "suspended_at", "updated_at", "lock_version"}
    ),
    ("audit_append", "audit_access_log"): frozenset({"rows_returned"}),
}
# INSERT ... ON DUPLICATE KEY UPDATE: table -> columns it may set. Every unique key of such a
# table starts with the org column and no listed column is part of one, or the update could
# reach a foreign row. Each entry has its line in tests/raw_sql_allowed.txt.
UPSERTS: dict[str, frozenset[str]] = {}


def table_named(name: str, keyspace: str) -> Table | None:
    """The registered table, None for the console's own tables without an organisation.

    Raises TenantLeak for a table that is unknown in this keyspace, in another spelling too.
    """
    table = TABLES.get(name)
    if table is not None and table.keyspace == keyspace and table.kind != "system":
        return table
    if keyspace != CONSOLE or table is not None or name.lower() in TABLES:
        raise TenantLeak(f"the table {name} is not in the registry of {keyspace}")
    return None


def must_bind(mode: Mode | None, verb: Verb, table: Table | None) -> bool:
    """Whether rows of the table must be bound to the scope's organisation.

    Raises TenantLeak if the mode may not do this at all. None is a console table without
    organisation: sessions, accounts, readings.
    """
    if table is None:
        return False
    if mode is None:
        raise TenantLeak(f"no scope entered: {table.name}")
    if not _permitted(mode, verb, table):
        raise TenantLeak(f"mode {mode} may not {verb} {table.name}")
    if table.org_column is None:
        return False
    return not _listed_whole(mode, verb, table)


def _permitted(mode: Mode, verb: Verb, table: Table) -> bool:
    reads, name = verb == "SELECT", table.name
    if mode == "directory":
        return reads and name in DIRECTORY_TABLES
    if mode == "administer":
        whole = name in ADMINISTERED_TABLES and reads
        return whole or name == "organization_features" or (name, verb) == _SUSPENSION
    if name in AUDIT_TABLES and verb in ("UPDATE", "DELETE"):
        return mode == "audit_append" and (name, verb) == _ROWS_RETURNED
    if mode == "audit_append":
        return name in AUDIT_TABLES
    if mode == "cross_read":
        # A stored search or export of a visitor is written to oi_console alone.
        return reads or table.keyspace == CONSOLE
    return reads or table.org_column is not None or mode == "system"


_SUSPENSION = ("organizations", "UPDATE")
_ROWS_RETURNED = ("audit_access_log", "UPDATE")


def _listed_whole(mode: Mode, verb: Verb, table: Table) -> bool:
    if verb != "SELECT":
        return False
    return mode == "directory" or (mode == "system" and table.kind == "organization")


def check_columns(mode: Mode | None, table: Table | None, columns: list[str]) -> None:
    """Raises TenantLeak when an UPDATE sets the org column or one its mode may not."""
    if table is None or mode is None:
        return
    if table.org_column in columns:
        raise TenantLeak(f"{table.name}: the organisation of a row never changes")
    allowed = WRITABLE_COLUMNS.get((mode, table.name))
    if allowed is not None and not allowed.issuperset(columns):
        raise TenantLeak(f"mode {mode} may not set these columns of {table.name}")


def check_upsert(table: Table | None, columns: list[str]) -> None:
    """Raises TenantLeak unless ON DUPLICATE KEY UPDATE of these columns is listed."""
    if table is not None and not UPSERTS.get(table.name, frozenset()).issuperset(columns):
        raise TenantLeak(f"{table.name}: ON DUPLICATE KEY UPDATE is not listed for these columns")
