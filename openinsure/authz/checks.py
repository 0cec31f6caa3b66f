"""openinsure.E005: every address of the URLconf carries exactly one allow decorator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver


def views(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every (address, pattern) below a resolver."""
    for entry in resolver.url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from views(entry, address)
        else:
            yield address, entry


@register("urls")
def every_view_has_one_allow(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Two decorators on one view already fail at import (authz.decorators)."""
    return [
        Error(
            f"/{address} ({pattern.lookup_str}) carries no allow decorator",
            hint="add @allow(permission), @allow_signed_in or @allow_anyone",
            id="openinsure.E005",
        )
        for address, pattern in views(get_resolver())
        if not isinstance(getattr(pattern.callback, "permission", None), str)
    ]
