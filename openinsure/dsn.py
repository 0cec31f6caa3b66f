"""Database addresses (`mysql://user:password@host:port/schema`) taken apart. No Django."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from openinsure.environment import ConfigurationError

DEFAULT_PORTS = {"mysql": 3306, "postgresql": 5432, "postgres": 5432, "redis": 6379}


class Dsn(NamedTuple):
    """One server address. The password never appears in repr or errors."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    database: str

    def __repr__(self) -> str:
        """Everything but the password."""
        return f"Dsn({self.scheme}://{self.user}@{self.host}:{self.port}/{self.database})"

    @classmethod
    def parse(cls, text: str, variable: str) -> Dsn:
        """Raises ConfigurationError naming `variable`, never echoing the value."""
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise ConfigurationError(variable, "is no readable database address") from None
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            raise ConfigurationError(variable, "must look like mysql://user:password@host:port/db")
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=port or DEFAULT_PORTS[parts.scheme],
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            database=parts.path.strip("/"),
        )
