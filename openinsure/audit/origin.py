"""The request behind an audited step: its id, address and browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a step came from. Jobs give only a request id."""

    request_id: str
    ip: str = ""
    user_agent: str = ""

    @classmethod
    def of(cls, meta: Mapping[str, Any], *, request_id: str, proxies: int) -> Origin:
        """From the headers of a request (WSGI names) behind that many trusted proxies."""
        return cls(
            request_id=request_id,
            ip=client_ip(meta, proxies=proxies),
            user_agent=str(meta.get("HTTP_USER_AGENT", "")),
        )


def client_ip(meta: Mapping[str, Any], *, proxies: int) -> str:
    """The address that reached the outermost of our proxies, "" if it is none.

    Each proxy appends what it saw to X-Forwarded-For, so only the last `proxies` entries are
    ours; whatever stands before them was written by the client.
    """
    text = str(meta.get("REMOTE_ADDR", ""))
    if proxies:
        seen = [part.strip() for part in str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
        text = seen[-proxies] if len(seen) >= proxies else text
    try:
        return str(ip_address(text))
    except ValueError:
        return ""
