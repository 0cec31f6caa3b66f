"""How much of a file has run, judged from the live schema alone; no server."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from dbops.catalog import sqlite
from dbops.catalog.facts import Facts
from dbops.catalog.model import Column, Index, Part, Schema, Table
from dbops.catalog.shadow_sqlite import Replay
from dbops.history import drizzle
from dbops.history.evidence import Evidence, Measure
from dbops.history.looking import Traces
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


MADE = (
    'CREATE TABLE "u" ("id" text NOT NULL PRIMARY KEY)',
    'CREATE TABLE "t" ("id" integer PRIMARY KEY NOT NULL, "x" text NOT NULL)',
    'ALTER TABLE "t" ADD "y" integer DEFAULT 1',
    'CREATE INDEX "i" ON "t" ("x")',
)
AS_DRIZZLE = (
    "PRAGMA foreign_keys=OFF",
    "CREATE TABLE `__new_t` ({})",
    'INSERT INTO `__new_t`("id", "x") SELECT "id", "x" FROM `t`',
    "DROP TABLE `t`",
    "ALTER TABLE `__new_t` RENAME TO `t`",
    "PRAGMA foreign_keys=ON",
    "CREATE INDEX `i` ON `t` (`x`)",
)
AS_PRISMA = (
    "PRAGMA defer_foreign_keys=ON",
    "PRAGMA foreign_keys=OFF",
    'CREATE TABLE "new_t" ({})',
    'INSERT INTO "new_t" ("id", "x") SELECT "id", "x" FROM "t"',
    'DROP TABLE "t"',
    'ALTER TABLE "new_t" RENAME TO "t"',
    'CREATE INDEX "i" ON "t"("x")',
    "PRAGMA foreign_keys=ON",
    "PRAGMA defer_foreign_keys=OFF",
)
OLD = '"id" integer PRIMARY KEY NOT NULL, "x" text NOT NULL, "y" integer DEFAULT 1'
CHANGES = {
    "nullability": OLD.replace("text NOT NULL", "text"),
    "type": OLD.replace('"x" text', '"x" varchar(20)'),
    "default": OLD.replace("DEFAULT 1", "DEFAULT 2"),
    "present time": OLD.replace("DEFAULT 1", "DEFAULT CURRENT_TIMESTAMP"),
    "no default": OLD.replace(" DEFAULT 1", ""),
    "added": OLD + ', "z" text',
    "dropped": OLD.replace(', "y" integer DEFAULT 1', ""),
    "foreign key": OLD + ', FOREIGN KEY ("x") REFERENCES "u"("id") ON DELETE cascade',
    "primary key": OLD.replace(" PRIMARY KEY", "") + ', PRIMARY KEY("id", "x")',
}


def on_sqlite(file: tuple[str, ...], ran: int) -> Evidence:
    """Of a file of which the first statements ran on SQLite itself."""
    with closing(sqlite3.connect(":memory:")) as one:
        for statement in (*MADE, *file[:ran]):
            one.execute(statement)
        measure = Measure(Facts(sqlite.read(Replay(one), "main")), drizzle.statements)
    base = File("0000", 0, CUT.join(MADE).encode(), len(MADE))
    own = File("0001", 1, CUT.join(file).encode(), len(file))
    return measure.of(own, measure.before([base]))


@pytest.mark.parametrize("written", [AS_DRIZZLE, AS_PRISMA], ids=["drizzle-kit", "prisma"])
@pytest.mark.parametrize("change", CHANGES)
def test_it_sees_at_each_statement_that_a_table_was_made_anew(
    written: tuple[str, ...], change: str
) -> None:
    file = tuple(statement.format(CHANGES[change]) for statement in written)
    traces = [n for n, one in enumerate(file, 1) if not one.startswith(("PRAGMA", "INSERT"))]
    for ran in range(len(file) + 1):
        last = max((n for n in traces if n <= ran), default=0)
        rest = file[last:] if last else ()
        behind = next((n for n, one in enumerate(rest) if not one.startswith("PRAGMA")), len(rest))
        found = on_sqlite(file, ran)
        assert found.reached == last + behind, ran
        assert found.complete is (last == traces[-1]), ran
    assert found.words.startswith("complete, unrecorded")


def test_it_does_not_guess_where_the_new_table_is_like_the_old() -> None:
    """A CHECK leaves no trace that could be looked up; made anew twice does no harm."""
    same = OLD.replace('"x" text NOT NULL', "\"x\" text NOT NULL CHECK (x <> '')")
    file = tuple(statement.format(same) for statement in AS_DRIZZLE)
    assert on_sqlite(file, len(file)).reached == 0


def test_it_does_not_guess_what_a_statement_that_it_cannot_read_has_made() -> None:
    """The column may come from there: that it is live proves nothing about the file."""
    strange = 'ALTER TABLE "t" ADD "z" text FOO BAR'
    file = tuple(statement.format(CHANGES["added"]) for statement in AS_DRIZZLE)
    live = Schema("main", "sqlite", {"t": Table("t", {"z": Column("z", "TEXT")})})
    measure = Measure(Facts(live), drizzle.statements)
    base = File("0000", 0, CUT.join((*MADE, strange)).encode(), 1)
    own = File("0001", 1, CUT.join(file).encode(), len(file))
    assert measure.of(own, measure.before([base])).reached == 0


def test_it_forgets_the_indexes_of_a_table_that_went() -> None:
    made = f"CREATE TABLE b (id int);{CUT}CREATE INDEX j ON b (id);"
    files = [File("0", 0, made.encode(), 2), File("1", 1, b"DROP TABLE b;", 1)]
    live = Schema("main", "sqlite", {"c": Table("c", {})})
    measure = Measure(Facts(live), drizzle.statements)
    assert not measure.of_recorded(files[0], measure.before(files)).contradicted


def test_it_reads_each_file_twice_however_many_there_are() -> None:
    """Once as one of those before another, once for itself."""
    read: list[str] = []

    def split(text: str) -> list[str]:
        read.append(text)
        return [text]

    files = [File(f"{n:04}", n, b"CREATE TABLE t%d (id int)" % n, 1) for n in range(300)]
    missing = frozenset(file.tag for file in files[100:])
    there = {f"t{n}": Table(f"t{n}", {"id": Column("id", "int")}) for n in range(101)}
    traces = Traces(files, missing, Measure(Facts(Schema("s", "mysql", there)), split))
    assert [traces.of(file).reached for file in files[100:]] == [1] + [0] * 199
    assert len(read) <= 2 * len(files)
    assert traces.of(files[150]).reached == 0, "and asked again out of order it is right as well"
