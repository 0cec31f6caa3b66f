"""The databases as data: types of the inventory file and where the file is. No Django.

Owns the vocabulary (engines, tools, owners). `inventory_file` reads and refuses; nobody else
parses TOML. A seventh database of a known engine is an edit of the file, never of the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from openinsure import environment

SHIPPED = Path(__file__).resolve().parent / "inventory.toml"
VARIABLE = "OPENINSURE_INVENTORY"

ENGINES = ("vitess", "mysql", "sqlite", "postgres", "spicedb", "tigerbeetle")
HOSTS = ("planetscale", "cloudflare", "fly", "own")
TOOLS = ("drizzle", "d1", "prisma", "kysely", "django", "spicedb", "none")
OWNERS = ("we", "self")
STATUSES = ("active", "legacy", "retired")
LAYOUTS = ("per-keyspace", "single")
# Which ledgers each engine can hold; another pair is refused when the file is read.
TOOLS_OF = {
    "vitess": ("drizzle", "prisma", "kysely", "django", "none"),
    "mysql": ("drizzle", "prisma", "kysely", "django", "none"),
    "postgres": ("prisma", "drizzle", "kysely", "django", "none"),
    "sqlite": ("d1", "drizzle", "none"),
    "spicedb": ("spicedb",),
    "tigerbeetle": ("none",),
}


# Tools whose ledger may be named otherwise: the keys for it, and why others take none.
LEDGER_KEYS_OF = {
    "drizzle": ("ledger_table", "ledger_schema"),
    "kysely": ("ledger_table", "ledger_schema", "ledger_lock_table"),
}
READS_FOLDER = ("drizzle", "prisma", "kysely", "django")  # `migrations` says which
FIXED_LEDGERS = {
    "d1": "wrangler's own file names it (migrations_table)",
    "prisma": "Prisma's is always _prisma_migrations",
    "django": "Django's is always django_migrations",
}
DRIZZLE_SCHEMA = "drizzle"  # of its ledger on PostgreSQL


EMPTY: Mapping[Any, Any] = MappingProxyType({})  # of fields: shared, so never to be changed


class Place(NamedTuple):
    """Where one environment's copy is. `*_env` are names of variables, never values."""

    name: str
    url_env: str = ""
    migrator_env: str = ""  # who may change it; url_env where it is not given
    schemas: tuple[str, ...] = ()
    optional: bool = False
    file: Path | None = None  # an SQLite database that is no D1
    wrangler: Path | None = None
    state_dir: Path | None = None
    account_env: str = ""
    token_env: str = ""
    branch: str = ""
    safe_migrations: bool = False

    @property
    def variable(self) -> str:
        """The variable that holds its address or its key; "" where the address is a file."""
        return self.url_env or self.token_env


class Expected(NamedTuple):
    """What should be there: tables per schema, number of migrations, newest revision.

    Of TigerBeetle `head` is the cluster's release, `oldest` the oldest client that it takes.
    """

    tables: Mapping[str, int] = EMPTY
    migrations: int | None = None
    head: str = ""
    oldest: str = ""


class Ledger(NamedTuple):
    """Where a tool keeps its record; "" is the tool's own name, or the schema beside it."""

    table: str = ""  # migrationsTable of Drizzle, migrationTableName of Kysely
    schema: str = ""  # migrationsSchema, migrationTableSchema: PostgreSQL only
    lock: str = ""  # migrationLockTableName of Kysely

    def tables_in(self, schema: str) -> tuple[str, ...]:
        """Names given to it that stand among the tables of this schema, lower case."""
        if self.schema not in ("", schema):
            return ()
        return tuple(name.lower() for name in (self.table, self.lock) if name)


class Ignore(NamedTuple):
    """Findings that are expected to stand: a glob over keyspace.object, kinds (none: every)."""

    name: str
    objects: str
    reason: str
    kinds: tuple[str, ...] = ()


class Database(NamedTuple):
    """One entry of the inventory."""

    slug: str
    name: str
    engine: str
    host: str
    tool: str
    owner: str
    status: str
    places: dict[str, Place]
    expected: Expected
    migrations: str = ""  # absolute folder; may hold {keyspace}
    ledger_layout: str = "per-keyspace"
    runbook: Path | None = None
    ignore: tuple[Ignore, ...] = ()
    ledger: Ledger = Ledger()

    @property
    def counts(self) -> bool:
        """Active databases decide the exit code and the tiles; legacy ones stand apart."""
        return self.status == "active"

    def folder(self, keyspace: str) -> Path:
        """The migrations folder of one keyspace."""
        return Path(self.migrations.replace("{keyspace}", keyspace))


class Target(NamedTuple):
    """A database at one place: what a probe reads."""

    database: Database
    place: Place

    @property
    def slug(self) -> str:
        """The database's name in addresses and on the command line."""
        return self.database.slug

    @property
    def at_hand(self) -> bool:
        """True for a file here: no other machine is asked for it."""
        return self.database.engine == "sqlite" and not self.place.token_env


class InventoryError(environment.ConfigurationError):
    """The inventory file cannot be accepted: file, line and rule; never echoes a value."""

    def __init__(self, path: Path, line: int, rule: str) -> None:
        where = f"{path}, line {line}" if line else str(path)
        super().__init__(VARIABLE, f"{where}: {rule}")
        self.line, self.rule = line, rule


def path() -> Path:
    """OPENINSURE_INVENTORY, else the shipped file."""
    return Path(environment.optional(VARIABLE) or SHIPPED).expanduser().resolve()


@cache
def _read(file: Path, changed_ns: int) -> tuple[Database, ...]:
    from dbops.inventory_file import read

    return read(file)


def databases() -> tuple[Database, ...]:
    """All databases in the order of the file, read again when the file has changed.

    Raises InventoryError (missing file, unknown keys, duplicate slugs, literal credentials).
    """
    file = path()
    try:
        changed_ns = file.stat().st_mtime_ns
    except OSError as error:
        raise InventoryError(file, 0, f"cannot be read ({error.strerror})") from None
    return _read(file, changed_ns)


def place_name() -> str:
    """The place this process reads: local, staging or production (OPENINSURE_ENV)."""
    return environment.name()


def contacted(place: str = "") -> list[Target]:
    """Active and legacy databases at a place (this environment's); retired ones are left alone.

    A database without such a place gets an empty one: its reading says so, nothing hides.
    """
    place = place or place_name()
    return [
        Target(database, database.places.get(place) or Place(place))
        for database in databases()
        if database.status != "retired"
    ]
