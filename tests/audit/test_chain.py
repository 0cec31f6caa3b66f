"""The chain finds every kind of tampering, and its keys are what the settings say."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openinsure.audit.chain import (
    GENESIS,
    RETENTION,
    Fault,
    KeyRing,
    Link,
    Walk,
    canonical,
    row_hash,
)
from openinsure.environment import ConfigurationError
from openinsure.keyspaces.ids import new_id

Row = dict[str, Any]
OLD, NEW = "11" * 32, "22" * 32
RING = KeyRing.parse(f"2026-01-01:{OLD},2026-11-01:{NEW}")
START = datetime(2026, 10, 31, 22, 0, tzinfo=UTC)
ORG = "0190a000-0000-7000-8000-00000000000a"


def make_row(seq: int, prev_hash: str, **values: Any) -> Row:
    row: Row = {
        "id": new_id(),
        "org_id": ORG,
        "seq": seq,
        "actor_user_id": None,
        "actor_role": "support",
        "action": "policy.changed",
        "entity_keyspace": "oi_policies",
        "entity_table": "policies",
        "entity_id": None,
        "parent_entity_id": None,
        "request_id": new_id(),
        "ip": None,
        "user_agent": None,
        "before_json": {"status": "active", "seq": seq},
        "after_json": {"status": "Änderung", "lines": [1, None, True]},
        "reason": None,
        "cross_org": False,
        "prev_hash": prev_hash,
        "occurred_at": START + timedelta(minutes=seq),
        **values,
    }
    row["row_hash"] = row_hash(RING, row)
    return row


def make_chain(length: int) -> list[Row]:
    rows: list[Row] = []
    for seq in range(1, length + 1):
        rows.append(make_row(seq, rows[-1]["row_hash"] if rows else GENESIS))
    return rows


def verdict(rows: list[Row], anchors: dict[int, str] | None = None) -> Fault | None:
    walk = Walk(RING, anchors=anchors)
    walk.feed(rows)
    return walk.finish()


def change(rows: list[Row], dice: random.Random) -> None:
    place = dice.randrange(len(rows))
    column, value = dice.choice(
        [
            ("action", "policy.deleted"),
            ("actor_user_id", new_id()),
            ("reason", "another"),
            ("cross_org", True),
            ("after_json", {"status": "paid"}),
            ("before_json", None),
            ("occurred_at", START),
            ("row_hash", "f" * 64),
            ("org_id", "0190a000-0000-7000-8000-00000000000b"),
        ]
    )
    rows[place] = {**rows[place], column: value}


def delete(rows: list[Row], dice: random.Random) -> None:
    del rows[dice.randrange(len(rows) - 1)]


def insert(rows: list[Row], dice: random.Random) -> None:
    """A made-up row, later ones renumbered: without the key no hash fits."""
    place = dice.randrange(len(rows))
    forged = {**rows[place], "id": new_id(), "action": "policy.approved"}
    rows[place:] = [forged, *({**row, "seq": row["seq"] + 1} for row in rows[place:])]


def reorder(rows: list[Row], dice: random.Random) -> None:
    one, other = dice.sample(range(len(rows)), 2)
    first, second = rows[one], rows[other]
    rows[one] = {**second, "seq": first["seq"]}
    rows[other] = {**first, "seq": second["seq"]}


def truncate(rows: list[Row], dice: random.Random) -> None:
    del rows[dice.randrange(1, len(rows)) :]


@pytest.mark.parametrize("tamper", [change, delete, insert, reorder, truncate])
def test_it_detects_each_of_200_random_tamperings(
    tamper: Callable[[list[Row], random.Random], None],
) -> None:
    dice, chain, missed = random.Random(7), make_chain(40), []
    anchors = {40: chain[-1]["row_hash"]}
    for attempt in range(200):
        rows = list(chain)
        tamper(rows, dice)
        if verdict(rows, anchors) is None:
            missed.append(attempt)
    assert missed == []


def test_it_accepts_an_untouched_chain_across_two_keys() -> None:
    rows = make_chain(200)  # 31 Oct 22:01 to 1 Nov 01:20: both keys take part
    assert verdict(rows, {200: rows[-1]["row_hash"]}) is None


def test_it_names_the_first_bad_row() -> None:
    rows = make_chain(10)
    rows[6] = {**rows[6], "reason": "x"}
    assert verdict(rows) == Fault("changed", 7)


def test_it_names_the_first_missing_row() -> None:
    rows = make_chain(10)
    del rows[3:5]
    assert verdict(rows) == Fault("missing", 4)


def test_it_sees_a_cut_tail_only_by_an_anchor() -> None:
    rows = make_chain(10)
    anchors = {10: rows[-1]["row_hash"]}
    del rows[8:]
    assert verdict(rows) is None
    assert verdict(rows, anchors) == Fault("truncated", 9)


def test_it_sees_a_chain_rewritten_with_the_key_by_an_anchor() -> None:
    anchors = {5: make_chain(5)[-1]["row_hash"]}
    assert verdict(make_chain(5), anchors) == Fault("rewritten", 5)


def test_it_refuses_a_removed_prefix_without_its_row() -> None:
    assert verdict(make_chain(10)[4:]) == Fault("missing", 1)


def test_it_accepts_a_removed_prefix_with_its_row() -> None:
    rows = make_chain(10)
    removed = rows[3]
    after = {"through_seq": removed["seq"], "through_hash": removed["row_hash"]}
    rows.append(make_row(11, rows[-1]["row_hash"], action=RETENTION, after_json=after))
    assert verdict(rows[4:]) is None
    assert verdict(rows[5:]) == Fault("missing", 1)


def test_it_resumes_from_a_link() -> None:
    rows = make_chain(10)
    walk = Walk(RING, start=Link(6, rows[5]["row_hash"]))
    walk.feed(rows[6:])
    assert (walk.finish(), walk.rows, walk.at.seq) == (None, 4, 10)


def test_it_covers_every_column_but_its_own_hash_and_creation() -> None:
    row = make_row(1, GENESIS)
    assert set(row) - {"row_hash"} == {
        column for column in row if column.encode() in canonical(row)
    }


def test_it_hashes_the_value_of_json_not_its_text() -> None:
    row = make_row(1, GENESIS)
    turned = {**row, "after_json": dict(reversed(list(row["after_json"].items())))}
    assert canonical(turned) == canonical(row)


@pytest.mark.parametrize(
    "text",
    ["", "2026-01-01", "2026-01-01:zz", f"yesterday:{OLD}", "2026-01-01:11", f"{OLD}"],
)
def test_it_refuses_a_malformed_key_ring_naming_the_variable(text: str) -> None:
    with pytest.raises(ConfigurationError, match="OPENINSURE_AUDIT_KEYS"):
        KeyRing.parse(text)


def test_it_refuses_a_moment_before_the_first_key() -> None:
    with pytest.raises(ConfigurationError, match="2025-12-31"):
        RING.at(datetime(2025, 12, 31, 23, 59, tzinfo=UTC))


def test_it_never_shows_keys() -> None:
    assert OLD not in repr(RING)
    assert NEW not in repr(RING)
