"""How much of a file has run, judged from the live schema alone; no server."""

from __future__ import annotations

import pytest

from dbops.catalog.facts import Facts
from dbops.catalog.model import Column, Index, Part, Schema, Table
from dbops.history import drizzle
from dbops.history.evidence import Evidence, Measure
from dbops.history.states import File

BASE = File("0000", 0, b"CREATE TABLE a (id int NOT NULL, x varchar(20), PRIMARY KEY (id));", 1)


def live(*columns: str, indexes: dict[str, tuple[str, ...]] | None = None, **more: Table) -> Facts:
    kinds = dict(column.split(" ", 1) for column in columns)
    table = Table(
        "a",
        {name: Column(name, kind.removesuffix(" not null"), not kind.endswith(" not null"))
         for name, kind in kinds.items()},
        {name: Index(name, False, tuple(Part(p) for p in parts))
         for name, parts in (indexes or {}).items()},
    )  # fmt: skip
    return Facts(Schema("s", "mysql", {"a": table, **more}))


def measured(sql: str, facts: Facts) -> Evidence:
    measure = Measure(facts, drizzle.statements)
    return measure.of(File("0001", 1, sql.encode(), 1), measure.before([BASE]))


CUT = "--> statement-breakpoint"
IDS = "id int not null", "x varchar(20)"


@pytest.mark.parametrize(
    ("statement", "ran"),
    [
        ("ALTER TABLE a ADD y int", live(*IDS, "y int")),
        ("ALTER TABLE `a` ADD COLUMN `y` int(11) NULL DEFAULT 3 AFTER id", live(*IDS, "y int")),
        ("CREATE INDEX i ON a (x, id)", live(*IDS, indexes={"i": ("x", "id")})),
        ("ALTER TABLE a ADD INDEX i (x)", live(*IDS, indexes={"i": ("x",)})),
        ("ALTER TABLE a DROP COLUMN x", live("id int not null")),
        ("ALTER TABLE a MODIFY x varchar(30) NOT NULL", live(IDS[0], "x varchar(30) not null")),
        ("ALTER TABLE a CHANGE x z varchar(20)", live(IDS[0], "z varchar(20)")),
        ("CREATE TABLE b (id int)", live(*IDS, b=Table("b", {"id": Column("id", "int")}))),
        ("RENAME TABLE a TO c", Facts(Schema("s", "mysql", {"c": Table("c", {})}))),
        ("DROP TABLE a", Facts(Schema("s", "mysql", {"c": Table("c", {})}))),
    ],
)  # fmt: skip
def test_it_tells_that_a_statement_ran(statement: str, ran: Facts) -> None:
    assert measured(statement, ran).held == (True,)
    assert measured(statement, live(*IDS)).held == (False,)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE a SET x = '' WHERE x IS NULL",
        "INSERT INTO a VALUES (1, 'a')",
        "CREATE TABLE IF NOT EXISTS a (id int)",  # true before: proves nothing
        "OPTIMIZE TABLE a",
        "ALTER TABLE a FORCE",
    ],
)
def test_it_does_not_guess(statement: str) -> None:
    assert measured(statement, live(*IDS)).held == (None,)


@pytest.mark.parametrize("reached", range(5))
def test_it_counts_what_ran_at_every_place(reached: int) -> None:
    names = ["p", "q", "r", "s"]
    sql = CUT.join(f"ALTER TABLE a ADD {name} int;" for name in names)
    evidence = measured(sql, live(*IDS, *(f"{name} int" for name in names[:reached])))
    assert (evidence.reached, evidence.total) == (reached, 4)
    assert evidence.complete is (reached == 4)


def test_it_keeps_gaps_apart() -> None:
    sql = CUT.join(["ALTER TABLE a ADD p int;", "ALTER TABLE a ADD q int;"])
    evidence = measured(sql, live(*IDS, "q int"))
    assert (evidence.reached, evidence.complete) == (2, False)
    assert evidence.words == "2 of 2 statements have run, but not 1"


def test_it_wants_the_type_that_the_file_says() -> None:
    assert measured("ALTER TABLE a ADD y bigint", live(*IDS, "y int")).held == (False,)


REBUILT = f"""CREATE TABLE `__new_a` (`id` integer NOT NULL, `x` text);
{CUT}
INSERT INTO `__new_a`("id", "x") SELECT "id", "x" FROM `a`;{CUT}
DROP TABLE `a`;{CUT}
ALTER TABLE `__new_a` RENAME TO `a`;{CUT}
CREATE INDEX `i` ON `a` (`x`);"""


def test_it_takes_no_table_for_the_one_that_will_have_its_name() -> None:
    """drizzle-kit changes a column of SQLite so: nothing of it has run."""
    base = File("0000", 0, b"CREATE TABLE a (id integer, x text NOT NULL);", 1)
    index = File("0001", 1, b"CREATE INDEX i ON a (x);", 1)
    columns = {"id": Column("id", "integer", False), "x": Column("x", "text")}
    old = {**columns, "x": Column("x", "text", False)}
    there = Table("a", old, {"i": Index("i", False, (Part("x"),))})

    def reached(*tables: Table) -> int:
        measure = Measure(
            Facts(Schema("main", "sqlite", {one.name: one for one in tables})), drizzle.statements
        )
        return measure.of(
            File("0002", 2, REBUILT.encode(), 5), measure.before([base, index])
        ).reached

    assert reached(there) == 0
    assert reached(there, Table("__new_a", columns)) == 1
    assert reached(Table("__new_a", columns)) == 3
