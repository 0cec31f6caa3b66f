"""The second factor of an account: a code of a phone app, or one of ten recovery codes.

The secret is sealed, recovery codes are kept as keyed hashes, and both work once: a code of a step
that was used is refused, also when two requests bring it at the same time.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction

from openinsure.accounts import totp
from openinsure.accounts.models import Account, RecoveryCode, SecondFactor
from openinsure.keyspaces.sealing import keyed_hash, seal, unseal
from openinsure.problems import BadForm, Conflict, Problem

FIELD = "accounts.second_factor"
CODES, CODE_LENGTH = 10, 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is read as something else
PROOF_LIFE = timedelta(minutes=5)  # between the password and the code
_SALT = "openinsure.accounts.factors"
_SPACES = re.compile(r"[\s-]+")


class CodeNeeded(Problem):
    """The password was right; now the code. `proof` goes back with it."""

    status, code = 401, "second_factor_needed"

    def __init__(self, proof: str) -> None:
        super().__init__("Enter the code of your app.")
        self.proof = proof


@dataclass(frozen=True, slots=True)
class Offered:
    """A secret that waits to be confirmed."""

    secret: str
    address: str


def has(user_id: str) -> bool:
    """Whether a confirmed factor stands. One statement on oi_console."""
    return SecondFactor.objects.filter(account_id=user_id).exclude(confirmed_at=None).exists()


def offer(account: Account, *, now: datetime) -> Offered:
    """A new secret to type into the app; nothing counts until `confirm`.

    Raises Conflict when a factor stands: remove it first.
    """
    if has(account.user_id):
        raise Conflict("A second factor is set up already.", code="factor_exists")
    secret = totp.new_secret()
    sealed = seal(account.org_id, FIELD, secret).decode()
    SecondFactor.objects.update_or_create(
        account_id=account.user_id,
        defaults={"sealed": sealed, "confirmed_at": None, "last_step": 0, "created_at": now},
    )
    return Offered(secret, totp.address(secret, account.email))


def offered(account: Account) -> Offered | None:
    """The secret that still waits to be confirmed."""
    row = SecondFactor.objects.filter(account_id=account.user_id, confirmed_at=None).first()
    if row is None:
        return None
    secret = unseal(account.org_id, FIELD, row.sealed.encode())
    return Offered(secret, totp.address(secret, account.email))


def confirm(account: Account, code: str, *, now: datetime) -> tuple[str, ...]:
    """The factor counts from now on; ten recovery codes, shown once. Raises BadForm."""
    with transaction.atomic():
        rows = SecondFactor.objects.select_for_update().filter(account_id=account.user_id)
        row = rows.filter(confirmed_at=None).first()
        if row is None:
            raise BadForm({"code": "belongs to no secret; begin again"})
        secret = unseal(account.org_id, FIELD, row.sealed.encode())
        step = totp.matching_step(secret, _SPACES.sub("", code), now.timestamp())
        if step is None:
            raise BadForm({"code": "is not the one your app shows now"})
        row.confirmed_at, row.last_step = now, step
        row.save()
        RecoveryCode.objects.filter(account_id=account.user_id).delete()
        made = tuple(_new_code() for _ in range(CODES))
        RecoveryCode.objects.bulk_create(
            RecoveryCode(account_id=account.user_id, code_hash=_hash(account, one)) for one in made
        )
    return made


def enrol(account: Account, *, now: datetime) -> tuple[Offered, tuple[str, ...]]:
    """Offer and confirm in one step, for the command line that hands both to the person."""
    made = offer(account, now=now)
    code = totp.code_at(made.secret, totp.step_of(now.timestamp()) - totp.DRIFT_STEPS)
    return made, confirm(account, code, now=now)


def remove(user_id: str) -> None:
    """Take factor and recovery codes away."""
    with transaction.atomic():
        SecondFactor.objects.filter(account_id=user_id).delete()
        RecoveryCode.objects.filter(account_id=user_id).delete()


def codes_left(user_id: str) -> int:
    """Recovery codes that were not used."""
    return RecoveryCode.objects.filter(account_id=user_id, used_at=None).count()


def proves(account: Account, code: str, *, now: datetime) -> bool:
    """Whether the code is the account's and was not used before; it is used up by asking."""
    typed = _SPACES.sub("", code).lower()
    if len(typed) == CODE_LENGTH:
        mine = RecoveryCode.objects.filter(account_id=account.user_id, used_at=None)
        return bool(mine.filter(code_hash=_hash(account, typed)).update(used_at=now))
    row = SecondFactor.objects.filter(account_id=account.user_id).exclude(confirmed_at=None).first()
    if row is None:
        return False
    secret = unseal(account.org_id, FIELD, row.sealed.encode())
    step = totp.matching_step(secret, typed, now.timestamp())
    if step is None:
        return False
    unused = SecondFactor.objects.filter(account_id=account.user_id, last_step__lt=step)
    return bool(unused.update(last_step=step))


def proof_of(account: Account, ip: str) -> str:
    """What stands for the right password until the code comes, for PROOF_LIFE and this address."""
    return signing.TimestampSigner(salt=_SALT).sign(f"{account.user_id}|{ip}|{_mark(account)}")


def proven(proof: str, ip: str) -> Account | None:
    """The account of a proof; None for a forged, old or foreign one, or a changed password."""
    try:
        value = signing.TimestampSigner(salt=_SALT).unsign(proof, max_age=PROOF_LIFE)
    except signing.BadSignature:
        return None
    user_id, _, rest = value.partition("|")
    account = Account.objects.filter(user_id=user_id).first()
    if account is None or not hmac.compare_digest(rest, f"{ip}|{_mark(account)}"):
        return None
    return account


def _mark(account: Account) -> str:
    return keyed_hash(account.org_id, account.password)[:16]


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def _hash(account: Account, code: str) -> str:
    return keyed_hash(account.org_id, f"{account.user_id}:{code}")
