"""States of tools that record names (D1) or runs (Prisma), and the names after SQL files."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from dbops.catalog import expected, names
from dbops.history import by_name, prisma, spicedb
from dbops.history.prisma import Run
from dbops.history.states import File, split_statements
from dbops.readings import State

AT = datetime(2026, 4, 6, tzinfo=UTC)
FILES = [
    File(tag, tag, f"CREATE TABLE t{tag[3]} (id text);".encode(), 1)
    for tag in ("0001_a.sql", "0002_b.sql", "0003_c.sql")
]


def named(*recorded: str) -> tuple[list[str], State]:
    history = by_name.compare(FILES, dict.fromkeys(recorded, "2026-04-06T00:00:00Z"), "", run="x")
    return [str(migration.state) for migration in history.migrations], history.state


def test_it_judges_names() -> None:
    a, b, c = (file.tag for file in FILES)
    assert named(a, b, c) == (["applied"] * 3, State.UNVERIFIED)
    assert named(a) == (["applied", "pending", "pending"], State.PENDING)
    assert named(a, c) == (["applied", "out_of_order", "applied"], State.ORPHANED)
    assert named(a, b, c, "0002_x.sql")[1] is State.ORPHANED


def test_it_distrusts_files_older_than_the_names() -> None:
    assert by_name.compare(FILES, {"0004_d.sql": ""}, "", run="x").behind


def run_of(file: File) -> Run:
    return Run(file.tag, hashlib.sha256(file.content).hexdigest(), AT, AT, None)


def prisma_states(*runs: Run) -> tuple[list[str], State]:
    history = prisma.compare(FILES, {run.name: run for run in runs}, "")
    return [str(migration.state) for migration in history.migrations], history.state


def test_it_judges_prisma_runs() -> None:
    a, b, c = (run_of(file) for file in FILES)
    assert prisma_states(a, b, c) == (["applied"] * 3, State.UNVERIFIED)
    assert prisma_states(a, b)[1] is State.PENDING
    assert prisma_states(a, c)[0][1] == "out_of_order"
    assert prisma_states(a, b, c._replace(finished_at=None))[1] is State.FAILED
    assert prisma_states(a, b, c._replace(rolled_back_at=AT))[0][2] == "rolled_back"
    assert prisma_states(a, b._replace(checksum="0" * 64), c)[1] is State.MODIFIED
    assert prisma_states(a, b, c, a._replace(name="0002_x"))[1] is State.ORPHANED


def test_it_takes_every_checksum_that_prisma_takes() -> None:
    content = b"CREATE TABLE x (id int);\nSELECT 1;\n"
    digest = hashlib.sha256(content).digest()
    crlf = hashlib.sha256(content.replace(b"\n", b"\r\n")).hexdigest()
    for recorded in (digest.hex(), crlf, "".join(f"{byte:x}" for byte in digest)):
        assert prisma.same_bytes(content, recorded)
    assert not prisma.same_bytes(content + b" ", digest.hex())


def test_it_orders_the_revisions_of_spicedb() -> None:
    head = "identifiers_case_sensitive"
    assert spicedb.missing("add_expiration_to_relation_tuple", head) == [
        "add_schema_tables", "populate_schema_tables", head,
    ]  # fmt: skip
    assert spicedb.missing(head, "add_schema_tables") == []
    assert spicedb.missing("from_the_future", head) is None


@pytest.mark.parametrize(
    ("statements", "left"),
    [
        (['CREATE TABLE "User" ("id" int, CONSTRAINT "p" PRIMARY KEY ("id"))'], {"user": {"id"}}),
        (["CREATE TABLE `a` (`b` enum('x,y'), UNIQUE KEY `k` (`b`))"], {"a": {"b"}}),
        (["create table if not exists public.a (b int, c numeric(3,2))"], {"a": {"b", "c"}}),
        (['CREATE TABLE a (b int)', 'ALTER TABLE "a" ADD COLUMN  "c" text,\nADD d int'],
         {"a": {"b", "c", "d"}}),
        (["CREATE TABLE a (b int, c int)", "ALTER TABLE a DROP COLUMN c"], {"a": {"b"}}),
        (["CREATE TABLE a (b int)", "ALTER TABLE a RENAME COLUMN b TO c"], {"a": {"c"}}),
        (["CREATE TABLE a (b int)", "ALTER TABLE a CHANGE b c bigint"], {"a": {"c"}}),
        (["CREATE TABLE a (b int)", "ALTER TABLE a RENAME TO z"], {"z": {"b"}}),
        (["CREATE TABLE a (b int)", "RENAME TABLE a TO z"], {"z": {"b"}}),
        (["CREATE TABLE a (b int)", "DROP TABLE IF EXISTS `a`"], {}),
        (["CREATE TABLE a (b int)", "ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (b)"],
         {"a": {"b"}}),
        (["CREATE TABLE a (b int)", "ALTER TABLE a ADD INDEX i (b), DROP PRIMARY KEY"],
         {"a": {"b"}}),
    ],
)  # fmt: skip
def test_it_knows_the_names_after_statements(
    statements: list[str], left: dict[str, set[str]]
) -> None:
    assert names.after(statements) == {table: frozenset(held) for table, held in left.items()}


def test_it_splits_plain_sql_outside_quotes_and_comments() -> None:
    text = "-- a; b\nINSERT INTO t VALUES ('x;y');\n/* ; */ CREATE TABLE \"a;b\" (c int)"
    assert split_statements(text) == [
        "INSERT INTO t VALUES ('x;y')",
        'CREATE TABLE "a;b" (c int)',
    ]


def test_it_keeps_a_trigger_whole() -> None:
    trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = 1; DELETE FROM c; END"
    assert split_statements(f"{trigger}; SELECT 1;") == [trigger, "SELECT 1"]


def test_it_expects_what_sqlite_makes_of_the_files() -> None:
    assert expected.of_sqlite(FILES[:2]) == {"t1": frozenset({"id"}), "t2": frozenset({"id"})}
    assert expected.of_sqlite([File("x", "x", b"CREATE BALONEY", 1)]) is None
