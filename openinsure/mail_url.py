"""EMAIL_URL taken apart, and what counts as an e-mail address. No Django."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from openinsure.environment import ConfigurationError

VARIABLE = "EMAIL_URL"
RULE = "must look like smtp[s]://user:password@host:port?from=name@host or maildir:///folder"
PORTS = {"smtp": 587, "smtps": 465}
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
ADDRESS_CHARACTERS = 254


@dataclass(frozen=True, slots=True)
class MailUrl:
    """Where letters go, and from whom. path: the folder of a maildir."""

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    sender: str
    path: str

    @classmethod
    def parse(cls, text: str) -> MailUrl:
        """Raises ConfigurationError naming EMAIL_URL, never echoing the value."""
        try:
            parts = urlsplit(text)
            port = parts.port or PORTS.get(parts.scheme, 0)
            asked = parse_qs(parts.query, strict_parsing=bool(parts.query))
        except ValueError:
            raise ConfigurationError(VARIABLE, RULE) from None
        host = parts.hostname or ""
        sender = asked.pop("from", [f"openinsure@{host or 'localhost'}"])[-1]
        fits = bool(host) if parts.scheme in PORTS else parts.path.startswith("/") and not host
        if parts.scheme not in (*PORTS, "maildir") or not fits or asked or not is_address(sender):
            raise ConfigurationError(VARIABLE, RULE)
        return cls(
            scheme=parts.scheme,
            host=host,
            port=port,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            sender=sender,
            path=unquote(parts.path),
        )


def is_address(text: str) -> bool:
    """Whether a letter can be addressed to it: one plain ASCII address."""
    return len(text) <= ADDRESS_CHARACTERS and ADDRESS.fullmatch(text) is not None
