"""The states of the United States as the offers of a filter."""

from __future__ import annotations

from typing import Any

import pycountry

from openinsure.console.filters import Option

_AREAS: Any = pycountry.subdivisions.get(country_code="US")  # type: ignore[no-untyped-call]
US_STATES = tuple(
    sorted(
        (
            Option(area.code.removeprefix("US-"), area.name)
            for area in _AREAS
            if area.type in ("State", "District")
        ),
        key=lambda option: option.label,
    )
)
