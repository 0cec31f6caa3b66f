"""The process environment, read once and checked. No Django: the light commands use it too.

Order: os.environ, then the file that `make run` writes (`<state>/run/env`, local only), then the
documented local default. Production has no defaults for secrets.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ("local", "staging", "production")


class ConfigurationError(Exception):
    """A variable is missing or malformed. The text is one line that names the variable."""

    def __init__(self, variable: str, rule: str) -> None:
        self.variable = variable
        super().__init__(f"{variable}: {rule}")


def state_dir() -> Path:
    """The folder of local engines and their state; OPENINSURE_STATE_DIR moves it (tests do)."""
    return Path(os.environ.get("OPENINSURE_STATE_DIR") or ROOT / ".local")


@cache
def name() -> str:
    """`local`, `staging` or `production`. Raises ConfigurationError for anything else."""
    value = os.environ.get("OPENINSURE_ENV", "local")
    if value not in ENVIRONMENTS:
        raise ConfigurationError("OPENINSURE_ENV", f"is {value!r}, must be one of {ENVIRONMENTS}")
    return value


@cache
def _written_by_make_run() -> dict[str, str]:
    try:
        lines = (state_dir() / "run" / "env").read_text().splitlines()
    except FileNotFoundError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def optional(variable: str, local: str = "", default: str = "") -> str:
    """The value, else `local` in local, else `default`. An empty variable counts as unset."""
    if value := os.environ.get(variable):
        return value
    if name() != "local":
        return default
    return _written_by_make_run().get(variable) or local or default


def required(variable: str, local: str = "") -> str:
    """The value; in local the documented default. Raises ConfigurationError when there is none."""
    value = optional(variable, local)
    if not value:
        raise ConfigurationError(variable, f"must be set in {name()}")
    return value


def integer(variable: str, default: int, minimum: int, maximum: int) -> int:
    """A whole number within bounds. Raises ConfigurationError naming the bounds."""
    text = optional(variable) or str(default)
    if not text.isascii() or not text.isdigit() or not minimum <= int(text) <= maximum:
        rule = f"is {text!r}, must be a whole number {minimum} to {maximum}"
        raise ConfigurationError(variable, rule)
    return int(text)


def one_of(variable: str, choices: tuple[str, ...], local: str, default: str = "") -> str:
    """One of the choices. Raises ConfigurationError listing them."""
    value = optional(variable, local, default)
    if value not in choices:
        raise ConfigurationError(variable, f"is {value!r}, must be one of {', '.join(choices)}")
    return value


def reload() -> None:
    """Forget what was read (tests change variables)."""
    name.cache_clear()
    _written_by_make_run.cache_clear()
