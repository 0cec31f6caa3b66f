"""Structures as they are kept: packed, with the versions of server and normaliser behind them.

A server or a console of another version may spell the same schema in another way. What is new at
the comparison that first met the version is said to come with it, until it changes again.
"""

from __future__ import annotations

import json
import zlib
from datetime import datetime

from dbops.catalog import model
from dbops.catalog.causes import OUT_OF_BAND
from dbops.catalog.findings import TOOL_VERSION, Finding, caused
from dbops.models import StoredSnapshot


def pack(schema: model.Schema) -> bytes:
    """A schema as compressed JSON, about 11 KB for 190 tables."""
    return zlib.compress(json.dumps(model.as_json(schema)).encode(), 6)


def unpack(name: str, packed: bytes) -> model.Schema:
    """The inverse of pack."""
    return model.from_json(name, json.loads(zlib.decompress(packed)))


def store(slug: str, live: model.Schema, at: datetime) -> str:
    """Keep what was read; a new row where the structure differs from the last one's.

    Returns what changed of the tools since the last look (see `between`), else "".
    """
    mark, now = model.fingerprint(live), (live.version, model.NORMALISER)
    rows = StoredSnapshot.objects.filter(slug=slug, keyspace=live.name)
    last = rows.order_by("-id").first()
    said = between((last.version, last.normaliser), now) if last is not None else ""
    if last is not None and last.fingerprint == mark:
        last.seen_at, (last.version, last.normaliser) = at, now
        last.save(update_fields=["seen_at", "version", "normaliser"])
        return said
    StoredSnapshot.objects.create(
        slug=slug,
        keyspace=live.name,
        fingerprint=mark,
        version=live.version,
        normaliser=model.NORMALISER,
        changed=said,
        first_at=at,
        seen_at=at,
        packed=pack(live),
    )
    return said


def between(old: tuple[str, str], new: tuple[str, str]) -> str:
    """`tool version changed: server 10.6.1 to 10.11.2`; "" where it is not known or the same."""
    said = [
        f"{what} {before} to {after}"
        for what, before, after in zip(("server", "normalizer"), old, new, strict=True)
        if before and after and before != after
    ]
    return f"{TOOL_VERSION}: {', '.join(said)}" if said else ""


def explained(finding: Finding, before: str, changed: str) -> Finding:
    """The finding with its cause: out of band, unless it came, or comes now, with a version.

    before: the cause it stood with until now, "" for a new one.
    """
    if finding.cause != OUT_OF_BAND:
        return finding
    if before.startswith(TOOL_VERSION):
        return caused(finding, before)
    return caused(finding, changed) if changed and not before else finding
