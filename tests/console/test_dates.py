"""Days and instants as text."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from openinsure.console.dates import format_ago, format_day, format_instant, iso_instant

AT = datetime(2026, 11, 18, 14, 2, 11, tzinfo=UTC)


def test_it_formats_days() -> None:
    assert format_day(date(2026, 11, 18)) == "18 Nov 2026"
    assert format_day(None) == "–"


def test_it_refuses_an_instant_as_a_day() -> None:
    with pytest.raises(TypeError, match="zone"):
        format_day(AT)


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("UTC", "18 Nov 2026, 14:02 UTC"),
        ("America/New_York", "18 Nov 2026, 09:02 EST"),
        ("Asia/Tokyo", "18 Nov 2026, 23:02 JST"),
    ],
)
def test_it_formats_instants_with_their_zone(zone: str, text: str) -> None:
    assert format_instant(AT, zone) == text


def test_it_moves_the_day_with_the_zone_of_an_instant() -> None:
    late = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
    assert format_instant(late, "Asia/Tokyo").startswith("19 Nov 2026")


def test_it_prints_seconds_and_iso() -> None:
    assert format_instant(AT, seconds=True) == "18 Nov 2026, 14:02:11 UTC"
    assert iso_instant(AT) == "2026-11-18T14:02:11Z"


@pytest.mark.parametrize("formatter", [format_instant, iso_instant])
def test_it_refuses_naive_instants(formatter: object) -> None:
    assert callable(formatter)
    with pytest.raises(ValueError, match="zone"):
        formatter(datetime(2026, 11, 18))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("distance", "text"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=29), "29 days ago"),
        (timedelta(days=31), "1 month ago"),
        (timedelta(days=800), "2 years ago"),
        (-timedelta(hours=3), "in 3 hours"),
        (-timedelta(seconds=5), "just now"),
    ],
)
def test_it_tells_distances(distance: timedelta, text: str) -> None:
    assert format_ago(AT - distance, AT) == text


def test_it_knows_no_distance_to_nothing() -> None:
    assert format_ago(None, AT) == "–"
