"""Tables of a page as data: columns, sums at the foot, and where each figure comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from openinsure.console.columns import Column, Kind


@dataclass(frozen=True, slots=True)
class Region:
    """A table. name: of its panel. links: column -> the row's attribute with the address it opens
    ("" for none). sums: money columns added up at the foot; rows must be of one currency.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    empty: str
    links: Mapping[str, str] = field(default_factory=dict)
    sums: tuple[str, ...] = ()


def region(
    name: str,
    title: str,
    empty: str,
    /,
    *,
    links: Mapping[str, str] | None = None,
    sums: tuple[str, ...] = (),
    **columns: str,
) -> Region:
    """A region whose columns are given as field="Label" or field="Label|kind"."""
    made = []
    for key, spec in columns.items():
        label, _, kind = spec.partition("|")
        made.append(Column(name=key, label=label, kind=cast(Kind, kind or "text")))
    return Region(name, title, tuple(made), empty, links or {}, sums)
