"""Web sessions: server-side rows, 8 hours in all, 15 minutes idle, at most five a person.

The cookie holds a random key, the database its hash. A process keeps what it read for CACHE_S,
so a warm request makes no statement and a revocation elsewhere bites within five seconds.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from openinsure.accounts import snapshot
from openinsure.accounts.identity import Identity
from openinsure.accounts.models import ACTIVE, Account, SpentToken, WebSession
from openinsure.authz.permissions import ROLES, Role
from openinsure.keyspaces.ids import new_id

ABSOLUTE = timedelta(hours=8)
IDLE = timedelta(minutes=15)
TOUCH = timedelta(minutes=1)  # at most one write a minute and session
CACHE = timedelta(seconds=4)
PER_PERSON_MAX = 5
CACHED_MAX = 20_000
KEY = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 random bytes

Via = Literal["password", "exchange"]


@dataclass(frozen=True, slots=True)
class Record:
    """A live session as this process last read it."""

    identity: Identity
    key_hash: str
    seen_at: datetime
    expires_at: datetime
    read_at: datetime

    def over(self, now: datetime) -> bool:
        """Past eight hours, or fifteen minutes without a request."""
        return now >= self.expires_at or now - self.seen_at >= IDLE


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One line of the sign-ins on /settings."""

    id: str
    via: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ip: str
    user_agent: str


_cache: dict[str, Record] = {}
_lock = threading.Lock()


def hashed(key: str) -> str:
    """What is stored of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def forget(user_id: str | None = None) -> None:
    """Drop what this process holds, of one person or of all."""
    with _lock:
        mine = [k for k, r in _cache.items() if user_id in (None, r.identity.user_id)]
        for key in mine:
            del _cache[key]


def may_sign_in(account: Account) -> bool:
    """Active here and in oi_global, with a role of this console that belongs to a person."""
    live = account.status == ACTIVE and account.disabled_at is None
    return live and account.role in ROLES and account.role != Role.SYSTEM


def identity_of(
    account: Account,
    *,
    via: Literal["session", "bearer"],
    session_id: str = "",
    stepped_up_at: datetime | None = None,
) -> Identity:
    """The identity of an account that may sign in."""
    return Identity(
        user_id=account.user_id,
        org_id=account.org_id,
        role=account.role,
        email=account.email,
        full_name=account.full_name,
        via=via,
        session_id=session_id,
        stepped_up_at=stepped_up_at,
        extra_roles=frozenset(account.extra_roles) & frozenset(ROLES),
        org_name=account.org_name,
        org_active=account.org_active,
    )


def start(
    account: Account, *, via: Via, now: datetime, stepped_up_at: datetime, ip: str, user_agent: str
) -> str:
    """Open a session and end the person's oldest ones beyond five; the new cookie's key."""
    key = secrets.token_urlsafe(32)
    WebSession.objects.create(
        id=new_id(),
        key_hash=hashed(key),
        account=account,
        via=via,
        created_at=now,
        seen_at=now,
        expires_at=now + ABSOLUTE,
        stepped_up_at=stepped_up_at,
        ip=ip[:45],
        user_agent=user_agent[:255],
    )
    mine = WebSession.objects.filter(account_id=account.user_id).order_by("-created_at", "-id")
    surplus = [row.id for row in mine[PER_PERSON_MAX:]]
    if surplus:
        WebSession.objects.filter(id__in=surplus).delete()
        forget(account.user_id)
    return key


def read(key: str, *, now: datetime) -> Record | None:
    """The live session of a cookie; None when unknown, over or no longer allowed.

    No statement when read within CACHE; else one, and one write if a minute passed.
    """
    if not KEY.fullmatch(key):
        return None
    key_hash = hashed(key)
    record = _cache.get(key_hash)
    if record is None or not timedelta(0) <= now - record.read_at < CACHE:
        record = _load(key_hash, now)
        if record is None:
            _drop(key_hash)
            return None
    if record.over(now):
        _drop(key_hash)
        WebSession.objects.filter(key_hash=key_hash).delete()
        return None
    if now - record.seen_at >= TOUCH:
        WebSession.objects.filter(key_hash=key_hash).update(seen_at=now)
        record = replace(record, seen_at=now)
    _keep(record)
    return record


def _load(key_hash: str, now: datetime) -> Record | None:
    row = WebSession.objects.select_related("account").filter(key_hash=key_hash).first()
    if row is None:
        return None
    allowed = snapshot.rights(row.account)
    account = snapshot.refreshed(row.account, at=now)
    if not may_sign_in(account) or snapshot.rights(account) != allowed:
        return None
    identity = identity_of(
        account, via="session", session_id=row.id, stepped_up_at=row.stepped_up_at
    )
    return Record(identity, key_hash, row.seen_at, row.expires_at, read_at=now)


def _keep(record: Record) -> None:
    with _lock:
        if len(_cache) >= CACHED_MAX and record.key_hash not in _cache:
            _cache.clear()
        _cache[record.key_hash] = record


def _drop(key_hash: str) -> None:
    with _lock:
        _cache.pop(key_hash, None)


def renew(session_id: str, *, stepped_up_at: datetime | None = None) -> str | None:
    """A new key for the session (step-up, enter, leave); None if it ended meanwhile."""
    key = secrets.token_urlsafe(32)
    values: dict[str, object] = {"key_hash": hashed(key)}
    if stepped_up_at is not None:
        values["stepped_up_at"] = stepped_up_at
    row = WebSession.objects.filter(id=session_id).first()
    if row is None or not WebSession.objects.filter(id=session_id).update(**values):
        return None
    _drop(row.key_hash)
    return key


def end(user_id: str, session_id: str) -> bool:
    """End one session of the person; False if it is not theirs or already over."""
    deleted, _ = WebSession.objects.filter(account_id=user_id, id=session_id).delete()
    forget(user_id)
    return bool(deleted)


def end_all(user_id: str, *, but: str = "") -> int:
    """End the person's sessions, `but` one; how many there were."""
    deleted, _ = WebSession.objects.filter(account_id=user_id).exclude(id=but).delete()
    forget(user_id)
    return deleted


def listing(user_id: str, *, now: datetime) -> tuple[SessionRow, ...]:
    """The person's live sessions, newest first. At most five."""
    rows = WebSession.objects.filter(
        account_id=user_id, expires_at__gt=now, seen_at__gt=now - IDLE
    ).order_by("-created_at", "-id")
    return tuple(
        SessionRow(
            id=row.id,
            via=row.via,
            created_at=row.created_at,
            seen_at=row.seen_at,
            expires_at=row.expires_at,
            ip=row.ip,
            user_agent=row.user_agent,
        )
        for row in rows[:PER_PERSON_MAX]
    )


def sweep(*, now: datetime) -> int:
    """Delete sessions that are over and spent tokens that expired (hourly); how many rows."""
    deleted, _ = WebSession.objects.filter(expires_at__lte=now).delete()
    idle, _ = WebSession.objects.filter(seen_at__lte=now - IDLE).delete()
    spent, _ = SpentToken.objects.filter(expires_at__lte=now).delete()
    return deleted + idle + spent
