"""The request behind an audited step: its id, address and browser."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a step came from. Jobs give only a request id."""

    request_id: str
    ip: str = ""
    user_agent: str = ""
