"""Schemas and database accounts of the local MariaDB, each with the least rights its job needs.

`_` is a wildcard in GRANT patterns, so it is always escaped. The two audit tables are append-only
for everybody but the administrator: MariaDB has no partial revokes, so `app_oi_global` may write
table by table, which is granted again after each migration (`grant_tables`).
"""

from __future__ import annotations

from engines import mariadb
from engines.secrets import secret
from engines.stack import KEYSPACES, ROOT, SCHEMAS, Stack, Trouble, say

READ = "SELECT, SHOW VIEW"
WRITE = "SELECT, INSERT, UPDATE, DELETE"
CHANGE = f"{WRITE}, CREATE, ALTER, DROP, INDEX, REFERENCES, LOCK TABLES"
LEDGER = "oi_ledger"  # the embedded ledger: an engine of its own, read by nobody else
LEDGER_TABLES = ROOT / "openinsure" / "ledger" / "schema.sql"
HELD = "_oi_hold_%"  # dropped tables of a deploy request, until its window closes

# account -> (rights, schema) ...
GRANTS: dict[str, tuple[tuple[str, str], ...]] = {
    "app_console": ((WRITE, "oi_console"),),
    "app_oi_global": (("SELECT", "oi_global"),),
    **{f"app_{name}": ((WRITE, name),) for name in KEYSPACES if name != "oi_global"},
    "reader": tuple((READ, schema) for schema in SCHEMAS),
    "migrator": (*((CHANGE, name) for name in ("oi_console", *KEYSPACES)), (CHANGE, HELD)),
    "risk": tuple(("SELECT", name) for name in KEYSPACES),
    "oi_shadow": (("ALL PRIVILEGES", "_oi_shadow_%"),),
    "oi_branch": (("ALL PRIVILEGES", "br_%"), ("ALL PRIVILEGES", HELD)),
    "app_ledger": ((WRITE, LEDGER),),
    "spicedb": (("ALL PRIVILEGES", "spicedb"),),
}
TESTER = "tester"  # every right, and only in the suite's own server

# oi_global: nobody changes or deletes these; one column, a count, is filled in afterwards.
APPEND_ONLY = {"audit_log": "INSERT", "audit_access_log": "INSERT, UPDATE (`rows_returned`)"}
RUNNERS_OWN = "__drizzle_migrations"  # written by `migrator` alone


def password(stack: Stack, account: str) -> str:
    """The password of a database account."""
    return secret(stack, f"mariadb-{account}")


def url(stack: Stack, account: str, schema: str = "") -> str:
    """mysql://account:password@127.0.0.1:port/schema"""
    where = f"127.0.0.1:{stack.ports['mysql']}"
    return f"mysql://{account}:{password(stack, account)}@{where}/{schema}"


def pattern(schema: str) -> str:
    """A schema name (a final `%` stays a wildcard) as GRANT wants it."""
    return f"`{schema.replace('_', chr(92) + '_')}`"


def statements(stack: Stack) -> list[str]:
    """Everything that does not depend on which tables exist; each may be run again."""
    made = [f"CREATE DATABASE IF NOT EXISTS `{schema}`" for schema in (*SCHEMAS, LEDGER)]
    for account, grants in GRANTS.items():
        made.extend(_account(stack, account))
        made.extend(f"GRANT {what} ON {pattern(on)}.* TO '{account}'@'%'" for what, on in grants)
    if stack.testing:
        made.extend(_account(stack, TESTER))
        made.append(f"GRANT ALL PRIVILEGES ON *.* TO '{TESTER}'@'%' WITH GRANT OPTION")
    return made


def _account(stack: Stack, account: str) -> list[str]:
    identified = f"'{account}'@'%' IDENTIFIED BY '{password(stack, account)}'"
    return [f"CREATE USER IF NOT EXISTS {identified}", f"ALTER USER {identified} ACCOUNT UNLOCK"]


def apply(stack: Stack) -> None:
    """Create schemas and accounts, set passwords, grant. Raises Trouble with the server's words."""
    done = mariadb.run_sql(stack, ";\n".join(statements(stack)) + ";")
    if done.returncode:
        raise Trouble(f"accounts: {done.stderr.strip()}")
    if LEDGER_TABLES.exists():
        mariadb.rows(stack, f"USE `{LEDGER}`;\n{LEDGER_TABLES.read_text()}")
    grant_tables(stack)


def grant_tables(stack: Stack) -> int:
    """Rights to write the tables of oi_global that came since. Result: how many tables."""
    tables = {name for schema, name in mariadb.tables(stack) if schema == "oi_global"}
    granted = {name for (name,) in mariadb.rows(stack, _GRANTED)}
    wanted = sorted(tables - granted - {RUNNERS_OWN})
    made = [
        f"GRANT {_table_rights(name)} ON `oi_global`.`{name}` TO 'app_oi_global'@'%'"
        for name in wanted
    ]
    if made:
        mariadb.rows(stack, ";\n".join(made) + ";")
        say("accounts", f"rights on {len(made)} tables of oi_global granted")
    return len(made)


def _table_rights(table: str) -> str:
    return APPEND_ONLY.get(table, "INSERT, UPDATE, DELETE")


_GRANTED = (
    "SELECT table_name FROM mysql.tables_priv WHERE db = 'oi_global' AND user = 'app_oi_global'"
)
