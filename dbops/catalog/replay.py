"""The expected schema: exactly the applied files replayed where nothing else is.

MySQL family: a schema `_oi_shadow_<12 hex>_<keyspace>` on the project's own server (SHADOW_URL);
the hex is the time in ms, so what a killed run left behind can be swept by age. PostgreSQL: a
scratch database of that name (POSTGRES_URL). SQLite: in memory. Nothing here touches the database
that is inspected.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from importlib import import_module
from typing import Protocol

from dbops.catalog.model import NORMALISER, Schema
from dbops.history.states import File
from dbops.probes.sessions import Away
from dbops.readings import Deadline, State

PREFIX = "_oi_shadow_"
NAMED = re.compile(rf"^{PREFIX}([0-9a-f]{{12}})_")
KEPT = timedelta(hours=1)
TIMEOUT_S = 30.0
Split = Callable[[str], list[str]]


class Cache(Protocol):
    """Expected schemas by key. The console keeps them in oi_console, a test in a dict."""

    def get(self, key: str) -> Schema | None:
        """The schema stored under the key."""
        ...

    def put(self, key: str, schema: Schema) -> None:
        """Keep it."""
        ...


class Memory:
    """A cache for one run."""

    def __init__(self) -> None:
        self._held: dict[str, Schema] = {}

    def get(self, key: str) -> Schema | None:
        """The schema stored under the key."""
        return self._held.get(key)

    def put(self, key: str, schema: Schema) -> None:
        """Keep it."""
        self._held[key] = schema

    def clear(self) -> None:
        """Forget all of it."""
        self._held.clear()


class DoesNotReplay(Away):
    """A file's statement was refused by the shadow; names file and number."""

    def __init__(self, tag: str, number: int, why: str) -> None:
        super().__init__(State.UNKNOWN, f"{tag} does not replay: statement {number}, {why}")


def key_of(files: Sequence[File], dialect: str, collation: str, server: str) -> str:
    """The same files on the same server, of the same version, give the same schema."""
    named = [(file.tag, hashlib.sha256(file.content).hexdigest()) for file in files]
    text = repr((named, dialect, collation, server, NORMALISER))
    return hashlib.sha256(text.encode()).hexdigest()


def expected(
    live: Schema, files: Sequence[File], split: Split, *, cache: Cache, now: datetime
) -> Schema:
    """What the files make, in the model, under the live schema's name. Raises Away."""
    shadow = import_module(f"dbops.catalog.shadow_{live.dialect}")
    server = shadow.server()
    key = key_of(files, live.dialect, live.collation, f"{server} {live.version}")
    held = cache.get(key)
    if held is None:
        statements = [
            (file.tag, number, statement)
            for file in files
            for number, statement in enumerate(split(file.text), 1)
        ]
        deadline = Deadline.after(TIMEOUT_S, now)
        held = shadow.replay(live, statements, deadline)
        cache.put(key, held)
    return Schema(live.name, held.dialect, held.tables, held.version, held.collation)


def name_of(keyspace: str, now: datetime) -> str:
    """A shadow's name, at most 64 characters: its second, and 16 bits so that two runs of the
    same second do not share one.
    """
    return f"{PREFIX}{int(now.timestamp()):08x}{secrets.token_hex(2)}_{keyspace}"[:64]


def stale(name: str, now: datetime) -> bool:
    """True for a shadow that a run of more than an hour ago left behind."""
    found = NAMED.match(name)
    if found is None:
        return False
    return now.timestamp() - int(found[1][:8], 16) > KEPT.total_seconds()
