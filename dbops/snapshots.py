"""Stored structures of schemas: since when each stood, and any two of them compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dbops import structures
from dbops.catalog import drift
from dbops.catalog.findings import Finding, worst_first
from dbops.catalog.model import Outdated
from dbops.models import StoredSnapshot
from openinsure.problems import BadFilter, NotFound

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One structure of one schema and how long it stood. before: id of the one it follows."""

    id: int
    keyspace: str
    fingerprint: str
    first_at: datetime
    seen_at: datetime
    before: int | None
    version: str = ""  # of the server
    changed: str = ""  # tools that changed with it: the schema itself may not have


@dataclass(frozen=True, slots=True)
class Change:
    """What is different in the later of two structures. `outdated`: one of them cannot be read."""

    earlier: Snapshot
    later: Snapshot
    findings: tuple[Finding, ...]
    outdated: bool = False


def of(slug: str) -> list[Snapshot]:
    """The newest structures of a database, newest first. One statement; nothing is unpacked."""
    rows = StoredSnapshot.objects.filter(slug=slug).order_by("-id").defer("packed")[:SHOWN]
    found: list[Snapshot] = []
    earlier: dict[str, int] = {}
    for row in reversed(rows):
        before = earlier.get(row.keyspace)
        found.append(
            Snapshot(
                row.pk,
                row.keyspace,
                row.fingerprint,
                row.first_at,
                row.seen_at,
                before,
                row.version,
                row.changed,
            )
        )
        earlier[row.keyspace] = row.pk
    return found[::-1]


def compare(slug: str, earlier: int, later: int) -> Change:
    """The later structure held against the earlier one. Raises NotFound, BadFilter."""
    known = {one.id: one for one in of(slug)}
    for number in (earlier, later):
        if number not in known:
            raise NotFound("structure", message=f"No structure {number} of {slug}.")
    old, new = known[earlier], known[later]
    if old.keyspace != new.keyspace:
        raise BadFilter("later", rule=f"is a structure of {old.keyspace}, as the earlier one is")
    packed = {
        row.pk: bytes(row.packed) for row in StoredSnapshot.objects.filter(pk__in=(earlier, later))
    }
    try:
        one, other = (structures.unpack(old.keyspace, packed[at]) for at in (earlier, later))
    except Outdated:
        return Change(old, new, (), outdated=True)
    return Change(old, new, tuple(worst_first(drift.compare(slug, one, other))))
