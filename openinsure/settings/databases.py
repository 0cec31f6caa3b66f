"""Aliases: `default` is the console's own schema; each keyspace is an alias named like itself."""

from __future__ import annotations

from typing import Any

from openinsure.dsn import Dsn
from openinsure.environment import optional, required

KEYSPACES = ("oi_global", "oi_policies", "oi_submissions", "oi_claims", "oi_billing")
CONSOLE_SCHEMA = "oi_console"
LEDGER_ALIAS, LEDGER_SCHEMA, LEDGER_VARIABLE = "ledger_engine", "oi_ledger", "LEDGER_ENGINE_URL"

# Seconds. A refused port answers at once, a black hole only by these (engines.md 1).
CONNECT_TIMEOUT_S, READ_TIMEOUT_S, WRITE_TIMEOUT_S = 2, 5, 5
# A look-up or a panel: the server ends the statement, the socket only if the server is gone.
# MariaDB counts seconds, MySQL milliseconds; each reads its own comment.
FIND_LIMIT = "SET SESSION /*M!100101 max_statement_time=0.25 */ /*!50708 max_execution_time=250 */"
FIND_CONNECT_S, FIND_SOCKET_S = 1, 1
CONNECTION_MAX_AGE_S = 600  # PlanetScale cuts connections after 24 h


def alias(variable: str, user: str, schema: str, address: str = "") -> dict[str, Any]:
    """Django's settings of one alias. Raises ConfigurationError naming the variable."""
    local = f"mysql://{user}:local@127.0.0.1:13306/{schema}"
    dsn = Dsn.parse(address or required(variable, local), variable)
    return {
        "ENGINE": "django.db.backends.mysql",
        "NAME": dsn.database or schema,
        "USER": dsn.user,
        "PASSWORD": dsn.password,
        "HOST": dsn.host,
        "PORT": dsn.port,
        "CONN_MAX_AGE": CONNECTION_MAX_AGE_S,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "charset": "utf8mb4",
            "collation": "utf8mb4_bin",
            "connect_timeout": CONNECT_TIMEOUT_S,
            "read_timeout": READ_TIMEOUT_S,
            "write_timeout": WRITE_TIMEOUT_S,
            # None: Django's SET would take a reserved connection on VTGate (engines.md 2).
            "isolation_level": None,
        },
        # Without this a test naming one keyspace dies with "Circular dependency".
        "TEST": {"DEPENDENCIES": [], "CHARSET": "utf8mb4", "COLLATION": "utf8mb4_bin"},
    }


def keyspace(name: str) -> dict[str, Any]:
    """Settings of a keyspace alias: its test database gets its tables from the SQL files only."""
    values = alias(f"DATABASE_URL_{name.upper()}", f"app_{name}", name)
    values["TEST"]["MIGRATE"] = False
    return values


def databases() -> dict[str, dict[str, Any]]:
    """`default` and the five keyspaces."""
    return {
        "default": alias("DATABASE_URL", "app_console", CONSOLE_SCHEMA),
        **{ks: keyspace(ks) for ks in KEYSPACES},
    }


def ledger_engine(variable_default: str = "") -> dict[str, dict[str, Any]]:
    """The embedded ledger's alias, which only openinsure.ledger.embedded opens: no guard hangs
    there and no model lives there. variable_default: its address where none is set."""
    address = optional(LEDGER_VARIABLE, variable_default)
    values = alias(LEDGER_VARIABLE, "app_ledger", LEDGER_SCHEMA, address)
    values["TEST"]["MIGRATE"] = False
    return {LEDGER_ALIAS: values}


def beside(variable: str, schema: str) -> str:
    """Another schema on the server of `variable`, as the same user; "" where it is not set."""
    found = optional(variable)
    return f"{found.rpartition('/')[0]}/{schema}" if found else ""


def with_find(aliases: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Each alias and its twin `<alias>_find`, whose statements are limited (decisions: lists)."""
    short = {
        "connect_timeout": FIND_CONNECT_S,
        "read_timeout": FIND_SOCKET_S,
        "write_timeout": FIND_SOCKET_S,
        "init_command": FIND_LIMIT,
    }
    twins = {
        f"{name}_find": values | {"OPTIONS": values["OPTIONS"] | short}
        for name, values in aliases.items()
    }
    return aliases | twins
