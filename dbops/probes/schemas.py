"""Schema by schema: ledger, files, live and expected names put together into one reading."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from dbops.catalog import expected
from dbops.history.rules import NOTHING, Known, Runs, no_runs
from dbops.history.states import ROLL_UP, File, FileState, FilesUnreadable, History
from dbops.inventory import EMPTY, Database, Target
from dbops.probes.sessions import Away, Names, Session
from dbops.readings import Deadline, Drift, Keyspace, Migration, Reading, State, silent, worst
from openinsure import environment
from openinsure.dsn import Dsn
from openinsure.plurals import many

NO_HISTORY = History(migrations=(), applied=())
OPEN = (FileState.FAILED, FileState.PENDING)  # what a run of the tool's own may be at
# Prisma's and ours, where the database is ours.
OWNER_DEPLOYS, OURS = "the owner runs prisma migrate deploy", "openinsure db migrate"
OUR_DRIZZLE = "openinsure db migrate --ps"  # on the MySQL family, where the database is ours
SHOWN = 3  # names in a one-line detail; the page has all


class Schema(NamedTuple):
    """One schema looked at; `fault` when that was not possible."""

    name: str
    history: History = NO_HISTORY
    live: Names = EMPTY
    wanted: Names | None = None  # None: nobody knows which names to expect
    expected: int | None = None
    fault: Away | None = None
    alarms: tuple[str, ...] = ()  # high findings of the probe, `kind object`

    @property
    def missing(self) -> list[str]:
        """`table` and `table.column` that should be there and are not."""
        lost = []
        for table, columns in sorted((self.wanted or {}).items()):
            if table not in self.live:
                lost.append(table)
            elif gone := columns - self.live[table]:
                lost += [f"{table}.{column}" for column in sorted(gone)]
        return lost

    @property
    def findings(self) -> list[str]:
        """Critical differences, `kind object`. A schema that was not read has none to tell."""
        if self.fault is not None:
            return []
        found = [
            f"{'column' if '.' in name else 'table'}_missing {self.name}.{name}"
            for name in self.missing
        ]
        if not self.history.initialised and self.live and self.history.available:
            found.append(f"ledger_missing {self.name}")
        short = self.expected is not None and len(self.live) < self.expected
        if short and not found and not self.history.pending:
            found.append(f"table_missing {self.name} ({len(self.live)} of {self.expected})")
        return found

    @property
    def state(self) -> State:
        """The worst of ledger and names."""
        if self.fault is not None:
            return self.fault.state
        states = [self.history.state]
        states += [State.DRIFTED] if self.findings or self.alarms else []
        states += [State.UNKNOWN] if self.history.behind else []
        return worst(states, State.UNVERIFIED)


def address(target: Target) -> Dsn:
    """The server of this place. Raises Away when its variable is not set or not readable."""
    variable = target.place.url_env
    if not variable:
        raise Away(State.UNKNOWN, f"the inventory names no address for {target.place.name}")
    text = environment.optional(variable)
    if not text:
        raise Away(State.UNKNOWN, f"{variable} is not set", absent=True)
    try:
        return Dsn.parse(text, variable)
    except environment.ConfigurationError as error:
        raise Away(State.UNKNOWN, str(error)) from None


def read(
    database: Database, folder: Path, session: Session, schema: str, runs: Runs = no_runs
) -> tuple[History, Names]:
    """Files against ledger, and the live names, by the database's tool.

    The ledger is read before and after the names: a migration running meanwhile would give half
    of each. Raises Away: files unreadable, or two looks in a row that disagree.
    """
    if database.tool == "none":
        return NO_HISTORY, expected.counted(session.names(schema))
    tool = import_module(f"dbops.history.{database.tool}")  # files, ledger, compare
    try:
        files = tool.files(folder)
    except FilesUnreadable as error:
        raise Away(State.UNKNOWN, f"files: {error.reason}") from None
    named = database.ledger
    rows = tool.ledger(session, schema, named)
    for _ in range(2):
        live = expected.counted(session.names(schema), named.tables_in(schema))
        before, rows = rows, tool.ledger(session, schema, named)
        if rows == before:
            keyspace = schema if "{keyspace}" in database.migrations else ""
            history = traced(tool, files, rows, keyspace, session, schema, runs(schema))
            told = getattr(tool, "strays", _none)(folder, files)
            return (history._replace(notes=(*history.notes, *told)) if told else history), live
    raise Away(State.UNKNOWN, "a migration is running")


def traced(
    tool: Any,
    files: Sequence[File],
    rows: Any,
    keyspace: str,
    session: Session,
    schema: str,
    known: Known = NOTHING,
) -> History:
    """Files against ledger; where a file has no row, or a row no run, against the live schema.

    Without a ledger nothing is looked for: `ledger_missing` says more than thirty partial files.
    """
    notes: tuple[str, ...] = ()
    if session.dialect == "mysql" and hasattr(tool, "SPLIT") and _vitess(session):
        online = import_module("dbops.probes.online_ddl")
        known, notes = online.joined(known, session, files, tool.SPLIT)
    history = _judged(tool, files, rows, keyspace, session, schema, known)
    return history._replace(notes=(*history.notes, *notes)) if notes else history


def _vitess(session: Any) -> bool:
    return "vitess" in session.version().lower()


def _judged(
    tool: Any,
    files: Sequence[File],
    rows: Any,
    keyspace: str,
    session: Session,
    schema: str,
    known: Known,
) -> History:
    history: History = tool.compare(files, rows, keyspace, known=known)
    if history.state is not State.UNVERIFIED and getattr(tool, "under_way", _never)(session):
        waiting = {m.tag for m in history.migrations if m.state in OPEN}
        known = known._replace(running=known.running | waiting)
        history = tool.compare(files, rows, keyspace, known=known)
    marked = any(m.state == FileState.MARKED for m in history.migrations)
    settled = history.state is State.UNVERIFIED and not marked
    if rows is None or not hasattr(tool, "SPLIT") or settled:
        return history
    looking = import_module("dbops.history.looking")  # parser and catalog: only when needed
    readers = import_module("dbops.catalog.readers")

    def again(more: Known) -> History:
        found: History = tool.compare(files, rows, keyspace, known=more)
        return found

    def live() -> Any:
        return readers.facts(session, schema)

    found: History = looking.with_traces(history, again, tool.SPLIT, live, known)
    return found


def alarms(database: Database, session: Session, schema: str) -> tuple[str, ...]:
    """What a tool's own lock says when nobody holds it. Raises Away."""
    if database.tool != "kysely":
        return ()
    stuck = import_module("dbops.history.kysely").stuck(session, schema, database.ledger)
    return (stuck,) if stuck else ()


def _never(_session: Session) -> bool:
    return False


def _none(_folder: Path, _files: Sequence[File]) -> tuple[str, ...]:
    return ()


def wanted_of(database: Database, folder: Path, history: History) -> Names | None:
    """Expected names; None for tools whose files are programs. Raises Away."""
    if not history.initialised:
        return None
    try:
        match database.tool:
            case "drizzle":
                return expected.counted(expected.of_drizzle(folder, history.applied))
            case "prisma":
                return expected.counted(expected.of_sql(history.applied))
            case _:
                return None
    except FilesUnreadable as error:
        raise Away(State.UNKNOWN, f"files: {error.reason}") from None


def reading(target: Target, deadline: Deadline, schemas: Sequence[Schema], version: str) -> Reading:
    """One reading of all schemas: worst state, summed counts, the first trouble in words."""
    state = worst((schema.state for schema in schemas), State.UNKNOWN)
    faults = [schema for schema in schemas if schema.fault is not None]
    if len(faults) == len(schemas) and faults and faults[0].fault is not None:
        away = faults[0].fault
        return silent(deadline, away.state, away.reason)._replace(keyspaces=_rows(schemas))
    migrations = tuple(
        m._replace(repair=_repair(m, target))
        for schema in schemas
        for m in schema.history.migrations
    )
    critical = [text for schema in schemas for text in schema.findings]
    high = [text for schema in schemas for text in schema.alarms]
    findings = (*critical, *high)
    trouble = _trouble(schemas, migrations, findings)
    filed = target.database.tool != "none"
    notes = tuple(dict.fromkeys(note for schema in schemas for note in schema.history.notes))
    return Reading(
        state=state,
        detail="; ".join([*trouble, _size(schemas), *notes]),
        read_at=deadline.started_at,
        applied=sum(len(schema.history.applied) for schema in schemas) if filed else None,
        available=sum(schema.history.available for schema in schemas) if filed else None,
        pending=tuple(m.label for schema in schemas for m in schema.history.pending),
        drift=Drift(critical=len(critical), high=len(high)),
        error=trouble[0] if faults else None,
        keyspaces=_rows(schemas),
        migrations=migrations,
        findings=findings,
        version=version,
        notes=notes,
    )


def _repair(migration: Migration, target: Target) -> str:
    """The tool's words made this database's own: its name, and who runs its files."""
    said = migration.repair.replace(f"SLUG {migration.tag}", f"{target.slug} {migration.label}")
    ours = target.database.owner == "we"
    if said == OUR_DRIZZLE and not (ours and target.database.engine in ("vitess", "mysql")):
        return "npx drizzle-kit migrate" if ours else "the owner runs drizzle-kit migrate"
    return OURS if ours and said == OWNER_DEPLOYS else said


def _rows(schemas: Sequence[Schema]) -> tuple[Keyspace, ...]:
    return tuple(
        Keyspace(s.name, None if s.fault else len(s.live), s.expected, s.state, s.history.basis)
        for s in schemas
    )


def _size(schemas: Sequence[Schema]) -> str:
    read = [schema for schema in schemas if schema.fault is None]
    tables = sum(len(schema.live) for schema in read)
    of = f"{len(read)} of {len(schemas)}" if len(read) < len(schemas) else f"{len(schemas)}"
    across = f" across {of} keyspaces" if len(schemas) > 1 else ""
    return f"{many(tables, 'table')}{across}"


def _trouble(
    schemas: Sequence[Schema], migrations: Sequence[Migration], findings: Sequence[str]
) -> list[str]:
    """Worst first, in words: who is silent, what the ledger says, what is missing."""
    said = [f"{s.name}: {s.fault.reason}" for s in schemas if s.fault is not None]
    said += [f"{s.name}: files behind the ledger" for s in schemas if s.history.behind]
    ranks = list(State)
    ranked: list[tuple[int, str]] = []
    for state, rolled in ROLL_UP.items():
        labels = [m.label for m in migrations if m.state == state and not m.quiet]
        if labels:
            words = f"{len(labels)} {state.replace('_', ' ')}: {_some(labels)}"
            ranked.append((ranks.index(rolled), words))
    if findings:
        words = _some([text.replace("_", " ", 1) for text in findings])
        ranked.append((ranks.index(State.DRIFTED), words))
    return said + [words for _, words in sorted(ranked, key=lambda one: one[0])]


def _some(labels: Sequence[str]) -> str:
    more = f" and {len(labels) - SHOWN} more" if len(labels) > SHOWN else ""
    return ", ".join(labels[:SHOWN]) + more
