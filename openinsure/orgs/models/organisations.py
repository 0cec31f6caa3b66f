"""The organisation itself, its settings, credentials and connections."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import FixedCharField, IdField, StampField, TimestampField
from openinsure.keyspaces.indexes import OrgIndex, PlainIndex, org_unique, unique_key
from openinsure.tenancy.models import OrganizationModel, TenantModel, org_ref


class Organization(OrganizationModel):
    """Tenant: one MGA, carrier, captive or agency organisation."""

    slug = models.CharField(max_length=64)
    legal_name = models.CharField(max_length=255)
    display_name = models.CharField(max_length=255)
    organization_type = models.CharField(max_length=32)
    status = models.CharField(max_length=32)
    parent_org_id = IdField(null=True)
    naic_code = models.CharField(max_length=16, null=True)
    fein_last4 = FixedCharField(max_length=4, null=True)
    domicile_state = FixedCharField(max_length=2, null=True)
    default_currency = FixedCharField(max_length=3)
    timezone = models.CharField(max_length=64)
    tb_ledger_id = models.IntegerField()
    settings = models.JSONField(null=True)
    onboarded_at = TimestampField(null=True)
    suspended_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(OrganizationModel.Meta):
        db_table = "organizations"
        constraints = [
            unique_key("organizations", "slug"),
            unique_key("organizations", "tb_ledger_id"),
        ]
        indexes = [
            PlainIndex("status", "legal_name"),
            PlainIndex("parent_org_id"),
            PlainIndex("display_name", "id"),
            PlainIndex("status", "display_name", "id"),
        ]


class OrganizationSetting(TenantModel):
    """Per-organisation key/value settings with history."""

    setting_key = models.CharField(max_length=96)
    value = models.JSONField(null=True)
    version = models.IntegerField()
    updated_by_user_id = IdField(null=True)
    effective_at = TimestampField()
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "organization_settings"
        constraints = [
            org_unique("organization_settings", "setting_key", "version"),
        ]


class OrganizationDomain(TenantModel):
    """Allow-listed e-mail domains for single sign-on."""

    domain = models.CharField(max_length=255)
    status = models.CharField(max_length=32)
    verified_at = TimestampField(null=True)
    verification_token_hash = FixedCharField(max_length=64, null=True)
    auto_role = models.CharField(max_length=32, null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "organization_domains"
        constraints = [
            org_unique("organization_domains", "domain"),
        ]


class OrganizationFeature(TenantModel):
    """Feature switches per organisation."""

    feature_key = models.CharField(max_length=96)
    enabled = models.BooleanField(default=False)
    rollout_percent = models.IntegerField(default=0)
    set_by_user_id = IdField(null=True)
    note = models.CharField(max_length=255, null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "organization_features"
        constraints = [
            org_unique("organization_features", "feature_key"),
        ]


class ApiKey(TenantModel):
    """Machine credentials scoped to an organisation."""

    name = models.CharField(max_length=128)
    key_prefix = models.CharField(max_length=24)
    key_hash = FixedCharField(max_length=64)
    role = models.CharField(max_length=32)
    scopes = models.JSONField(null=True)
    status = models.CharField(max_length=32)
    created_by_user_id = IdField()
    last_used_at = TimestampField(null=True)
    expires_at = TimestampField(null=True)
    revoked_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "api_keys"
        constraints = [
            org_unique("api_keys", "key_hash"),
        ]
        indexes = [
            OrgIndex("status", "last_used_at"),
        ]


class ApiKeyUsage(TenantModel):
    """Daily usage roll-up per key."""

    api_key_id = IdField()
    usage_date = models.DateField()
    request_count = models.BigIntegerField(default=0)
    error_count = models.BigIntegerField(default=0)
    last_ip = models.CharField(max_length=45, null=True)
    created_at = StampField()
    updated_at = StampField()

    api_key = org_ref("oi_global.ApiKey", "api_key_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "api_key_usage"
        constraints = [
            org_unique("api_key_usage", "api_key_id", "usage_date"),
        ]


class CrmIntegration(TenantModel):
    """CRM connections (deploy request 15 in the source plan)."""

    provider = models.CharField(max_length=32)
    status = models.CharField(max_length=32)
    credentials_ref = models.CharField(max_length=128, null=True)
    last_sync_at = TimestampField(null=True)
    last_error = models.CharField(max_length=255, null=True)
    sync_cursor = models.CharField(max_length=255, null=True)
    field_map = models.JSONField(null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "crm_integrations"
        constraints = [
            org_unique("crm_integrations", "provider"),
        ]
        indexes = [
            OrgIndex("status", "last_sync_at"),
        ]


class WebhookEndpoint(TenantModel):
    """Outbound webhook targets."""

    url = models.CharField(max_length=255)
    secret_ref = models.CharField(max_length=128)
    event_types = models.JSONField(null=True)
    status = models.CharField(max_length=32)
    failure_count = models.IntegerField(default=0)
    disabled_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "webhook_endpoints"
        indexes = [
            OrgIndex("status", "created_at"),
        ]


class WebhookDelivery(TenantModel):
    """Outbound webhook attempts."""

    endpoint_id = IdField()
    event_type = models.CharField(max_length=64)
    event_id = IdField()
    status = models.CharField(max_length=32)
    attempt = models.IntegerField(default=0)
    response_code = models.IntegerField(null=True)
    next_attempt_at = TimestampField(null=True)
    payload_sha256 = FixedCharField(max_length=64)
    created_at = StampField()
    updated_at = StampField()

    endpoint = org_ref("oi_global.WebhookEndpoint", "endpoint_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "webhook_deliveries"
        indexes = [
            OrgIndex("endpoint_id", "created_at"),
            OrgIndex("status", "next_attempt_at"),
            OrgIndex("event_id"),
        ]
