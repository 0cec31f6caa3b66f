"""TOML texts and their values as Python wrote them down: parsing costs a cold `db status` 8 ms.

A value is found by its whole text, so an edited file is never missed (docs/adr/0012). Without a
place to keep them, texts are parsed each time.
"""

from __future__ import annotations

import marshal
import os
import sys
from contextlib import suppress
from functools import cache
from typing import Any

from openinsure import environment

Values = dict[str, Any]
MOST = 32  # texts kept; more means that files are being edited: begin anew


def loads(text: str) -> Values:
    """The text's values. Raises ValueError (tomllib.TOMLDecodeError) for what is no TOML."""
    known = _kept(_file())
    if text not in known:
        import tomllib

        if len(known) >= MOST:
            known.clear()
        known[text] = tomllib.loads(text)
        _keep(known)
    return known[text]


def _file() -> str:
    return f"{environment.state_dir()}/cache/toml.{sys.implementation.cache_tag}"


@cache
def _kept(name: str) -> dict[str, Values]:
    """Text -> values of earlier runs; a copy that cannot be read is none."""
    with suppress(OSError, EOFError, ValueError, TypeError), open(name, "rb") as copy:
        found = marshal.load(copy)  # noqa: S302  # our own file among our own state
        if isinstance(found, dict):
            return found
    return {}


def _keep(known: dict[str, Values]) -> None:
    """Best effort: a folder that cannot be written, or a date among the values, keeps nothing."""
    name = _file()
    with suppress(OSError, ValueError):
        data = marshal.dumps(known)
        if not environment.state_dir().is_dir():
            return
        os.makedirs(os.path.dirname(name), mode=0o700, exist_ok=True)
        with open(f"{name}.{os.getpid()}", "wb", opener=_private) as copy:
            copy.write(data)
        os.replace(f"{name}.{os.getpid()}", name)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
