"""Cursors: sealed for one list, unreadable, unforgeable, the same for the same row."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from openinsure.console.cursors import seal, unseal
from openinsure.problems import BadFilter
from openinsure.tenancy.listing import Position

KEY = "0190a000-0000-7000-8000-00000000000a"


# Sort values are what the driver gives: instants without a zone.
NAIVE = datetime(2026, 3, 1, 1, 2, 3, 4000, tzinfo=UTC).replace(tzinfo=None)


@pytest.mark.parametrize("value", ["Ödön & Sons", "", 0, -5, 2**62, date(2026, 3, 1), NAIVE])
def test_it_gives_back_what_was_sealed(value: str | int | date | datetime) -> None:
    text = seal(Position(value, KEY), bound_to="a", place=50)
    assert unseal(text, field="after", bound_to="a") == (Position(value, KEY), 50)
    assert unseal(text, field="before", bound_to="a")[0].backwards


def test_it_is_the_same_for_the_same_row() -> None:
    position = Position("x", KEY)
    assert seal(position, bound_to="a", place=0) == seal(position, bound_to="a", place=0)


def test_it_hides_names_and_ids() -> None:
    text = seal(Position("Smith Trucking", KEY), bound_to="a", place=0)
    raw = base64.urlsafe_b64decode(text + "==")
    assert b"Smith" not in raw
    assert KEY.encode() not in raw


@given(st.text(max_size=200))
def test_it_opens_nothing_made_elsewhere(text: str) -> None:
    with pytest.raises(BadFilter):
        unseal(text, field="after", bound_to="a")


def test_it_opens_for_its_own_list_only() -> None:
    text = seal(Position("x", KEY), bound_to="a", place=0)
    with pytest.raises(BadFilter, match="The parameter after is not a cursor"):
        unseal(text, field="after", bound_to="b")


def test_it_refuses_any_changed_character() -> None:
    text = seal(Position("x", KEY), bound_to="a", place=0)
    for place in range(len(text) - 1):
        other = "A" if text[place] != "A" else "B"
        with pytest.raises(BadFilter):
            unseal(text[:place] + other + text[place + 1 :], field="after", bound_to="a")


def test_it_survives_a_rotation_of_the_key(settings: Settings) -> None:
    text = seal(Position("x", KEY), bound_to="a", place=0)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-key-of-sufficient-length-000000000000"
    assert unseal(text, field="after", bound_to="a")[0].value == "x"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(BadFilter):
        unseal(text, field="after", bound_to="a")
