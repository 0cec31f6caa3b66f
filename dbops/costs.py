"""What a waiting statement meets on a live database: how many rows, how many bytes, and whether the
server changes the table at once, in place or by a copy. Evidence or "not known", never a guess.

Rows are counted up to a limit, beyond it the server's own estimate stands ("about"). On the MySQL
family the algorithm is tried on empty tables of a shadow, on a server of the same version
(catalog.shadow_mysql); PostgreSQL and SQLite follow documented rules (catalog.rewriting).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from dbops.catalog import looks, rewriting, shadow_mysql
from dbops.catalog.looks import Look
from dbops.history.rules import no_runs
from dbops.history.states import File
from dbops.inventory import Target
from dbops.probes import d1 as d1_probe
from dbops.probes import schemas
from dbops.probes.sessions import Away, NoSuchTable, Session
from dbops.readings import Deadline
from dbops.sql import parser
from dbops.sql.acts import DML, Kind, Statement
from openinsure.plurals import many

READ_S = 10.0
COUNTED = 100_000
NOT_KNOWN = "not known"
NEW = (Kind.CREATE_TABLE,)
KEEPS = {*DML, Kind.DROP_TABLE, Kind.RENAME_TABLE}  # no table is rewritten
MYSQL_SIZE = (
    "SELECT table_rows, data_length + index_length FROM information_schema.tables"
    " WHERE table_schema = %s AND table_name = %s"
)
POSTGRES_SIZE = (
    "SELECT c.reltuples::bigint, pg_catalog.pg_total_relation_size(c.oid)"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = %s AND c.relname = %s"
)


@dataclass(frozen=True, slots=True)
class Size:
    """Of one table. `rows` None: it is not there, or could not be counted."""

    rows: int | None = None
    counted: bool = True  # False: the server's estimate
    bytes: int | None = None

    @property
    def words(self) -> str:
        """For a person."""
        if self.rows is None:
            return "rows not known"
        size = "" if self.bytes is None else f", {self.bytes / 1024:,.0f} KB"
        return f"{'' if self.counted else 'about '}{many(self.rows, 'row')}{size}"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one statement on a table that is there."""

    table: str
    size: Size
    # instant | in place | rebuild | copy; PostgreSQL, SQLite: instant | scan | rewrite | rebuild |
    # needs review; not known; "": it changes no table
    algorithm: str
    evidence: str

    @property
    def words(self) -> str:
        """`accounts: 3 rows, 16 KB; instant (tried on 10.11.11-MariaDB)`."""
        how = f"; {self.algorithm} ({self.evidence})" if self.algorithm else ""
        return f"{self.table}: {self.size.words}{how}"

    def json(self) -> dict[str, Any]:
        """Flat: table, rows, counted, bytes, algorithm, evidence."""
        about = {"algorithm": self.algorithm, "evidence": self.evidence}
        return {"table": self.table, **asdict(self.size), **about}


Costs = Mapping[tuple[str, int], Cost]  # file, number of the statement


def of(target: Target, schema: str, tags: Sequence[str], *, now: datetime) -> Costs:
    """Costs of the waiting files of one schema ("" where there is one); {} when it is away."""
    one = target
    if schema and len(target.place.schemas) > 1:
        one = target._replace(place=target.place._replace(schemas=(schema,)))
    deadline = Deadline.after(READ_S, now)
    try:
        (look,) = looks.all_of(one, deadline, no_runs)
        if look.fault is not None or look.split is None:
            return {}
        files = [file for file in look.history.files if file.tag in tags]
        session, name = _session(one, look, deadline)
        try:
            return _costs(session, name, look, files, deadline)
        finally:
            session.close()
    except (Away, ValueError):
        return {}


def _session(target: Target, look: Look, deadline: Deadline) -> tuple[Session, str]:
    match target.database.engine:
        case "postgres":
            from dbops.probes.postgres_session import PostgresSession

            return PostgresSession(schemas.address(target), deadline), look.name
        case "sqlite":
            return d1_probe.source(target, deadline), d1_probe.MAIN
    from dbops.probes.mysql_session import MySqlSession

    return MySqlSession(schemas.address(target), look.name, deadline), look.name


def _costs(
    session: Session, schema: str, look: Look, files: Sequence[File], deadline: Deadline
) -> Costs:
    split: Callable[[str], list[str]] = look.split or (lambda _text: [])
    texts = {(file.tag, n): text for file in files for n, text in enumerate(split(file.text), 1)}
    ways = _ways(look, split, list(texts.values()), deadline)
    statements = [parser.read(text, look.live.dialect) for text in texts.values()]
    copied = rewriting.copied(look.live, statements)
    sizes: dict[str, Size] = {}
    found: dict[tuple[str, int], Cost] = {}
    for at, (key, statement, way) in enumerate(zip(texts, statements, ways, strict=True)):
        table = copied.get(at) or _table(statement)
        if table not in look.live.tables:
            continue  # made by one of these files: nothing is in it yet
        if table not in sizes:
            sizes[table] = _size(session, schema, table)
        kept = at not in copied and statement.understood and not set(statement.kinds) - KEEPS
        found[key] = Cost(table, sizes[table], *(("", "") if kept else way))
    return found


def _table(statement: Statement) -> str:
    named: Iterable[str] = (act.table for act in statement.acts if act.kind not in NEW)
    return next((name for name in named if name), "")


def _ways(
    look: Look, split: Callable[[str], list[str]], texts: Sequence[str], deadline: Deadline
) -> list[tuple[str, str]]:
    """(algorithm, evidence) of each statement."""
    if look.live.dialect != "mysql":
        return rewriting.ways(look.live, [parser.read(one, look.live.dialect) for one in texts])
    if "vitess" in look.live.version.lower():
        return [(NOT_KNOWN, "the deploy request says it")] * len(texts)
    applied = [
        (file.tag, number, text)
        for file in look.history.applied
        for number, text in enumerate(split(file.text), 1)
    ]
    try:
        tried = shadow_mysql.algorithms(look.live, applied, texts, deadline)
    except Away as away:
        return [(NOT_KNOWN, away.reason)] * len(texts)
    said = f"tried on an empty table of {look.live.version}"
    none = (NOT_KNOWN, "it cannot be tried")
    return [(one, said) if one else none for one in tried]


def _size(session: Session, schema: str, table: str) -> Size:
    mark = "`" if session.dialect == "mysql" else '"'
    names = [table] if session.dialect == "sqlite" else [schema, table]
    home = ".".join(f"{mark}{name.replace(mark, mark * 2)}{mark}" for name in names)
    limited = f"SELECT 1 FROM {home} LIMIT {COUNTED + 1}"  # noqa: S608
    try:
        ((rows,),) = session.rows(f"SELECT COUNT(*) FROM ({limited}) counted")  # noqa: S608
        sized = session.dialect != "sqlite"
        sql = MYSQL_SIZE if session.dialect == "mysql" else POSTGRES_SIZE
        ((about, size),) = session.rows(sql, (schema, table)) if sized else [(None, None)]
    except (Away, NoSuchTable, ValueError):
        return Size()
    held = None if size is None else int(size)
    if rows > COUNTED and about is not None:
        return Size(max(int(about), COUNTED), counted=False, bytes=held)
    return Size(int(rows), counted=rows <= COUNTED, bytes=held)
