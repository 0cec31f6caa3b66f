"""Signing in and out: every way a session begins, is renewed or ends. Knows no HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from openinsure import environment
from openinsure.accounts import factors, passwords, rates, sessions, snapshot, tokens, trail
from openinsure.accounts.identity import Identity
from openinsure.accounts.models import Account, SpentToken, normal_email
from openinsure.accounts.network import network_of
from openinsure.accounts.throttle import backoff
from openinsure.audit.grants import Ending, Origin, end_grants
from openinsure.authz.permissions import ROLES, Role
from openinsure.problems import (
    BadForm,
    Forbidden,
    NeedsSignIn,
    NotFound,
    TooMany,
    Unavailable,
)

LOGIN_PER_IP, LOGIN_IN_ALL, EXCHANGE_PER_IP = 20, 100, 30  # a minute
STEP_UP_LIFE = timedelta(minutes=10)
WRONG = "E-mail or password is wrong."
WRONG_CODE = "is wrong or was used before."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session was opened; `key` goes into the cookie and nowhere else."""

    key: str
    account: Account


def sign_in(email: str, password: str, *, now: datetime, origin: Origin) -> SignedIn:
    """A session for the right password.

    Raises BadForm for a wrong pair (unknown, disabled and wrong alike), TooMany when throttled,
    CodeNeeded where the account has a second factor, Forbidden for roles of other portals and
    where a password alone is not enough.
    """
    account = _proven(email, password, now=now, origin=origin)
    _refuse_other_portals(account, now=now, origin=origin)
    if factors.has(account.user_id):
        raise factors.CodeNeeded(factors.proof_of(account, origin.ip))
    if environment.name() == "production":
        trail.record("login.failed", at=now, origin=origin, who=account, reason="second factor")
        raise Forbidden(
            "This account has no second factor, so it cannot sign in with a password alone. "
            "Sign in through the identity service.",
            code="second_factor_required",
        )
    return _open(account, via="password", now=now, stepped_up_at=now, origin=origin)


def sign_in_with_code(proof: str, code: str, *, now: datetime, origin: Origin) -> SignedIn:
    """A session for the code after the right password.

    Raises BadForm for a wrong or used code, NeedsSignIn when the password is too long ago.
    """
    account = factors.proven(proof, origin.ip)
    if account is None:
        raise NeedsSignIn("That took too long. Enter your password again.")
    account = snapshot.refreshed(account, at=now)
    _refuse_wrong_code(account, code, "code", now=now, origin=origin)
    if not _is_live(account):
        raise BadForm({"code": WRONG_CODE})
    _refuse_other_portals(account, now=now, origin=origin)
    return _open(account, via="password", now=now, stepped_up_at=now, origin=origin)


def _refuse_wrong_code(
    account: Account, code: str, field: str, *, now: datetime, origin: Origin
) -> None:
    """Count, slow down and record failures like those of passwords."""
    rates.limit("login_ip", origin.ip, LOGIN_PER_IP)
    key = backoff.key(account.email, network_of(origin.ip))
    tries = backoff.tries(key)
    if tries.until is not None and tries.locked(now):
        trail.record("login.locked.refused", at=now, origin=origin, about=account)
        raise _locked(tries.until, now)
    if not factors.proves(account, code, now=now):
        backoff.failed(key, now=now)
        trail.record("login.failed", at=now, origin=origin, about=account, reason="second factor")
        raise BadForm({field: WRONG_CODE})
    backoff.clear(key)


def _proven(email: str, password: str, *, now: datetime, origin: Origin) -> Account:
    """The account whose password this is; counts, slows down and records failures."""
    address = normal_email(email)
    rates.limit("login_ip", origin.ip, LOGIN_PER_IP)
    rates.limit("login_all", "", LOGIN_IN_ALL)
    key = backoff.key(address, network_of(origin.ip))
    account = Account.objects.filter(email=address).first()
    tries = backoff.tries(key)
    if tries.until is not None and tries.locked(now):
        trail.record("login.locked.refused", at=now, origin=origin, about=account)
        raise _locked(tries.until, now)
    right = passwords.matches(password, account.password if account else None)
    if right and account is not None:
        account = snapshot.refreshed(account, at=now)
    if not right or account is None or not _is_live(account):
        backoff.failed(key, now=now)
        trail.record("login.failed", at=now, origin=origin, about=account)
        raise BadForm({"password": WRONG})
    backoff.clear(key)
    return account


def _is_live(account: Account) -> bool:
    return account.status == "active" and account.disabled_at is None


def _locked(until: datetime, now: datetime) -> TooMany:
    wait_s = max(1, round((until - now).total_seconds()))
    clock = (until + timedelta(seconds=59)).strftime("%H:%M") if wait_s > 60 else ""
    when = f"at {clock} UTC" if clock else f"in {wait_s} seconds"
    return TooMany(f"Too many attempts. Try again {when}.", retry_after_s=wait_s)


def _refuse_other_portals(account: Account, *, now: datetime, origin: Origin) -> None:
    if account.role in ROLES and account.role != Role.SYSTEM:
        return
    trail.record("login.failed", at=now, origin=origin, who=account, reason="role of other portal")
    raise Forbidden(
        "This account belongs to another portal of OpenInsure. Sign in there.",
        code="other_portal",
    )


def _open(
    account: Account,
    *,
    via: sessions.Via,
    now: datetime,
    stepped_up_at: datetime,
    origin: Origin,
) -> SignedIn:
    trail.record("login.ok", at=now, origin=origin, who=account, after={"via": via})
    key = sessions.start(
        account,
        via=via,
        now=now,
        stepped_up_at=stepped_up_at,
        ip=origin.ip,
        user_agent=origin.user_agent,
    )
    Account.objects.filter(user_id=account.user_id).update(last_login=now)
    return SignedIn(key, account)


def exchange(who: Identity, claims: tokens.Claims, *, now: datetime, origin: Origin) -> SignedIn:
    """A session for a verified token, once per jti. Raises NeedsSignIn for a used one."""
    rates.limit("exchange_ip", origin.ip, EXCHANGE_PER_IP)
    if who.is_service:
        raise Forbidden("service:system works with tokens only.", code="machine_only")
    if not spend(claims, how="exchange"):
        trail.record("token.refused", at=now, origin=origin, who=who, reason="exchanged before")
        raise tokens.refused("token_spent", "a token can be exchanged once")
    account = Account.objects.get(user_id=who.user_id)
    return _open(account, via="exchange", now=now, stepped_up_at=claims.issued_at, origin=origin)


def spend(claims: tokens.Claims, *, how: str) -> bool:
    """Mark the jti; False if it was marked that way before."""
    _, new = SpentToken.objects.get_or_create(
        jti_hash=sessions.hashed(claims.jti), how=how, defaults={"expires_at": claims.expires_at}
    )
    return new


def step_up(who: Identity, password: str, *, now: datetime, origin: Origin, code: str = "") -> str:
    """The renewed session key after password and code were given again; good for ten minutes.

    Raises what sign_in raises, and NotFound if the session ended meanwhile.
    """
    account = _proven(who.email, password, now=now, origin=origin)
    if factors.has(account.user_id):
        _refuse_wrong_code(account, code, "confirm_code", now=now, origin=origin)
    elif environment.name() == "production":
        raise Forbidden("A password alone does not confirm.", code="second_factor_required")
    trail.record("login.confirmed", at=now, origin=origin, who=account)
    key = sessions.renew(who.session_id, stepped_up_at=now)
    if key is None:
        raise NotFound("session", message="This session has ended. Sign in again.")
    return key


def sign_out(who: Identity, *, now: datetime, origin: Origin) -> None:
    """End this session and its grants."""
    sessions.end(who.user_id, who.session_id)
    _end_grants(who.user_id, who.org_id, "logout", now, origin, who.session_id)
    trail.record("logout.ok", at=now, origin=origin, who=who)


def sign_out_everywhere(who: Identity, *, now: datetime, origin: Origin) -> int:
    """End every session and grant of the person, this one too; how many sessions."""
    ended = sessions.end_all(who.user_id)
    _end_grants(who.user_id, who.org_id, "logout", now, origin)
    trail.record("sessions.revoked", at=now, origin=origin, who=who, after={"sessions": ended})
    return ended


def revoke(who: Identity, session_id: str, *, now: datetime, origin: Origin) -> None:
    """End one of the person's sessions. Raises NotFound for anybody else's."""
    if not sessions.end(who.user_id, session_id):
        raise NotFound("sign-in", message="You have no such sign-in; it may have ended.")
    _end_grants(who.user_id, who.org_id, "logout", now, origin, session_id)
    trail.record("session.revoked", at=now, origin=origin, who=who)


def lose_rights(user_id: str, at: datetime) -> None:
    """End everything after a change of role, organisation or status."""
    sessions.end_all(user_id)
    account = Account.objects.filter(user_id=user_id).first()
    if account is not None:
        _end_grants(user_id, account.org_id, "role_lost", at, Origin(request_id=""))


def _end_grants(
    user_id: str,
    org_id: str,
    how: Ending,
    at: datetime,
    origin: Origin,
    session_id: str | None = None,
) -> None:
    """Grants die with their session anyway; this writes their ending. Never blocks a sign-out."""
    try:
        end_grants(
            user_id=user_id, home_org_id=org_id, how=how, at=at, origin=origin,
            session_id=session_id,
        )  # fmt: skip
    except Unavailable:
        return
