"""Cloudflare D1: `NNNN_name.sql` against `d1_migrations(id, name, applied_at)`, no hash.

Folder and ledger name come from the binding in wrangler.toml or wrangler.jsonc. The local file's
name is derived from the database id as wrangler does it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from dbops import toml_cache
from dbops.history import by_name
from dbops.history.rules import NOTHING, Known
from dbops.history.states import (
    File,
    FilesUnreadable,
    History,
    count_statements,
    folder,
    read_bytes,
    split_statements,
)
from dbops.probes.sessions import NoSuchTable, Session

OBJECT = "miniflare-D1DatabaseObject"
TABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SPLIT = split_statements
RUN = "openinsure db migrate --d1"


class Binding(NamedTuple):
    """One `[[d1_databases]]` entry."""

    database_id: str  # what the local file's name is derived from
    migrations: Path
    table: str
    remote_id: str = ""  # the database at Cloudflare, where a preview has an id of its own


def binding(wrangler: Path, database_name: str) -> Binding:
    """The entry with that database_name, or the only one. Raises FilesUnreadable."""
    try:
        text = read_bytes(wrangler).decode()
        toml = wrangler.suffix == ".toml"
        entries = (toml_cache.loads(text) if toml else _jsonc(text))["d1_databases"]
    except (ValueError, KeyError, TypeError):
        raise FilesUnreadable(f"{wrangler.name} holds no readable d1_databases") from None
    named = [entry for entry in entries if entry.get("database_name") == database_name]
    chosen = named or (entries if len(entries) == 1 else [])
    if not chosen or not chosen[0].get("database_id"):
        raise FilesUnreadable(f"{wrangler.name} has no database {database_name} with an id")
    entry = chosen[0]
    table = entry.get("migrations_table", "d1_migrations")
    if not TABLE_NAME.fullmatch(table):
        raise FilesUnreadable(f"{wrangler.name}: migrations_table is no plain name")
    path = wrangler.parent / entry.get("migrations_dir", "migrations")
    remote = str(entry["database_id"])
    return Binding(str(entry.get("preview_database_id") or remote), path, table, remote)


def _jsonc(text: str) -> Any:
    """wrangler.jsonc: JSON with comments and commas before a closing bracket."""
    import json

    token = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/', re.S)
    bare = token.sub(lambda found: found[0] if found[0][0] == '"' else " ", text)
    comma = re.compile(r'"(?:[^"\\]|\\.)*"|,(?=\s*[\]}])', re.S)
    return json.loads(comma.sub(lambda found: "" if found[0] == "," else found[0], bare))


def local_file(state_dir: Path, database_id: str) -> Path:
    """Where wrangler keeps the local database: a name derived by HMAC-SHA256 from the id."""
    key = hashlib.sha256(OBJECT.encode()).digest()
    name = hmac.new(key, database_id.encode(), hashlib.sha256).digest()[:16]
    check = hmac.new(key, name, hashlib.sha256).digest()[:16]
    return state_dir / "v3" / "d1" / OBJECT / f"{(name + check).hex()}.sqlite"


def files(path: Path) -> list[File]:
    """The SQL files by name, `.sql` kept as in the ledger. Raises FilesUnreadable."""
    found = []
    for sql in sorted(folder(path).glob("*.sql")):
        content = read_bytes(sql)
        text = content.decode(errors="replace")
        found.append(File(sql.name, sql.name, content, count_statements(text)))
    return found


def ledger(session: Session, table: str) -> dict[str, str | None] | None:
    """Name -> time of applying (ISO 8601 UTC), by id; None without ledger. Raises Away."""
    try:
        rows = session.rows(f"SELECT name, applied_at FROM {table} ORDER BY id")  # noqa: S608
    except NoSuchTable:
        return None
    return {str(name): _iso(at) for name, at in rows}


def _iso(at: object) -> str | None:
    """None for what is no time: somebody wrote it by hand."""
    text = str(at).replace(" ", "T").removesuffix("Z")
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return f"{text}Z"


def compare(
    found: Sequence[File],
    rows: Mapping[str, str | None] | None,
    keyspace: str,
    *,
    known: Known = NOTHING,
) -> History:
    """Every file and every orphaned row with its state and evidence. Pure but for `known`."""
    return by_name.compare(found, rows, keyspace, run=RUN, known=known)
