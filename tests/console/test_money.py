"""Cents, counts and percentages as text."""

from __future__ import annotations

from typing import Any

import pytest

from openinsure.console.money import format_cents, format_count, format_percent


@pytest.mark.parametrize(
    ("cents", "currency", "text"),
    [
        (0, "USD", "$0.00"),
        (-0, "USD", "$0.00"),
        (5, "USD", "$0.05"),
        (-5, "USD", "-$0.05"),
        (-123456, "USD", "-$1,234.56"),
        (123456789012, "USD", "$1,234,567,890.12"),
        (123456, "CAD", "CAD 1,234.56"),
        (-123456, "EUR", "-EUR 1,234.56"),
        (None, "USD", "–"),
    ],
)
def test_it_formats_cents(cents: int | None, currency: str, text: str) -> None:
    assert format_cents(cents, currency) == text


@pytest.mark.parametrize("value", [1.0, "100", True])
def test_it_refuses_what_is_not_integer_cents(value: Any) -> None:
    with pytest.raises(TypeError, match="integer cents"):
        format_cents(value)


@pytest.mark.parametrize(("number", "text"), [(4300, "4,300"), (0, "0"), (None, "–")])
def test_it_formats_counts(number: int | None, text: str) -> None:
    assert format_count(number) == text


@pytest.mark.parametrize(
    ("basis_points", "text"),
    [(1234, "12.3%"), (1235, "12.4%"), (0, "0.0%"), (-4, "0.0%"), (-1234, "-12.3%"),
     (10_000, "100.0%"), (None, "–")],
)  # fmt: skip
def test_it_formats_percentages(basis_points: int | None, text: str) -> None:
    assert format_percent(basis_points) == text
