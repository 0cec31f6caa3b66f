"""Who and what a policy covers."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import (
    BytesField,
    CentsField,
    FixedCharField,
    IdField,
    RateField,
    StampField,
)
from openinsure.keyspaces.indexes import OrgIndex, org_unique
from openinsure.tenancy.models import TenantModel, org_ref


class Insured(TenantModel):
    """Named insured (person or business) shared by policies."""

    entity_type = models.CharField(max_length=32)
    legal_name = models.CharField(max_length=255)
    dba_name = models.CharField(max_length=255, null=True)
    name_norm = models.CharField(max_length=255)
    fein_last4 = FixedCharField(max_length=4, null=True)
    fein_hash = FixedCharField(max_length=64, null=True)
    usdot_number = models.CharField(max_length=12, null=True)
    mc_number = models.CharField(max_length=16, null=True)
    naics_code = models.CharField(max_length=8, null=True)
    phone = models.CharField(max_length=32, null=True)
    phone_digits = models.CharField(max_length=20, null=True)
    email = models.CharField(max_length=255, null=True)
    address_line1 = models.CharField(max_length=255, null=True)
    address_line2 = models.CharField(max_length=255, null=True)
    city = models.CharField(max_length=128, null=True)
    state = FixedCharField(max_length=2, null=True)
    postal_code = models.CharField(max_length=16, null=True)
    country = FixedCharField(max_length=2)
    years_in_business = models.IntegerField(null=True)
    status = models.CharField(max_length=32)
    merged_into_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    merged_into = org_ref("oi_policies.Insured", "merged_into_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "insureds"
        indexes = [
            OrgIndex("name_norm"),
            OrgIndex("phone_digits"),
            OrgIndex("email"),
            OrgIndex("usdot_number"),
            OrgIndex("fein_hash"),
            OrgIndex("postal_code", "name_norm"),
            OrgIndex("updated_at", "id"),
            OrgIndex("name_norm", "id"),
            OrgIndex("fein_last4"),
            OrgIndex("mc_number"),
        ]


class PolicyInsured(TenantModel):
    """Named and additional insureds on a policy."""

    policy_id = IdField()
    insured_id = IdField()
    role = models.CharField(max_length=32)
    sequence_no = models.IntegerField()
    effective_date = models.DateField()
    removal_date = models.DateField(null=True)
    created_at = StampField()
    updated_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")
    insured = org_ref("oi_policies.Insured", "insured_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "policy_insureds"
        indexes = [
            OrgIndex("policy_id", "role"),
            OrgIndex("insured_id"),
        ]


class PolicyCoverage(TenantModel):
    """Coverages, limits, deductibles and premium per segment."""

    policy_id = IdField()
    segment_id = IdField()
    vehicle_id = IdField(null=True)
    coverage_code = models.CharField(max_length=32)
    description = models.CharField(max_length=255, null=True)
    limit_type = models.CharField(max_length=32, null=True)
    per_person_limit_cents = CentsField()
    per_occurrence_limit_cents = CentsField()
    aggregate_limit_cents = CentsField()
    deductible_cents = CentsField()
    rate = RateField()
    annual_premium_cents = CentsField()
    term_premium_cents = CentsField()
    currency = FixedCharField(max_length=3)
    form_number = models.CharField(max_length=32, null=True)
    effective_date = models.DateField()
    expiration_date = models.DateField()
    status = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")
    segment = org_ref("oi_policies.PolicySegment", "segment_id", related_name="+")
    vehicle = org_ref("oi_policies.PolicyVehicle", "vehicle_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "policy_coverages"
        indexes = [
            OrgIndex("policy_id", "coverage_code", "effective_date"),
            OrgIndex("segment_id"),
            OrgIndex("vehicle_id"),
        ]


class PolicyVehicle(TenantModel):
    """Scheduled power units and trailers."""

    policy_id = IdField()
    unit_no = models.IntegerField()
    vin = FixedCharField(max_length=17)
    vin_last6 = FixedCharField(max_length=6)
    model_year = models.SmallIntegerField(null=True)
    make = models.CharField(max_length=64, null=True)
    model = models.CharField(max_length=64, null=True)
    body_type = models.CharField(max_length=16, null=True)
    vehicle_class = models.CharField(max_length=16, null=True)
    gvw_lbs = models.IntegerField(null=True)
    stated_value_cents = CentsField()
    currency = FixedCharField(max_length=3)
    garaging_postal_code = models.CharField(max_length=16, null=True)
    garaging_state = FixedCharField(max_length=2, null=True)
    radius_code = models.CharField(max_length=8, null=True)
    plate = models.CharField(max_length=16, null=True)
    plate_state = FixedCharField(max_length=2, null=True)
    interest_id = IdField(null=True)
    effective_date = models.DateField()
    removal_date = models.DateField(null=True)
    status = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")
    interest = org_ref("oi_policies.AdditionalInterest", "interest_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "policy_vehicles"
        indexes = [
            OrgIndex("policy_id", "status"),
            OrgIndex("vin"),
            OrgIndex("vin_last6"),
            OrgIndex("plate"),
        ]


class PolicyDriver(TenantModel):
    """Scheduled drivers; licence and birth date encrypted."""

    policy_id = IdField()
    full_name = models.CharField(max_length=255)
    name_norm = models.CharField(max_length=255)
    dob_enc = BytesField(max_length=255, null=True)
    birth_year = models.SmallIntegerField(null=True)
    license_number_enc = BytesField(max_length=255, null=True)
    license_hash = FixedCharField(max_length=64, null=True)
    license_last4 = FixedCharField(max_length=4, null=True)
    license_state = FixedCharField(max_length=2, null=True)
    cdl_class = models.CharField(max_length=8, null=True)
    license_status = models.CharField(max_length=32, null=True)
    hire_date = models.DateField(null=True)
    years_experience = models.IntegerField(null=True)
    mvr_report_id = IdField(null=True)
    mvr_points = models.IntegerField(null=True)
    excluded = models.BooleanField(default=False)
    effective_date = models.DateField()
    removal_date = models.DateField(null=True)
    status = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "policy_drivers"
        indexes = [
            OrgIndex("policy_id", "status"),
            OrgIndex("name_norm"),
            OrgIndex("license_hash"),
        ]


class PolicyLocation(TenantModel):
    """Garaging and terminal locations."""

    policy_id = IdField()
    location_no = models.IntegerField()
    address_line1 = models.CharField(max_length=255, null=True)
    city = models.CharField(max_length=128, null=True)
    state = FixedCharField(max_length=2)
    postal_code = models.CharField(max_length=16, null=True)
    territory_code = models.CharField(max_length=16, null=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    created_at = StampField()
    updated_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "policy_locations"
        constraints = [
            org_unique("policy_locations", "policy_id", "location_no"),
        ]
        indexes = [
            OrgIndex("postal_code"),
        ]


class PolicyVehicleDriver(TenantModel):
    """Which driver usually drives which unit."""

    policy_id = IdField()
    vehicle_id = IdField()
    driver_id = IdField()
    assignment_share = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    effective_date = models.DateField()
    removal_date = models.DateField(null=True)
    created_at = StampField()
    updated_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")
    vehicle = org_ref("oi_policies.PolicyVehicle", "vehicle_id", related_name="+")
    driver = org_ref("oi_policies.PolicyDriver", "driver_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "policy_vehicle_drivers"
        constraints = [
            org_unique("policy_vehicle_drivers", "vehicle_id", "driver_id", "effective_date"),
        ]
        indexes = [
            OrgIndex("policy_id"),
            OrgIndex("driver_id"),
        ]


class AdditionalInterest(TenantModel):
    """Lienholders, loss payees, certificate holders."""

    policy_id = IdField()
    interest_type = models.CharField(max_length=32)
    name = models.CharField(max_length=255)
    name_norm = models.CharField(max_length=255)
    address_line1 = models.CharField(max_length=255, null=True)
    city = models.CharField(max_length=128, null=True)
    state = FixedCharField(max_length=2, null=True)
    postal_code = models.CharField(max_length=16, null=True)
    loan_number = models.CharField(max_length=64, null=True)
    notice_of_cancellation = models.BooleanField(default=False)
    effective_date = models.DateField()
    removal_date = models.DateField(null=True)
    created_at = StampField()
    updated_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "additional_interests"
        indexes = [
            OrgIndex("policy_id", "interest_type"),
            OrgIndex("name_norm"),
        ]
