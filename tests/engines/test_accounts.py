"""Database accounts: each can do its job, and provably nothing else."""

from __future__ import annotations

import pytest

from engines import accounts, mariadb
from engines.stack import KEYSPACES, Stack
from tests.engines.conftest import query

ALLOWED = [
    ("app_oi_claims", "UPDATE oi_claims.claims SET note = 'two' WHERE id = 2"),
    (
        "app_oi_global",
        "INSERT IGNORE INTO oi_global.users VALUES (1, 'a'); DELETE FROM oi_global.users",
    ),
    ("app_oi_global", "INSERT IGNORE INTO oi_global.audit_log VALUES (1, 'kept')"),
    ("app_oi_global", "START TRANSACTION; SELECT id FROM oi_global.audit_log FOR UPDATE"),
    ("app_oi_global", "UPDATE oi_global.audit_access_log SET rows_returned = 3 WHERE id = 1"),
    ("app_oi_global", "SELECT hash FROM oi_global.__drizzle_migrations"),
    ("reader", "SELECT * FROM oi_claims.claims; SELECT * FROM oi_billing.invoices"),
    ("reader", "SHOW CREATE TABLE oi_claims.claims"),
    ("risk", "SELECT COUNT(*) FROM oi_claims.claims"),
    ("migrator", "CREATE OR REPLACE TABLE oi_claims.trial (id INT); DROP TABLE oi_claims.trial"),
    ("migrator", "CREATE DATABASE IF NOT EXISTS _oi_hold_1"),
    ("oi_shadow", "CREATE DATABASE _oi_shadow_1; DROP DATABASE _oi_shadow_1"),
    ("oi_branch", "CREATE DATABASE br_1; DROP DATABASE br_1"),
    ("app_ledger", "UPDATE oi_ledger.clock SET last_timestamp = last_timestamp WHERE id = 1"),
    ("spicedb", "CREATE OR REPLACE TABLE spicedb.trial (id INT); DROP TABLE spicedb.trial"),
]

REFUSED = [
    ("app_oi_claims", "SELECT * FROM oi_billing.invoices"),
    ("app_oi_claims", "CREATE TABLE oi_claims.more (id INT)"),
    ("app_oi_claims", "DROP TABLE oi_claims.claims"),
    ("app_oi_claims", "SELECT * FROM mysql.user"),
    ("app_oi_claims", "SELECT note FROM oi_claims.claims INTO OUTFILE 'stolen'"),
    ("app_console", "SELECT * FROM oi_global.users"),
    ("app_oi_global", "UPDATE oi_global.audit_log SET note = 'forged'"),
    ("app_oi_global", "DELETE FROM oi_global.audit_log"),
    ("app_oi_global", "DELETE FROM oi_global.audit_access_log"),
    ("app_oi_global", "UPDATE oi_global.audit_access_log SET note = 'forged'"),
    ("app_oi_global", "INSERT INTO oi_global.__drizzle_migrations VALUES (1, 'forged')"),
    ("app_oi_global", "TRUNCATE oi_global.audit_log"),
    ("reader", "DELETE FROM oi_claims.claims"),
    ("reader", "SELECT * FROM oi_ledger.accounts"),
    ("app_ledger", "SELECT * FROM oi_claims.claims"),
    ("app_ledger", "DROP TABLE oi_ledger.clock"),
    ("risk", "UPDATE oi_claims.claims SET note = 'x'"),
    ("migrator", "CREATE USER mallory@'%'"),
    ("migrator", "GRANT SELECT ON oi_claims.* TO 'risk'@'%'"),
    ("oi_shadow", "CREATE DATABASE xoixshadowx1"),
    ("oi_shadow", "SELECT * FROM oi_claims.claims"),
    ("oi_branch", "CREATE DATABASE brx1"),
    ("spicedb", "SELECT * FROM oi_claims.claims"),
]


@pytest.mark.parametrize(("account", "sql"), ALLOWED)
def test_it_allows_the_job_of_each_account(engines: Stack, account: str, sql: str) -> None:
    assert query(engines, account, sql) == ""


@pytest.mark.parametrize(("account", "sql"), REFUSED)
def test_it_refuses_everything_else(engines: Stack, account: str, sql: str) -> None:
    said = query(engines, account, sql)
    assert "denied" in said
    assert "ERROR 1045" not in said.splitlines()[-1] or "OUTFILE" in sql  # signed in, then refused


def test_it_may_be_applied_again(engines: Stack) -> None:
    accounts.apply(engines)
    assert accounts.grant_tables(engines) == 0


def test_it_grants_tables_that_came_later(engines: Stack) -> None:
    mariadb.rows(engines, "CREATE TABLE oi_global.later (id INT PRIMARY KEY)")
    write = "INSERT INTO oi_global.later VALUES (1)"
    assert "denied" in query(engines, "app_oi_global", write)
    assert accounts.grant_tables(engines) == 1
    assert query(engines, "app_oi_global", write) == ""
    mariadb.rows(engines, "DROP TABLE oi_global.later")


def test_it_knows_every_keyspace(engines: Stack) -> None:
    for keyspace in KEYSPACES:
        assert query(engines, f"app_{keyspace}", f"USE {keyspace}") == ""


def test_it_escapes_the_wildcard() -> None:
    assert accounts.pattern("oi_claims") == r"`oi\_claims`"
    assert accounts.pattern("br_%") == r"`br\_%`"
