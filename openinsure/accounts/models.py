"""Accounts, web sessions, spent tokens and audit rows that still wait, all in oi_console.

None of them is a tenant table: an account is found by its e-mail before any scope exists.
Columns only; rules are in operations, sessions, snapshot and trail.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from openinsure.keyspaces.fields import IdField

ACTIVE = "active"


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by their normalised e-mail."""

    def get_by_natural_key(self, username: str | None) -> Account:
        """Raises Account.DoesNotExist."""
        return self.get(email=normal_email(username or ""))


def normal_email(text: str) -> str:
    """The one spelling that is stored and compared: trimmed, lower case."""
    return text.strip().lower()


class Account(AbstractBaseUser):
    """One person who may sign in, and the last known snapshot of oi_global.users."""

    user_id = IdField(primary_key=True)
    email = models.CharField(max_length=255, unique=True)  # over the whole console
    org_id = IdField()
    org_name = models.CharField(max_length=255, default="")
    org_active = models.BooleanField(default=True)
    role = models.CharField(max_length=32)
    extra_roles: models.JSONField[Any, Any] = models.JSONField(default=list)  # live user_roles
    status = models.CharField(max_length=32, default=ACTIVE)
    full_name = models.CharField(max_length=255)
    snapshot_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True)  # here, whatever oi_global says
    password_changed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    class Meta:
        indexes = [models.Index(fields=["org_id", "role"], name="accounts_org_role")]

    def __str__(self) -> str:
        return self.email


class WebSession(models.Model):
    """One browser signed in. The cookie holds the key, this row only its hash."""

    id = IdField(primary_key=True)  # stays when the key is renewed
    key_hash = models.CharField(max_length=64, unique=True)  # SHA-256, hex
    account = models.ForeignKey(Account, models.CASCADE, db_constraint=False)
    via = models.CharField(max_length=16)  # password | exchange
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # written at most once a minute
    expires_at = models.DateTimeField(db_index=True)
    stepped_up_at = models.DateTimeField(null=True)
    ip = models.CharField(max_length=45)
    user_agent = models.CharField(max_length=255)

    def __str__(self) -> str:
        return str(self.id)


class SpentToken(models.Model):
    """A bearer token's jti that was exchanged or revoked; gone after the token expires."""

    jti_hash = models.CharField(max_length=64)
    how = models.CharField(max_length=16)  # exchange | revoked
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["jti_hash", "how"], name="spent_once")]

    def __str__(self) -> str:
        return f"{self.how} {self.jti_hash[:8]}"


class WaitingAudit(models.Model):
    """A sign-in event whose audit row could not be written because oi_global was away."""

    event: models.JSONField[Any, Any] = models.JSONField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class SecondFactor(models.Model):
    """The secret of a phone app, sealed; it counts once confirmed_at is set."""

    account = models.OneToOneField(
        Account, models.CASCADE, primary_key=True, db_constraint=False, related_name="+"
    )
    sealed = models.CharField(max_length=255)
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)  # of the code used last: none works twice
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class RecoveryCode(models.Model):
    """One of the ten codes for a lost phone, as its keyed hash."""

    account = models.ForeignKey(Account, models.CASCADE, db_constraint=False, related_name="+")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.pk)
