"""The Jinja2 environment: strict, autoescaped, with the few globals that pages may call.

A name that is not passed raises (StrictUndefined). Macros imported from ui/ see no context, so
every global here is a function of its arguments, and of the scope entered for links, or a rule.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.template.backends.utils import csrf_input
from django.templatetags.static import static
from django.utils import timezone
from django_htmx.jinja import htmx_script
from jinja2 import Environment, StrictUndefined

from openinsure import plurals
from openinsure.audit import reasons
from openinsure.console import dates, frame, links, money, words

GLOBALS: dict[str, Callable[..., Any]] = {
    "url": links.url,
    "url_or_blank": links.url_or_blank,
    "query": links.query,
    "has_page": links.resolves,
    # Hashed names do not change while a process lives; a page has dozens of icons.
    "static": lru_cache(maxsize=256)(static),
    "frame": frame.frame,
    "htmx_script": htmx_script,
    "status_of": words.status,
}
FILTERS: dict[str, Callable[..., Any]] = {
    "cents": money.format_cents,
    "count": money.format_count,
    "many": plurals.many,
    "percent": money.format_percent,
    "day": dates.format_day,
    "instant": dates.format_instant,
    "iso": dates.iso_instant,
    "sentence": words.sentence,
    "role_word": words.role_word,
    "role_words": words.role_words,
}


def csrf(request: HttpRequest) -> str:
    """The hidden field that every POST form of ours carries."""
    return csrf_input(request)


def ago(at: datetime | None) -> str:
    """`2 days ago`, from the server's clock; a module keeps it current in the browser."""
    return dates.format_ago(at, timezone.now())


def environment(**options: Any) -> Environment:
    """The environment of settings.TEMPLATES. Autoescape stays on; no extension is loaded."""
    options["undefined"] = StrictUndefined
    options["autoescape"] = True
    made = Environment(trim_blocks=True, lstrip_blocks=True, **options)  # noqa: S701
    made.globals.update(GLOBALS, csrf=csrf, reasons=reasons)
    made.filters.update(FILTERS, ago=ago)
    return made
