"""How a person likes the console to look: theme, density, time zone, single keys.

Kept in plain cookies, so the first byte of a page is already right (no flash) and a signed-out
page is too. Values come from allow-lists; anything else is the default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Self
from zoneinfo import available_timezones

from django.conf import settings
from django.http import HttpResponse

from openinsure.problems import BadForm

THEMES = ("auto", "light", "dark")
DENSITIES = ("compact", "default", "roomy")
SWITCH = ("on", "off")
COOKIE_AGE_S = 365 * 24 * 3600
FIELDS = ("theme", "density", "zone", "keys")


@dataclass(frozen=True, slots=True)
class Preferences:
    """The look. zone: IANA name, "UTC" until chosen. keys: single-key shortcuts on or off."""

    theme: str = "auto"
    density: str = "default"
    zone: str = "UTC"
    keys: str = "on"

    @classmethod
    def from_cookies(cls, cookies: Mapping[str, str]) -> Self:
        """What the cookies say; an unknown value is the default."""
        chosen = {field: cookies.get(f"oi_{field}", "") for field in FIELDS}
        return cls(
            **{key: value for key, value in chosen.items() if value and is_known(key, value)}
        )


def is_known(field: str, value: str) -> bool:
    """True for a value that the field may hold."""
    choices = {"theme": THEMES, "density": DENSITIES, "keys": SWITCH}.get(field)
    return value in (choices if choices is not None else zones())


@cache
def zones() -> frozenset[str]:
    """The IANA names offered; read from the time zone files once (10 ms)."""
    return frozenset(available_timezones())


def remember(response: HttpResponse, field: str, value: str) -> None:
    """Set the cookie of one field. Raises BadForm naming the field for an unknown value."""
    if not is_known(field, value):
        raise BadForm({field: "is none of the offered values"})
    response.set_cookie(
        f"oi_{field}",
        value,
        max_age=COOKIE_AGE_S,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Lax",
    )
