"""Seventeen hand edits of a live keyspace: each found, undone again clean; 0 false findings."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from dbops.catalog import comparing, replay
from dbops.catalog.comparing import Comparison
from dbops.inventory import Target
from dbops.readings import Deadline
from openinsure import environment
from openinsure.keyspaces import journal, migrate
from tests.dbops.conftest import NOW, MySql

Use = Callable[..., list[Target]]
INVENTORY = """
[[database]]
slug = "book"
name = "acme/book"
engine = "mysql"
host = "own"
tool = "drizzle"
owner = "we"
status = "active"
migrations = "{folder}"
[database.places.local]
url_env = "BOOK_URL"
schemas = ["{schema}"]
"""
STATUS = "varchar(32) NOT NULL"
DROP_INDEX = "DROP INDEX policies_org_prior_policy ON policies"


@dataclass(frozen=True)
class Edit:
    """A change by hand, how to undo it, and what must be said about it."""

    do: str
    undo: str
    kind: str
    severity: str
    object: str


EDITS = {
    "column added": Edit(
        "ALTER TABLE policies ADD COLUMN nickname varchar(40)",
        "ALTER TABLE policies DROP COLUMN nickname",
        "column_extra", "medium", "policies.nickname"),
    "column dropped": Edit(
        "ALTER TABLE policies DROP COLUMN metadata",
        "ALTER TABLE policies ADD COLUMN metadata json NULL AFTER lock_version",
        "column_missing", "critical", "policies.metadata"),
    "type": Edit(
        "ALTER TABLE policies MODIFY insured_name varchar(100) NOT NULL",
        "ALTER TABLE policies MODIFY insured_name varchar(255) NOT NULL",
        "column_type_narrowed", "high", "policies.insured_name"),
    "nullability": Edit(
        "ALTER TABLE policies MODIFY line_of_business varchar(32) NULL",
        "ALTER TABLE policies MODIFY line_of_business varchar(32) NOT NULL",
        "nullability_changed", "high", "policies.line_of_business"),
    "default": Edit(
        "ALTER TABLE policies ALTER COLUMN admitted SET DEFAULT 1",
        "ALTER TABLE policies ALTER COLUMN admitted SET DEFAULT 0",
        "default_changed", "high", "policies.admitted"),
    "on update removed": Edit(
        "ALTER TABLE insureds MODIFY updated_at timestamp(3) NOT NULL"
        " DEFAULT CURRENT_TIMESTAMP(3)",
        "ALTER TABLE insureds MODIFY updated_at timestamp(3) NOT NULL"
        " DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)",
        "on_update_changed", "medium", "insureds.updated_at"),
    "index missing": Edit(
        DROP_INDEX, "CREATE INDEX policies_org_prior_policy ON policies (org_id, prior_policy_id)",
        "index_missing", "high", "policies.policies_org_prior_policy"),
    "index extra": Edit(
        "CREATE INDEX hotfix ON policies (insured_name)", "DROP INDEX hotfix ON policies",
        "index_extra", "medium", "policies.hotfix"),
    "index renamed": Edit(
        "ALTER TABLE policies RENAME INDEX policies_org_state_updated_id TO by_state",
        "ALTER TABLE policies RENAME INDEX by_state TO policies_org_state_updated_id",
        "index_renamed", "low", "policies.policies_org_state_updated_id"),
    "index reordered": Edit(
        "ALTER TABLE policies DROP INDEX policies_org_usdot_number,"
        " ADD INDEX policies_org_usdot_number (usdot_number, org_id)",
        "ALTER TABLE policies DROP INDEX policies_org_usdot_number,"
        " ADD INDEX policies_org_usdot_number (org_id, usdot_number)",
        "index_changed", "medium", "policies.policies_org_usdot_number"),
    "collation convert": Edit(
        "ALTER TABLE endorsements CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci",
        "", "collation_changed", "high", "endorsements"),
    "foreign key": Edit(
        "ALTER TABLE policies ADD CONSTRAINT fk_insured FOREIGN KEY (org_id, insured_id)"
        " REFERENCES insureds (org_id, id)",
        "ALTER TABLE policies DROP FOREIGN KEY fk_insured",
        "foreign_key_present", "high", "policies.fk_insured"),
    "table extra": Edit(
        "CREATE TABLE policies_backup (id int)", "DROP TABLE policies_backup",
        "table_extra", "medium", "policies_backup"),
    "table missing": Edit(
        "RENAME TABLE policy_notices TO _oi_hold_1", "RENAME TABLE _oi_hold_1 TO policy_notices",
        "table_missing", "critical", "policy_notices"),
    "column moved": Edit(
        "ALTER TABLE renewals MODIFY status varchar(32) NOT NULL FIRST", "",
        "column_order", "low", "renewals.status"),
    "comment": Edit(
        "ALTER TABLE cancellations COMMENT 'do not touch'", "ALTER TABLE cancellations COMMENT ''",
        "comment_changed", "low", "cancellations"),
    "engine": Edit(
        "ALTER TABLE policy_transactions ENGINE=Aria",
        "ALTER TABLE policy_transactions ENGINE=InnoDB",
        "engine_changed", "medium", "policy_transactions"),
}  # fmt: skip


@pytest.fixture(scope="module")
def book(mysql: MySql) -> str:
    """The real oi_policies, replayed into a schema of its own; every edit is undone on it."""
    name = f"test_corpus_{secrets.token_hex(4)}"  # each worker of the suite has its own
    mysql.run(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name} COLLATE utf8mb4_bin")
    migrate.apply_pending(mysql.dsn, "oi_policies", schema=name)
    yield name
    mysql.run(f"DROP DATABASE {name}")


CACHE = replay.Memory()


@pytest.fixture
def compared(
    use: Use, mysql: MySql, book: str, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Comparison]:
    if not environment.optional("SHADOW_URL"):
        monkeypatch.setenv("SHADOW_URL", mysql.url())
    toml = INVENTORY.format(folder=journal.folder_of("oi_policies"), schema=book)
    (target,) = use(toml, BOOK_URL=mysql.url())
    return lambda: comparing.compare(target, Deadline.after(20, NOW), cache=CACHE)


def told(comparison: Comparison) -> list[tuple[str, str, str]]:
    assert comparison.complete, comparison.schemas
    return [(one.kind, one.severity, one.object) for one in comparison.findings]


def test_it_has_nothing_to_say_about_a_clean_estate(compared: Callable[[], Comparison]) -> None:
    found = compared()
    assert told(found) == []
    (schema,) = found.schemas
    assert (schema.tables, schema.reason) == (28, "")


@pytest.mark.parametrize("name", EDITS)
def test_it_finds_each_edit_and_nothing_else(
    compared: Callable[[], Comparison], mysql: MySql, book: str, name: str
) -> None:
    edit = EDITS[name]
    mysql.run(edit.do, schema=book)
    try:
        comparison = compared()
        assert told(comparison) == [(edit.kind, edit.severity, edit.object)]
        (finding,) = comparison.findings
        assert finding.cause == "out of band"
        assert finding.fix_live
        assert finding.evidence_sql
    finally:
        mysql.run(edit.undo or finding.fix_live, schema=book)
    assert told(compared()) == []


def test_it_finds_all_edits_together(
    compared: Callable[[], Comparison], mysql: MySql, book: str
) -> None:
    for edit in EDITS.values():
        mysql.run(edit.do, schema=book)
    comparison = compared()
    expected = sorted((edit.kind, edit.severity, edit.object) for edit in EDITS.values())
    assert sorted(told(comparison)) == expected
    for finding in comparison.findings:
        if finding.kind != "table_missing":
            mysql.run(*filter(None, finding.fix_live.split("\n")), schema=book)
    mysql.run(EDITS["table missing"].undo, schema=book)
    assert told(compared()) == []


def test_it_leaves_no_shadow_behind(compared: Callable[[], Comparison], mysql: MySql) -> None:
    compared()
    assert mysql.run(r"SHOW DATABASES LIKE '\_oi\_shadow\_%'") == []


def test_it_sweeps_what_a_killed_run_left(
    compared: Callable[[], Comparison], mysql: MySql, book: str
) -> None:
    old, young = (replay.name_of("x", NOW - timedelta(minutes=m)) for m in (61, 59))
    mysql.run(f"CREATE DATABASE {old}", f"CREATE DATABASE {young}")
    CACHE.clear()
    compared()
    left = [name for (name,) in mysql.run(r"SHOW DATABASES LIKE '\_oi\_shadow\_%'")]
    mysql.run(f"DROP DATABASE {young}")
    assert left == [young]


def test_it_reads_with_an_account_that_only_reads(
    use: Use,
    compared: Callable[[], Comparison],
    mysql: MySql,
    book: str,
    reader: Callable[[str], str],
) -> None:
    toml = INVENTORY.format(folder=journal.folder_of("oi_policies"), schema=book)
    (target,) = use(toml, BOOK_URL=reader(f"SELECT ON `{book}`.*"))
    found = comparing.compare(target, Deadline.after(20, NOW), cache=CACHE)
    assert told(found) == []


def test_it_does_not_call_a_schema_clean_that_it_may_not_read(
    use: Use,
    compared: Callable[[], Comparison],
    book: str,
    reader: Callable[[str], str],
) -> None:
    toml = INVENTORY.format(folder=journal.folder_of("oi_policies"), schema=book)
    grants = f"SELECT ON `{book}`.__drizzle_migrations"
    (target,) = use(toml, BOOK_URL=reader(grants))
    found = comparing.compare(target, Deadline.after(20, NOW), cache=CACHE)
    assert not found.complete
    assert "privileges" in found.schemas[0].reason


def test_it_says_why_without_a_shadow_server(
    compared: Callable[[], Comparison], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHADOW_URL", "mysql://a:b@127.0.0.1:1/")
    found = compared()
    assert "no shadow server" in found.schemas[0].reason
