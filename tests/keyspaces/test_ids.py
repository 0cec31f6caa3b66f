"""Ids: canonical UUIDv7 text, growing."""

from __future__ import annotations

from uuid import UUID

from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import CANONICAL_UUID


def test_it_makes_canonical_version_7_text() -> None:
    made = new_id()
    assert CANONICAL_UUID.fullmatch(made)
    assert UUID(made).version == 7


def test_it_grows_and_never_repeats() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(set(made))
