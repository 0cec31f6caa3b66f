"""The hash chain: what a row's hash covers, and what is wrong with a run of rows. Pure.

row_hash = hex HMAC-SHA256(key, prev_hash + canonical row). The canonical row is every column but
row_hash and created_at as sorted compact JSON with explicit nulls; JSON columns take part as
values, because MySQL reformats their text. The key is chosen by the date of occurred_at.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from openinsure.environment import ConfigurationError

GENESIS = "0" * 64  # prev_hash of seq 1
KEY_LENGTH_MIN = 32  # bytes; an HMAC-SHA256 key shorter than its digest is weaker than it
RETENTION = "audit.retention"  # the chained row that accounts for a removed prefix

HASHED = (
    "id",
    "org_id",
    "seq",
    "actor_user_id",
    "actor_role",
    "action",
    "entity_keyspace",
    "entity_table",
    "entity_id",
    "parent_entity_id",
    "request_id",
    "ip",
    "user_agent",
    "before_json",
    "after_json",
    "reason",
    "cross_org",
    "prev_hash",
    "occurred_at",
)

_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)

Kind = Literal["changed", "missing", "unlinked", "rewritten", "truncated"]


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by the first day they count, oldest first. `repr` never shows them."""

    keys: tuple[tuple[date, bytes], ...]

    def __repr__(self) -> str:
        return f"KeyRing({[day.isoformat() for day, _ in self.keys]})"

    def at(self, moment: datetime) -> bytes:
        """The key of that moment's UTC date. Raises ConfigurationError when none covers it."""
        day = moment.astimezone(UTC).date()
        for since, key in reversed(self.keys):
            if since <= day:
                return key
        raise ConfigurationError("OPENINSURE_AUDIT_KEYS", f"has no key for {day.isoformat()}")

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """Read `2026-01-01:<hex>,2027-01-01:<hex>`. Raises ConfigurationError naming the rule."""
        keys: dict[date, bytes] = {}
        for part in text.split(","):
            since, _, key = part.strip().partition(":")
            try:
                day, secret = date.fromisoformat(since), bytes.fromhex(key)
            except ValueError:
                rule = "must be DATE:HEX, comma between several"
                raise ConfigurationError("OPENINSURE_AUDIT_KEYS", rule) from None
            if len(secret) < KEY_LENGTH_MIN:
                rule = f"needs at least {KEY_LENGTH_MIN} bytes of key from {since}"
                raise ConfigurationError("OPENINSURE_AUDIT_KEYS", rule)
            if day in keys:
                raise ConfigurationError("OPENINSURE_AUDIT_KEYS", f"names {since} twice")
            keys[day] = secret
        return cls(tuple(sorted(keys.items())))


@dataclass(frozen=True, slots=True)
class Link:
    """A place in a chain: the row before the next one. Seq 0 is before the first row."""

    seq: int = 0
    row_hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing wrong with a chain. `seq` is the first place that cannot be trusted.

    changed: a row's own hash fails. missing: a gap. unlinked: prev_hash is not the row before.
    rewritten: valid by itself but not what an anchor holds. truncated: the tail is gone.
    """

    kind: Kind
    seq: int


def canonical(row: Mapping[str, Any]) -> bytes:
    """The bytes that a hash covers, without prev_hash's prefix. Needs every HASHED column."""
    values = {name: row[name] for name in HASHED}
    values["occurred_at"] = instant(row["occurred_at"])
    values["cross_org"] = bool(row["cross_org"])
    return compact(values)


def compact(value: Any) -> bytes:
    """Sorted compact JSON in UTF-8. Raises ValueError for NaN, TypeError for unknown types."""
    return _JSON.encode(value).encode()


def instant(moment: datetime) -> str:
    """UTC with milliseconds, as the column keeps it: 2026-11-20T07:00:00.123Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"


def row_hash(ring: KeyRing, row: Mapping[str, Any]) -> str:
    """The hash that the row must carry, 64 hex characters."""
    covered = str(row["prev_hash"]).encode() + canonical(row)
    return hmac.digest(ring.at(row["occurred_at"]), covered, "sha256").hex()


class Walk:
    """Checks rows of one organisation fed in order of seq; stops at the first fault.

    `anchors` are hashes known from outside by seq; a row that disagrees was rewritten.
    """

    def __init__(
        self, ring: KeyRing, *, start: Link | None = None, anchors: Mapping[int, str] | None = None
    ) -> None:
        self.ring = ring
        self.at = start or Link()
        self.rows = 0
        self.fault: Fault | None = None
        self._anchors = anchors or {}
        self._cut: Link | None = None  # where a removed prefix ended, until its row is found

    def feed(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Check further rows; after a fault nothing more is looked at."""
        for row in rows:
            if self.fault is not None:
                return
            self.fault = self._fault_of(row)
            if self.fault is None:
                self.at = Link(row["seq"], row["row_hash"])
                self.rows += 1

    def finish(self) -> Fault | None:
        """The verdict once all rows were fed: also a cut tail and an unaccounted prefix."""
        if self.fault is None and self._cut is not None:
            self.fault = Fault("missing", 1)
        newest = max(self._anchors, default=0)
        if self.fault is None and newest > self.at.seq:
            self.fault = Fault("truncated", self.at.seq + 1)
        return self.fault

    def _fault_of(self, row: Mapping[str, Any]) -> Fault | None:
        seq = row["seq"]
        if self.at.seq == 0 and seq > 1:
            self._cut = self.at = Link(seq - 1, row["prev_hash"])
        if seq != self.at.seq + 1:
            return Fault("missing", self.at.seq + 1)
        if row["prev_hash"] != self.at.row_hash:
            return Fault("unlinked", seq)
        if not hmac.compare_digest(row_hash(self.ring, row), row["row_hash"]):
            return Fault("changed", seq)
        if self._anchors.get(seq, row["row_hash"]) != row["row_hash"]:
            return Fault("rewritten", seq)
        if self._cut is not None and row["action"] == RETENTION:
            removed = row["after_json"] or {}
            if (removed.get("through_seq"), removed.get("through_hash")) == (
                self._cut.seq,
                self._cut.row_hash,
            ):
                self._cut = None
        return None
