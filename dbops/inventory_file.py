"""The inventory file read and refused: every rule of its TOML, each error with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Never

from dbops import inventory, toml_cache
from dbops.inventory import Database, Expected, Ignore, InventoryError, Ledger, Place
from openinsure import environment

TEXT, FLAG, LIST, TABLE, COUNT = (str, bool, list, dict, int)
DATABASE_KEYS: dict[str, type] = {
    **dict.fromkeys(("slug", "name", "engine", "host", "tool", "owner", "status"), TEXT),
    **dict.fromkeys(("migrations", "ledger_layout", "runbook"), TEXT),
    **dict.fromkeys(("ledger_table", "ledger_schema", "ledger_lock_table"), TEXT),
    **dict.fromkeys(("expected", "places"), TABLE),
    "ignore": LIST,
}
IGNORE_KEYS: dict[str, type] = {
    **dict.fromkeys(("name", "objects", "reason"), TEXT),
    "kinds": LIST,
}
REQUIRED = ("slug", "name", "engine", "host", "tool", "owner", "status", "places")
CHOICES = {
    "engine": inventory.ENGINES,
    "host": inventory.HOSTS,
    "tool": inventory.TOOLS,
    "owner": inventory.OWNERS,
    "status": inventory.STATUSES,
    "ledger_layout": inventory.LAYOUTS,
}
PLACE_KEYS: dict[str, type] = {
    **dict.fromkeys(("url_env", "migrator_env", "account_env", "token_env"), TEXT),
    **dict.fromkeys(("file", "wrangler", "state_dir", "branch"), TEXT),
    "schemas": LIST,
    "optional": FLAG,
    "safe_migrations": FLAG,
}
EXPECTED_KEYS: dict[str, type] = {
    **dict.fromkeys(("head", "oldest"), TEXT),
    "tables": TABLE,
    "migrations": COUNT,
}
KINDS = {TEXT: "text", FLAG: "true or false", LIST: "a list", TABLE: "a table", COUNT: "a number"}

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SCHEMA = re.compile(r"[A-Za-z_][A-Za-z0-9_$-]{0,63}")
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
# An address with a password in it, or a vendor's token: never in a file, whatever the key.
CREDENTIAL = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s@]*:[^/\s@]+@|pscale_(?:tkn|pw|api)_", re.I)
SECRET_KEY = re.compile(r"pass|secret|token|credential|(?:^|_)(?:url|uri|dsn|key)$", re.I)


class _File:
    """The text beside the parsed values, to say on which line a value stands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            text = path.read_bytes().decode()
        except OSError as error:
            raise InventoryError(path, 0, f"cannot be read ({error.strerror})") from None
        except UnicodeDecodeError:
            raise InventoryError(path, 0, "cannot be read (it is not UTF-8)") from None
        self.lines = text.splitlines()
        try:
            self.values = toml_cache.loads(text)
        except ValueError as error:
            found = re.search(r"at line (\d+)", str(error))
            raise InventoryError(path, int(found[1]) if found else 0, "is no TOML") from None

    def _starts(self) -> list[int]:
        header = re.compile(r"\s*\[\[\s*database\s*\]\]")
        return [n for n, line in enumerate(self.lines) if header.match(line)] + [len(self.lines)]

    def line(self, index: int, *keys: str) -> int:
        """1-based line of a key inside the nth database; the database's own when not found."""
        starts = self._starts()
        first, last = (starts[index], starts[index + 1]) if index + 1 < len(starts) else (0, 0)
        at = first
        for key in keys:
            quoted = rf"[\"']?{re.escape(key)}[\"']?"
            wanted = re.compile(rf"(?:^|[\s\[{{,.]){quoted}\s*[=\].]")
            hits = [n for n in range(at, last) if wanted.search(self.lines[n].split("#")[0])]
            at = hits[0] if hits else at
        return at + 1

    def refuse(self, rule: str, index: int = -1, *keys: str) -> Never:
        """Raises InventoryError at the line of the keys."""
        raise InventoryError(self.path, self.line(index, *keys) if index >= 0 else 0, rule)


def _checked(
    file: _File, index: int, entry: Mapping[str, Any], keys: dict[str, type], *under: str
) -> None:
    """Only known keys, each of its kind, no secret in any value."""
    for key, value in entry.items():
        at = (*under, key)
        if key not in keys:
            why = "; secrets stay in the environment" if SECRET_KEY.search(key) else ""
            file.refuse(f"unknown key {key}{why}; known are {', '.join(keys)}", index, *at)
        kind = keys[key]
        if not isinstance(value, kind) or (kind is COUNT and isinstance(value, bool)):
            file.refuse(f"{key} must be {KINDS[kind]}", index, *at)
        if not isinstance(value, str):
            continue
        if CREDENTIAL.search(value):
            file.refuse(f"{key} holds a credential; it stays in the environment", index, *at)
        if key.endswith("_env") and not VARIABLE.fullmatch(value):
            file.refuse(f"{key} must name a variable (A-Z 0-9 _), not hold its value", index, *at)


def _path(file: _File, text: str) -> Path:
    """Absolute; {state} is the folder of local engines, anything else relative to the file."""
    filled = text.replace("{state}", str(environment.state_dir()))
    return (file.path.parent / Path(filled).expanduser()).resolve()


def _place(file: _File, index: int, name: str, entry: Any) -> Place:
    if name not in environment.ENVIRONMENTS or not isinstance(entry, dict):
        rule = f"places.{name}: a place is one of {', '.join(environment.ENVIRONMENTS)}"
        file.refuse(rule, index, "places", name)
    _checked(file, index, entry, PLACE_KEYS, "places", name)
    schemas = entry.get("schemas", [])
    for schema in schemas:
        if not isinstance(schema, str) or not SCHEMA.fullmatch(schema):
            file.refuse("schemas must be plain names", index, "places", name, "schemas")
    if len(set(schemas)) != len(schemas):
        file.refuse("schemas names one twice", index, "places", name, "schemas")
    kept = ("file", "wrangler", "state_dir")
    paths = {key: _path(file, entry[key]) for key in kept if key in entry}
    return Place(name, **{**entry, **paths, "schemas": tuple(schemas)})


def _expected(file: _File, index: int, entry: Mapping[str, Any]) -> Expected:
    _checked(file, index, entry, EXPECTED_KEYS, "expected")
    tables = entry.get("tables", {})
    for schema, count in tables.items():
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            file.refuse(f"expected.tables.{schema} must be a number", index, "expected", schema)
    return Expected(**{**entry, "tables": tables})


def _ignore(file: _File, index: int, entries: list[Any]) -> tuple[Ignore, ...]:
    """Every rule says what it leaves aside and why; one without a reason hides something."""
    if not entries:
        return ()
    from dbops.catalog.findings import KINDS, NEVER_ACCEPTED  # most files have no rule

    found: list[Ignore] = []
    for entry in entries:
        if not isinstance(entry, dict):
            file.refuse("each rule is a [[database.ignore]] table", index, "ignore")
        _checked(file, index, entry, IGNORE_KEYS, "ignore")
        for key in ("name", "objects", "reason"):
            if not entry.get(key, "").strip():
                file.refuse(f"ignore.{key} is missing", index, "ignore")
        unknown = [
            kind for kind in entry.get("kinds", []) if kind in NEVER_ACCEPTED or kind not in KINDS
        ]
        if unknown:
            file.refuse(f"ignore.kinds: {unknown[0]} cannot be ignored", index, "ignore")
        if entry["name"] in [rule.name for rule in found]:
            file.refuse(f"ignore: {entry['name']} stands twice", index, "ignore")
        found.append(Ignore(**{**entry, "kinds": tuple(entry.get("kinds", []))}))
    return tuple(found)


def _ledger(file: _File, index: int, entry: Mapping[str, Any]) -> Ledger:
    """Only where the tool lets its ledger have another name, and only plain names."""
    tool, postgres = entry["tool"], entry["engine"] == "postgres"
    takes = inventory.LEDGER_KEYS_OF.get(tool, ())
    for key in (one for one in entry if one.startswith("ledger_") and one != "ledger_layout"):
        if key not in takes:
            why = inventory.FIXED_LEDGERS.get(tool, f"tool {tool} has no such table")
            file.refuse(f"{key} cannot be set: {why}", index, key)
        if not SCHEMA.fullmatch(entry[key]):
            file.refuse(f"{key} must be a plain name", index, key)
        if key == "ledger_schema" and not postgres:
            file.refuse(f"{key} is for postgres; elsewhere the ledger stands beside", index, key)
    home = inventory.DRIZZLE_SCHEMA if postgres and tool == "drizzle" else ""
    schema = entry.get("ledger_schema", home)
    return Ledger(entry.get("ledger_table", ""), schema, entry.get("ledger_lock_table", ""))


def _choices(file: _File, index: int, entry: Mapping[str, Any]) -> None:
    for key in REQUIRED:
        if key not in entry:
            file.refuse(f"{key} is missing", index)
    if not SLUG.fullmatch(entry["slug"]):
        file.refuse("slug must be a-z 0-9 - (none at an end)", index, "slug")
    for key, choices in CHOICES.items():
        if key in entry and entry[key] not in choices:
            file.refuse(f"{key} must be one of {', '.join(choices)}", index, key)
    tools = inventory.TOOLS_OF[entry["engine"]]
    if entry["tool"] not in tools:
        file.refuse(f"{entry['engine']} is read with tool {' or '.join(tools)}", index, "tool")
    if entry["tool"] in inventory.READS_FOLDER and not entry.get("migrations"):
        file.refuse(f"migrations is missing: the folder that {entry['tool']} writes", index)


def _database(file: _File, index: int, entry: Any) -> Database:
    if not isinstance(entry, dict):
        file.refuse("each database is a [[database]] table")
    _checked(file, index, entry, DATABASE_KEYS)
    _choices(file, index, entry)
    places = {name: _place(file, index, name, value) for name, value in entry["places"].items()}
    plain = entry["engine"] == "sqlite" and entry["tool"] != "d1"
    for name in (one.name for one in places.values() if one.file and not plain):
        said = "file is for sqlite; that of D1 is found by its wrangler file"
        file.refuse(said, index, "places", name, "file")
    folder, runbook = entry.get("migrations", ""), entry.get("runbook", "")
    return Database(
        **{key: entry[key] for key in REQUIRED if key != "places"},
        places=places,
        expected=_expected(file, index, entry.get("expected", {})),
        migrations=str(_path(file, folder)) if folder else "",
        ledger_layout=entry.get("ledger_layout", "per-keyspace"),
        runbook=_path(file, runbook) if runbook else None,
        ignore=_ignore(file, index, entry.get("ignore", [])),
        ledger=_ledger(file, index, entry),
    )


def read(path: Path) -> tuple[Database, ...]:
    """The databases of one file, in its order. Raises InventoryError with the line."""
    file = _File(path)
    entries = file.values.get("database", [])
    for key in file.values:
        if key != "database":
            file.refuse(f"unknown key {key}; the file holds only [[database]] tables")
    if not isinstance(entries, list):
        file.refuse("each database is a [[database]] table")
    if not entries:
        file.refuse("holds no [[database]] table")
    found: list[Database] = []
    for index, entry in enumerate(entries):
        database = _database(file, index, entry)
        if database.slug in [earlier.slug for earlier in found]:
            file.refuse(f"slug {database.slug} stands twice", index, "slug")
        found.append(database)
    return tuple(found)
