"""How fresh an answer must be, per permission; and the last write token of each organisation.

Tokens are opaque, so the newest one is known by when it was stored. They live in Redis, shared by
all processes; without Redis every question is asked fully consistent, which is right, only slower.
"""

from __future__ import annotations

import logging
import time
from enum import StrEnum
from functools import cache
from typing import cast

import redis
from django.conf import settings

from openinsure.authz.permissions import Permission

log = logging.getLogger(__name__)
KEPT_S = 3600  # a token older than SpiceDB's quantization window says nothing any more
REDIS_TIMEOUT_S = 0.1
TOKEN_LENGTH_MAX = 1_024  # characters; a longer one is dropped, never cut


class Freshness(StrEnum):
    """The consistency asked of the server."""

    LATEST = "fully_consistent"
    WRITTEN = "at_least_as_fresh"
    RECENT = "minimize_latency"  # up to five seconds old


# What shows rows or pages; everything else changes, approves, reveals, exports or elevates.
_SHOWS = frozenset(
    {
        Permission.ORG_VIEW,
        Permission.POLICY_VIEW,
        Permission.SUBMISSION_VIEW,
        Permission.CLAIM_VIEW,
        Permission.BILLING_VIEW,
        Permission.LEDGER_VIEW,
        Permission.POLICY_VIEW_CONTACT,
        Permission.AUDIT_VIEW,
        Permission.JOBS_VIEW,
    }
)


def freshness_of(permission: str) -> Freshness:
    """Spelled per permission: rows as fresh as the last write, /ops recent, the rest latest."""
    if permission == Permission.OPS_VIEW:
        return Freshness.RECENT
    shows = permission == "" or Permission(permission) in _SHOWS
    return Freshness.WRITTEN if shows else Freshness.LATEST


@cache
def _store() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=REDIS_TIMEOUT_S,
        socket_connect_timeout=REDIS_TIMEOUT_S,
        decode_responses=True,
    )


class Unknown(Exception):
    """Whether there is a token cannot be known now."""


def token_of(org_id: str) -> str:
    """The token of the organisation's last write, '' if none is kept. Raises Unknown."""
    try:
        return cast("str | None", _store().get(_key(org_id))) or ""
    except redis.RedisError:
        raise Unknown from None


def keep_token(org_id: str, token: str) -> None:
    """Remember the token of a write; a lost one costs freshness only until the cache's end."""
    if not token or len(token) > TOKEN_LENGTH_MAX:
        token = f"latest:{time.time_ns()}"  # no token to wait for: ask fully consistent
    try:
        _store().set(_key(org_id), token, ex=KEPT_S)
    except redis.RedisError:
        log.warning("the write token is not kept, Redis is away")


def is_opaque(token: str) -> bool:
    """Whether it is a real token of the server."""
    return bool(token) and not token.startswith("latest:")


def _key(org_id: str) -> str:
    return f"authz:token:{org_id}"
