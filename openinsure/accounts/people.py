"""Making and changing local accounts; used by the command line, the demo and `orgs`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from openinsure.accounts import factors, sessions, trail
from openinsure.accounts.identity import Identity
from openinsure.accounts.models import Account, normal_email
from openinsure.accounts.passwords import LENGTH_MAX, LENGTH_MIN
from openinsure.accounts.snapshot import Snapshot
from openinsure.audit.grants import Origin, end_grants
from openinsure.authz.permissions import OTHER_PORTALS, ROLES, Role
from openinsure.problems import BadForm, Conflict, NotFound, Unavailable
from openinsure.tenancy.scope import CANONICAL_UUID


def hashed(password: str) -> str:
    """The stored form of a password; 176 ms. Make one and reuse it for many demo accounts."""
    return make_password(password)


def checked_password(password: str) -> str:
    """The same password. Raises BadForm when it is too short or too long."""
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        raise BadForm({"password": f"must be {LENGTH_MIN} to {LENGTH_MAX} characters long"})
    return password


def _account(person: Snapshot, password_hash: str | None, now: datetime) -> Account:
    if not CANONICAL_UUID.fullmatch(person.user_id) or not CANONICAL_UUID.fullmatch(person.org_id):
        raise BadForm({"user_id": "and org_id must be canonical ids"})
    if person.role not in {*ROLES, *OTHER_PORTALS} or person.role == Role.SYSTEM:
        raise BadForm({"role": f"must be one of {', '.join(r for r in ROLES if r != 'system')}"})
    email = normal_email(person.email)
    if "@" not in email or len(email) > 255 or any(c.isspace() for c in email):
        raise BadForm({"email": "must be an e-mail address of at most 255 characters"})
    account = Account(
        user_id=person.user_id,
        email=email,
        org_id=person.org_id,
        org_name=person.org_name,
        org_active=person.org_active,
        role=person.role,
        extra_roles=sorted(person.extra_roles),
        status=person.status,
        full_name=person.full_name,
        snapshot_at=now,
        created_at=now,
        password_changed_at=now if password_hash else None,
    )
    account.password = password_hash or make_password(None)
    return account


def create_account(
    person: Snapshot,
    *,
    password_hash: str | None,
    now: datetime,
    origin: Origin | None = None,
    by: Identity | None = None,
) -> Account:
    """A new account; without a hash it signs in only through the identity service.

    With an origin it is audited. Raises BadForm naming the field, Conflict for a taken e-mail.
    """
    account = _account(person, password_hash, now)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:
        raise Conflict("An account with this e-mail or id exists.", code="email_taken") from None
    if origin is not None:
        after = {"role": account.role, "org_id": account.org_id}
        trail.record("account.created", at=now, origin=origin, who=by, about=account, after=after)
    return account


def create_accounts(people: Iterable[Snapshot], *, password_hash: str, now: datetime) -> int:
    """Many accounts with one password in one statement (demo data); how many."""
    made = Account.objects.bulk_create(_account(one, password_hash, now) for one in people)
    return len(made)


def account_by_email(email: str) -> Account:
    """Raises NotFound."""
    account = Account.objects.filter(email=normal_email(email)).first()
    if account is None:
        raise NotFound("account", message=f"There is no account {normal_email(email)}.")
    return account


def disable_account(
    email: str, *, now: datetime, origin: Origin, by: Identity | None = None
) -> Account:
    """Shut the account here, whatever oi_global says, and end its sessions and grants."""
    account = account_by_email(email)
    if account.disabled_at is None:
        account.disabled_at = now
        account.save(update_fields=["disabled_at"])
    _end_everything(account, now=now, origin=origin)
    trail.record("account.disabled", at=now, origin=origin, who=by, about=account)
    return account


def reset_factor(
    email: str, *, password_hash: str, now: datetime, origin: Origin, by: Identity | None = None
) -> Account:
    """Give the account a new password, take its second factor, end its sessions and grants."""
    account = account_by_email(email)
    factors.remove(account.user_id)
    account.password, account.password_changed_at = password_hash, now
    account.save(update_fields=["password", "password_changed_at"])
    _end_everything(account, now=now, origin=origin)
    trail.record("account.factor_reset", at=now, origin=origin, who=by, about=account)
    return account


def _end_everything(account: Account, *, now: datetime, origin: Origin) -> None:
    sessions.end_all(account.user_id)
    try:
        end_grants(
            user_id=account.user_id,
            home_org_id=account.org_id,
            how="disabled",
            at=now,
            origin=origin,
        )
    except Unavailable:
        return  # the grants are bound to the sessions that just ended


def emails(user_ids: Iterable[str]) -> dict[str, str]:
    """E-mail by user id of those who have an account here. One statement on oi_console."""
    wanted = Account.objects.filter(user_id__in=set(user_ids))
    return dict(wanted.values_list("user_id", "email"))


def last_sign_ins(user_ids: Iterable[str]) -> dict[str, datetime]:
    """When those who have an account here last signed in. One statement on oi_console."""
    wanted = Account.objects.filter(user_id__in=set(user_ids)).exclude(last_login=None)
    return {key: at for key, at in wanted.values_list("user_id", "last_login") if at}
