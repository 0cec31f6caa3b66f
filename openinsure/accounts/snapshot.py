"""What oi_global.users last said about a person, kept beside the account.

Changes made in the console are pushed; what changes elsewhere is re-read through a reader that
`pages` registers, when the copy is older than MAX_AGE_S. While oi_global is away the last copy
counts: losing it signs nobody out. A change of role, organisation or status ends all sessions.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from openinsure.accounts.models import ACTIVE, Account, normal_email
from openinsure.problems import Conflict

log = logging.getLogger(__name__)
MAX_AGE_S = 1.0  # with the session cache's 4 s: five seconds in all
READER_REST_S = 10.0  # after a failure oi_global is left alone this long
REMEMBERED = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One person as oi_global knows them. extra_roles: live user_roles only."""

    user_id: str
    org_id: str
    email: str
    full_name: str
    role: str
    status: str = ACTIVE
    extra_roles: frozenset[str] = frozenset()
    org_name: str = ""
    org_active: bool = True


Reader = Callable[[str, str], Snapshot | None]  # (org_id, user_id); None: no such user there
Listener = Callable[[str, datetime], None]  # (user_id, at): what the person may do has changed


class _State:
    """Per process: the reader, when each person was last read, until when it rests."""

    def __init__(self) -> None:
        self.reader: Reader | None = None
        self.listeners: list[Listener] = []
        self.read_at: dict[str, float] = {}
        self.rests_until = 0.0
        self.lock = threading.Lock()


_state = _State()


def register_reader(reader: Reader | None) -> None:
    """The one way to oi_global.users; None removes it (tests)."""
    _state.reader = reader
    _state.read_at.clear()
    _state.rests_until = 0.0


def on_change_of_rights(listener: Listener) -> None:
    """Called with (user_id, at) when role, organisation or status changed."""
    if listener not in _state.listeners:
        _state.listeners.append(listener)


def push(snapshot: Snapshot, *, at: datetime) -> bool:
    """Store a change at once; False when the person has no account here.

    Raises Conflict when another account holds the e-mail.
    """
    account = Account.objects.filter(user_id=snapshot.user_id).first()
    if account is None:
        return False
    _apply(account, snapshot, at)
    return True


def refreshed(account: Account, *, at: datetime) -> Account:
    """The account with a copy at most MAX_AGE_S old, or the last one while oi_global is away."""
    found = _read(account.org_id, account.user_id)
    if found is not None:
        _apply(account, found, at)
    return account


def find(org_id: str, user_id: str, *, at: datetime) -> Account | None:
    """The account of a user, made from oi_global for one who never signed in here."""
    account = Account.objects.filter(user_id=user_id).first()
    if account is not None:
        return refreshed(account, at=at)
    found = _read(org_id, user_id)
    if found is None:
        return None
    account = Account(user_id=user_id, created_at=at)
    account.set_unusable_password()
    _copy(account, found, at)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:  # another request made it, or another person holds the e-mail
        return Account.objects.filter(user_id=user_id).first()
    return account


def _read(org_id: str, user_id: str) -> Snapshot | None:
    state, now = _state, time.monotonic()
    if state.reader is None or now < state.rests_until:
        return None
    last = state.read_at.get(user_id)
    if last is not None and now - last < MAX_AGE_S:
        return None
    try:
        found = state.reader(org_id, user_id)
    except Exception as error:  # whatever ails oi_global, nobody is signed out by it
        state.rests_until = now + READER_REST_S
        log.warning("users not re-read, the last copy counts: %s", type(error).__name__)
        return None
    with state.lock:
        if len(state.read_at) >= REMEMBERED:
            state.read_at.clear()
        state.read_at[user_id] = now
    return found


def _copy(account: Account, snapshot: Snapshot, at: datetime) -> None:
    account.email = normal_email(snapshot.email)
    account.org_id, account.org_name = snapshot.org_id, snapshot.org_name
    account.org_active = snapshot.org_active
    account.role, account.status = snapshot.role, snapshot.status
    account.extra_roles = sorted(snapshot.extra_roles)
    account.full_name = snapshot.full_name
    account.snapshot_at = at


def rights(account: Account) -> tuple[object, ...]:
    """What decides what the person may do; a change of it ends all sessions."""
    return account.org_id, account.role, account.status, tuple(account.extra_roles)


def _facts(account: Account) -> tuple[object, ...]:
    names = account.email, account.full_name, account.org_name, account.org_active
    return *rights(account), *names


def _apply(account: Account, snapshot: Snapshot, at: datetime) -> None:
    allowed, facts = rights(account), _facts(account)
    _copy(account, snapshot, at)
    if _facts(account) == facts:
        return
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError:
        raise Conflict("Another account holds this e-mail address.", code="email_taken") from None
    if rights(account) != allowed:
        for listener in _state.listeners:
            listener(account.user_id, at)
