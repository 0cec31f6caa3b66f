"""Staff and partner users, their roles, the role catalogue."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import FixedCharField, IdField, StampField, TimestampField
from openinsure.keyspaces.indexes import OrgIndex, PlainIndex, org_unique, unique_key
from openinsure.keyspaces.models import GlobalModel
from openinsure.tenancy.models import TenantModel, org_ref


class User(TenantModel):
    """Staff and partner users, synchronised from D1 oi-auth."""

    auth_user_id = models.CharField(max_length=64)
    email = models.CharField(max_length=255)
    full_name = models.CharField(max_length=255)
    role = models.CharField(max_length=32)
    status = models.CharField(max_length=32)
    phone = models.CharField(max_length=32, null=True)
    adjuster_id = IdField(null=True)
    producer_id = IdField(null=True)
    locale = models.CharField(max_length=16, null=True)
    timezone = models.CharField(max_length=64, null=True)
    mfa_enrolled = models.BooleanField(default=False)
    last_login_at = TimestampField(null=True)
    disabled_at = TimestampField(null=True)
    disabled_reason = models.CharField(max_length=255, null=True)
    synced_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()

    producer = org_ref("oi_global.Producer", "producer_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "users"
        constraints = [
            org_unique("users", "email"),
            org_unique("users", "auth_user_id"),
        ]
        indexes = [
            OrgIndex("role", "status"),
            OrgIndex("full_name"),
            OrgIndex("updated_at", "id"),
            OrgIndex("full_name", "id"),
            OrgIndex("email", "id"),
            OrgIndex("role", "updated_at", "id"),
            OrgIndex("status", "updated_at", "id"),
        ]


class UserRole(TenantModel):
    """Additional role grants beside users.role."""

    user_id = IdField()
    role = models.CharField(max_length=32)
    granted_by_user_id = IdField(null=True)
    granted_at = TimestampField()
    expires_at = TimestampField(null=True)
    revoked_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()

    user = org_ref("oi_global.User", "user_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "user_roles"
        constraints = [
            org_unique("user_roles", "user_id", "role"),
        ]
        indexes = [
            OrgIndex("role", "revoked_at"),
        ]


class UserPreference(TenantModel):
    """Saved console preferences (density, time zone, default columns)."""

    user_id = IdField()
    pref_key = models.CharField(max_length=96)
    value = models.JSONField(null=True)
    created_at = StampField()
    updated_at = StampField()

    user = org_ref("oi_global.User", "user_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "user_preferences"
        constraints = [
            org_unique("user_preferences", "user_id", "pref_key"),
        ]


class UserInvitation(TenantModel):
    """Pending invitations."""

    email = models.CharField(max_length=255)
    role = models.CharField(max_length=32)
    token_hash = FixedCharField(max_length=64)
    invited_by_user_id = IdField()
    expires_at = TimestampField()
    accepted_at = TimestampField(null=True)
    revoked_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "user_invitations"
        indexes = [
            OrgIndex("email", "accepted_at"),
            OrgIndex("token_hash"),
        ]


class Role(GlobalModel):
    """Role catalogue (superadmin, system, auditor, org_admin, finance_analyst, ...)."""

    role_key = models.CharField(max_length=32)
    display_name = models.CharField(max_length=128)
    cross_org = models.BooleanField(default=False)
    portal = models.CharField(max_length=32)
    description = models.CharField(max_length=255, null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(GlobalModel.Meta):
        db_table = "roles"
        constraints = [
            unique_key("roles", "role_key"),
        ]


class Permission(GlobalModel):
    """Permission catalogue."""

    permission_key = models.CharField(max_length=96)
    resource = models.CharField(max_length=64)
    action = models.CharField(max_length=64)
    description = models.CharField(max_length=255, null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(GlobalModel.Meta):
        db_table = "permissions"
        constraints = [
            unique_key("permissions", "permission_key"),
        ]
        indexes = [
            PlainIndex("resource", "action"),
        ]


class RolePermission(GlobalModel):
    """Role to permission map mirrored into SpiceDB."""

    role_id = IdField()
    permission_id = IdField()
    effect = models.CharField(max_length=32)
    condition_json = models.JSONField(null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(GlobalModel.Meta):
        db_table = "role_permissions"
        constraints = [
            unique_key("role_permissions", "role_id", "permission_id"),
        ]
        indexes = [
            PlainIndex("permission_id"),
        ]
