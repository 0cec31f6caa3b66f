"""Motor carrier files and their public safety record."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import FixedCharField, IdField, StampField, TimestampField
from openinsure.keyspaces.indexes import OrgIndex, org_unique
from openinsure.tenancy.models import TenantModel, org_ref


class MotorCarrier(TenantModel):
    """Motor carrier file: authority, size, cargo, safety."""

    insured_id = IdField(null=True)
    legal_name = models.CharField(max_length=255)
    dba_name = models.CharField(max_length=255, null=True)
    name_norm = models.CharField(max_length=255)
    usdot_number = models.CharField(max_length=12)
    mc_number = models.CharField(max_length=16, null=True)
    primary_state = FixedCharField(max_length=2, null=True)
    carrier_type = models.CharField(max_length=32, null=True)
    operating_authority = models.CharField(max_length=32, null=True)
    authority_status = models.CharField(max_length=32, null=True)
    total_power_units = models.IntegerField(default=0)
    total_drivers = models.IntegerField(default=0)
    operations = models.JSONField(null=True)
    cargo_carried = models.JSONField(null=True)
    safety_rating = models.CharField(max_length=32, null=True)
    csa_score = models.IntegerField(null=True)
    name_mismatch = models.BooleanField(default=False)
    chameleon_flag = models.BooleanField(default=False)
    latest_snapshot_id = IdField(null=True)
    last_checked_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()

    latest_snapshot = org_ref(
        "oi_submissions.FmcsaSnapshot", "latest_snapshot_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "motor_carriers"
        constraints = [
            org_unique("motor_carriers", "usdot_number"),
        ]
        indexes = [
            OrgIndex("mc_number"),
            OrgIndex("name_norm"),
            OrgIndex("authority_status", "last_checked_at"),
            OrgIndex("updated_at", "id"),
            OrgIndex("name_norm", "id"),
        ]


class MotorCarrierAuthority(TenantModel):
    """Authority history."""

    motor_carrier_id = IdField()
    authority_type = models.CharField(max_length=32)
    docket_number = models.CharField(max_length=16, null=True)
    status = models.CharField(max_length=32)
    granted_at = TimestampField(null=True)
    revoked_at = TimestampField(null=True)
    reason = models.CharField(max_length=128, null=True)
    created_at = StampField()
    updated_at = StampField()

    motor_carrier = org_ref("oi_submissions.MotorCarrier", "motor_carrier_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "motor_carrier_authorities"
        indexes = [
            OrgIndex("motor_carrier_id", "status"),
            OrgIndex("docket_number"),
        ]


class MotorCarrierPermit(TenantModel):
    """Intrastate permits."""

    motor_carrier_id = IdField()
    state = FixedCharField(max_length=2)
    permit_number = models.CharField(max_length=64)
    status = models.CharField(max_length=32)
    issued_date = models.DateField(null=True)
    expiration_date = models.DateField(null=True)
    document_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    motor_carrier = org_ref("oi_submissions.MotorCarrier", "motor_carrier_id", related_name="+")
    document = org_ref(
        "oi_submissions.SubmissionDocument", "document_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "motor_carrier_permits"
        indexes = [
            OrgIndex("motor_carrier_id", "state"),
            OrgIndex("expiration_date", "status"),
        ]


class FmcsaSnapshot(TenantModel):
    """Company snapshot as fetched."""

    motor_carrier_id = IdField()
    usdot_number = models.CharField(max_length=12)
    fetched_at = TimestampField()
    payload = models.JSONField(null=True)
    payload_sha256 = FixedCharField(max_length=64)
    authority_status = models.CharField(max_length=32, null=True)
    power_units = models.IntegerField(null=True)
    created_at = StampField()

    motor_carrier = org_ref("oi_submissions.MotorCarrier", "motor_carrier_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "fmcsa_snapshots"
        indexes = [
            OrgIndex("motor_carrier_id", "fetched_at"),
            OrgIndex("usdot_number", "fetched_at"),
        ]


class FmcsaBasicScore(TenantModel):
    """Safety categories, percentile and alerts."""

    snapshot_id = IdField()
    motor_carrier_id = IdField()
    category = models.CharField(max_length=32)
    percentile = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    threshold = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    alert = models.BooleanField(default=False)
    measured_on = models.DateField()
    created_at = StampField()
    updated_at = StampField()

    snapshot = org_ref("oi_submissions.FmcsaSnapshot", "snapshot_id", related_name="+")
    motor_carrier = org_ref("oi_submissions.MotorCarrier", "motor_carrier_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "fmcsa_basic_scores"
        indexes = [
            OrgIndex("motor_carrier_id", "category", "measured_on"),
            OrgIndex("snapshot_id"),
        ]


class FmcsaInspection(TenantModel):
    """Roadside inspections."""

    motor_carrier_id = IdField()
    inspection_number = models.CharField(max_length=32)
    inspected_on = models.DateField()
    state = FixedCharField(max_length=2, null=True)
    level = models.SmallIntegerField(null=True)
    violations = models.IntegerField(default=0)
    oos_count = models.IntegerField(default=0)
    vin = FixedCharField(max_length=17, null=True)
    created_at = StampField()
    updated_at = StampField()

    motor_carrier = org_ref("oi_submissions.MotorCarrier", "motor_carrier_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "fmcsa_inspections"
        constraints = [
            org_unique("fmcsa_inspections", "motor_carrier_id", "inspection_number"),
        ]
        indexes = [
            OrgIndex("inspected_on"),
            OrgIndex("vin"),
        ]


class FmcsaCrash(TenantModel):
    """Reportable crashes."""

    motor_carrier_id = IdField()
    report_number = models.CharField(max_length=32)
    crash_date = models.DateField()
    state = FixedCharField(max_length=2, null=True)
    fatalities = models.IntegerField(default=0)
    injuries = models.IntegerField(default=0)
    tow_away = models.BooleanField(default=False)
    preventable = models.CharField(max_length=32, null=True)
    created_at = StampField()
    updated_at = StampField()

    motor_carrier = org_ref("oi_submissions.MotorCarrier", "motor_carrier_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "fmcsa_crashes"
        constraints = [
            org_unique("fmcsa_crashes", "motor_carrier_id", "report_number"),
        ]
        indexes = [
            OrgIndex("crash_date"),
        ]


class TelematicsConnection(TenantModel):
    """ELD provider connections."""

    motor_carrier_id = IdField()
    provider = models.CharField(max_length=32)
    status = models.CharField(max_length=32)
    consented_at = TimestampField(null=True)
    last_event_at = TimestampField(null=True)
    credentials_ref = models.CharField(max_length=128, null=True)
    vehicle_count = models.IntegerField(default=0)
    created_at = StampField()
    updated_at = StampField()

    motor_carrier = org_ref("oi_submissions.MotorCarrier", "motor_carrier_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "telematics_connections"
        indexes = [
            OrgIndex("motor_carrier_id", "provider"),
            OrgIndex("status", "last_event_at"),
        ]
