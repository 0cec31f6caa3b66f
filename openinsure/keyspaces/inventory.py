"""The registry: every table of the five keyspaces, its class, its organisation column.

The checked-in source of "whose rows are these": the guard, the managers' checks, the lint and
the drift reader ask here. No Django: the light commands import it. The console's own org-keyed
tables (schema oi_console) join by `register_console_table`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from openinsure.keyspaces.tables import (
    oi_billing,
    oi_claims,
    oi_global,
    oi_policies,
    oi_submissions,
)

Kind = Literal["tenant", "organization", "global", "system"]

CONSOLE = "oi_console"
EVERY_KEYSPACE = "*"
LEDGER_TABLE = "__drizzle_migrations"

# Alias = app label = schema. The order is the order of every report.
EXPECTED_COUNTS = {
    "oi_global": 53,
    "oi_policies": 28,
    "oi_submissions": 33,
    "oi_claims": 29,
    "oi_billing": 47,
}
KEYSPACES = tuple(EXPECTED_COUNTS)

# Reference tables without an organisation: the same for everybody, all in oi_global.
GLOBAL_TABLES = frozenset(
    {
        "carrier_contacts",
        "cron_runs",
        "permissions",
        "platform_carriers",
        "ref_cause_of_loss",
        "ref_coverage_codes",
        "ref_holidays",
        "ref_naics_codes",
        "ref_notice_rules",
        "ref_states",
        "ref_tax_rates",
        "ref_vehicle_body_types",
        "role_permissions",
        "roles",
    }
)


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `org_column` names the organisation: `org_id`, `id` of organizations, or None."""

    name: str
    keyspace: str
    kind: Kind
    org_column: str | None
    purpose: str


def _classified(keyspace: str, name: str, purpose: str) -> Table:
    if name == "organizations":
        return Table(name, keyspace, "organization", "id", purpose)
    if name in GLOBAL_TABLES:
        return Table(name, keyspace, "global", None, purpose)
    return Table(name, keyspace, "tenant", "org_id", purpose)


_SOURCES = {
    "oi_global": oi_global.PURPOSES,
    "oi_policies": oi_policies.PURPOSES,
    "oi_submissions": oi_submissions.PURPOSES,
    "oi_claims": oi_claims.PURPOSES,
    "oi_billing": oi_billing.PURPOSES,
}

TABLES: dict[str, Table] = {
    name: _classified(keyspace, name, purpose)
    for keyspace, purposes in _SOURCES.items()
    for name, purpose in purposes.items()
}
TABLES[LEDGER_TABLE] = Table(
    LEDGER_TABLE, EVERY_KEYSPACE, "system", None, "Applied migration files, in Drizzle's format"
)


def tables_of(keyspace: str) -> Iterator[Table]:
    """The platform's tables of one keyspace in the registry's order; the ledger table is none."""
    return (table for table in TABLES.values() if table.keyspace == keyspace)


def register_console_table(name: str, org_column: str = "org_id", purpose: str = "") -> Table:
    """Put an org-keyed table of oi_console under the guard; call it where the model is declared.

    Repeating the same registration is harmless. Raises ValueError when the name is taken by a
    table of another meaning.
    """
    table = Table(name, CONSOLE, "tenant", org_column, purpose)
    known = TABLES.setdefault(name, table)
    if (known.keyspace, known.kind, known.org_column) != (CONSOLE, "tenant", org_column):
        raise ValueError(f"{name}: already registered as {known.kind} table of {known.keyspace}")
    return known
