"""The columns of a list: one declaration for table head, cell, JSON field, CSV head and sort."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from openinsure.console.dates import iso_instant

Kind = Literal["text", "code", "badge", "money", "count", "day", "instant", "flag", "role"]
RIGHT_ALIGNED: frozenset[Kind] = frozenset({"money", "count"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. name: the JSON field and CSV head; the row has an attribute of this name.

    sort: the direction that a first click asks for; "" if no index serves an order by it.
    shown: part of the default set. currency: the row's attribute with the ISO code of a money
    column. help: what the head says on demand. clip: long text is cut to one line. narrow: kept
    on a narrow screen. blank: a money cell shows nothing for zero. kind role: one stored role, or
    several with commas.
    """

    name: str
    label: str
    kind: Kind = "text"
    sort: Literal["", "ascending", "descending"] = ""
    shown: bool = True
    currency: str = "currency"
    help: str = ""
    clip: bool = False
    narrow: bool = True
    blank: bool = False

    @property
    def right(self) -> bool:
        """True for figures, which stand right-aligned."""
        return self.kind in RIGHT_ALIGNED

    def of(self, row: Any) -> Any:
        """The row's own value."""
        return getattr(row, self.name)

    def currency_of(self, row: Any) -> str:
        """ISO 4217 code of a money column's row; USD where the row has none."""
        return str(getattr(row, self.currency, "USD"))

    def plain(self, row: Any) -> Any:
        """The value as JSON and CSV carry it."""
        return plain(self.of(row))


def plain(value: Any) -> Any:
    """A JSON value: ISO 8601 dates and UTC instants, text for decimals, containers by element.

    Raises TypeError for a float (money must not pass through one) and for unknown types.
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, datetime):
        return iso_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no JSON form here")
