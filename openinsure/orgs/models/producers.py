"""Agencies and brokers."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import (
    FixedCharField,
    IdField,
    RateField,
    StampField,
    TimestampField,
)
from openinsure.keyspaces.indexes import OrgIndex, org_unique
from openinsure.tenancy.models import TenantModel, org_ref


class Producer(TenantModel):
    """Agencies and brokers appointed to submit business."""

    code = models.CharField(max_length=32)
    agency_name = models.CharField(max_length=255)
    name_norm = models.CharField(max_length=255)
    npn = models.CharField(max_length=16, null=True)
    fein_last4 = FixedCharField(max_length=4, null=True)
    status = models.CharField(max_length=32)
    billing_mode = models.CharField(max_length=32)
    default_commission_rate = RateField()
    email = models.CharField(max_length=255, null=True)
    phone = models.CharField(max_length=32, null=True)
    address_line1 = models.CharField(max_length=255, null=True)
    city = models.CharField(max_length=128, null=True)
    state = FixedCharField(max_length=2, null=True)
    postal_code = models.CharField(max_length=16, null=True)
    payout_account_ref = models.CharField(max_length=64, null=True)
    appointed_at = TimestampField(null=True)
    terminated_at = TimestampField(null=True)
    termination_reason = models.CharField(max_length=255, null=True)
    owner_user_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "producers"
        constraints = [
            org_unique("producers", "code"),
        ]
        indexes = [
            OrgIndex("npn"),
            OrgIndex("status", "agency_name"),
            OrgIndex("name_norm"),
            OrgIndex("updated_at", "id"),
            OrgIndex("code", "id"),
            OrgIndex("agency_name", "id"),
            OrgIndex("status", "updated_at", "id"),
            OrgIndex("state", "updated_at", "id"),
        ]


class ProducerLicense(TenantModel):
    """State licences and expiry."""

    producer_id = IdField()
    state = FixedCharField(max_length=2)
    license_number = models.CharField(max_length=64)
    license_type = models.CharField(max_length=32, null=True)
    status = models.CharField(max_length=32)
    effective_date = models.DateField()
    expiration_date = models.DateField()
    verified_at = TimestampField(null=True)
    source = models.CharField(max_length=32, null=True)
    created_at = StampField()
    updated_at = StampField()

    producer = org_ref("oi_global.Producer", "producer_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "producer_licenses"
        constraints = [
            org_unique("producer_licenses", "producer_id", "state", "license_number"),
        ]
        indexes = [
            OrgIndex("expiration_date", "status"),
        ]


class ProducerAppointment(TenantModel):
    """Carrier appointments per state."""

    producer_id = IdField()
    carrier_id = IdField()
    state = FixedCharField(max_length=2)
    status = models.CharField(max_length=32)
    effective_date = models.DateField()
    termination_date = models.DateField(null=True)
    created_at = StampField()
    updated_at = StampField()

    producer = org_ref("oi_global.Producer", "producer_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "producer_appointments"
        constraints = [
            org_unique("producer_appointments", "producer_id", "carrier_id", "state"),
        ]


class ProducerUser(TenantModel):
    """Users inside an agency (producer, agent_support, agency_admin)."""

    producer_id = IdField()
    user_id = IdField()
    agency_role = models.CharField(max_length=32)
    status = models.CharField(max_length=32)
    invited_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()

    producer = org_ref("oi_global.Producer", "producer_id", related_name="+")
    user = org_ref("oi_global.User", "user_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "producer_users"
        constraints = [
            org_unique("producer_users", "producer_id", "user_id"),
        ]
        indexes = [
            OrgIndex("user_id"),
        ]


class ProducerCommissionOverride(TenantModel):
    """Commission exceptions."""

    producer_id = IdField()
    program_id = IdField(null=True)
    transaction_type = models.CharField(max_length=32)
    rate = RateField()
    effective_date = models.DateField()
    end_date = models.DateField(null=True)
    approved_by_user_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    producer = org_ref("oi_global.Producer", "producer_id", related_name="+")
    program = org_ref("oi_global.Program", "program_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "producer_commission_overrides"
        indexes = [
            OrgIndex("producer_id", "program_id", "effective_date"),
        ]
