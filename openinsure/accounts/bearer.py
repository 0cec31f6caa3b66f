"""From an Authorization header to an Identity; refusals are 401 and recorded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from openinsure.accounts import rates, sessions, snapshot, tokens, trail
from openinsure.accounts.configuration import token_rules
from openinsure.accounts.identity import SYSTEM_USER_ID, Identity
from openinsure.accounts.models import SpentToken
from openinsure.audit.grants import Origin
from openinsure.authz.permissions import Role
from openinsure.problems import NeedsSignIn

CACHE = timedelta(seconds=4)
CACHED_MAX = 10_000
REFUSED_PER_IP = 30  # a minute; above it the answer is 429 and no row is written


@dataclass(frozen=True, slots=True)
class Believed:
    """A verified token and whom it stands for."""

    identity: Identity
    claims: tokens.Claims
    read_at: datetime


_cache: dict[str, Believed] = {}


def forget() -> None:
    """Drop what this process holds."""
    _cache.clear()


def token_of(header: str) -> str:
    """The token of `Bearer <token>`. Raises NeedsSignIn for anything else."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise tokens.refused("token_unreadable", "Authorization is Bearer and a token")
    return token.strip()


def believe(token: str, *, now: datetime, origin: Origin) -> Believed:
    """Who the token stands for; no statement when seen within CACHE.

    Raises NeedsSignIn (401, recorded), TooMany after many refusals, Unavailable without keys.
    """
    digest = hashlib.sha256(token.encode()).hexdigest()
    known = _cache.get(digest)
    if known and timedelta(0) <= now - known.read_at < CACHE and now < known.claims.expires_at:
        return known
    try:
        claims = tokens.verify(token, rules=token_rules(), now=now)
        believed = Believed(_identity(claims, now), claims, now)
    except NeedsSignIn as refusal:
        _cache.pop(digest, None)
        rates.limit("refused_token", origin.ip, REFUSED_PER_IP)
        trail.record("token.refused", at=now, origin=origin, reason=refusal.code)
        raise
    if len(_cache) >= CACHED_MAX:
        _cache.clear()
    _cache[digest] = believed
    return believed


def _identity(claims: tokens.Claims, now: datetime) -> Identity:
    if SpentToken.objects.filter(jti_hash=sessions.hashed(claims.jti), how="revoked").exists():
        raise tokens.refused("token_revoked", "jti is not revoked")
    if claims.role == Role.SYSTEM:
        return Identity(
            user_id=SYSTEM_USER_ID,
            org_id=claims.org,
            role=claims.role,
            email=claims.email,
            full_name="System",
            via="bearer",
            session_id=claims.jti,
            stepped_up_at=claims.issued_at,
        )
    account = snapshot.find(claims.org, claims.sub, at=now)
    if account is None:
        raise tokens.refused("user_unknown", "sub is a user of this console")
    if not sessions.may_sign_in(account):
        raise tokens.refused("user_disabled", "the account is active")
    if (account.org_id, account.role) != (claims.org, claims.role):
        raise tokens.refused("stale_token", "org and role are the user's current ones")
    return sessions.identity_of(
        account, via="bearer", session_id=claims.jti, stepped_up_at=claims.issued_at
    )
