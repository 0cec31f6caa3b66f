"""Requests for insurance and the work on them."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import (
    CentsField,
    FixedCharField,
    IdField,
    StampField,
    TextColumn,
    TimestampField,
)
from openinsure.keyspaces.indexes import OrgIndex, org_unique
from openinsure.tenancy.models import TenantModel, org_ref


class Submission(TenantModel):
    """Request for insurance."""

    submission_number = models.CharField(max_length=40)
    program_id = IdField()
    producer_id = IdField(null=True)
    producer_user_id = IdField(null=True)
    insured_id = IdField(null=True)
    insured_name = models.CharField(max_length=255)
    insured_name_norm = models.CharField(max_length=255)
    motor_carrier_id = IdField(null=True)
    usdot_number = models.CharField(max_length=12, null=True)
    line_of_business = models.CharField(max_length=32)
    state = FixedCharField(max_length=2)
    status = models.CharField(max_length=32)
    channel = models.CharField(max_length=32)
    priority = models.CharField(max_length=32)
    requested_effective_date = models.DateField(null=True)
    received_at = TimestampField()
    assigned_underwriter_id = IdField(null=True)
    assigned_at = TimestampField(null=True)
    triage_score = models.IntegerField(null=True)
    referral_reason = models.CharField(max_length=255, null=True)
    decline_reason = models.CharField(max_length=255, null=True)
    target_premium_cents = CentsField()
    currency = FixedCharField(max_length=3)
    vehicle_count = models.IntegerField(default=0)
    driver_count = models.IntegerField(default=0)
    bound_policy_id = IdField(null=True)
    closed_at = TimestampField(null=True)
    lock_version = models.IntegerField(default=0)
    created_at = StampField()
    updated_at = StampField()

    motor_carrier = org_ref(
        "oi_submissions.MotorCarrier", "motor_carrier_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "submissions"
        constraints = [
            org_unique("submissions", "submission_number"),
        ]
        indexes = [
            OrgIndex("status", "received_at"),
            OrgIndex("assigned_underwriter_id", "status"),
            OrgIndex("producer_id", "status"),
            OrgIndex("insured_name_norm"),
            OrgIndex("usdot_number"),
            OrgIndex("requested_effective_date"),
            OrgIndex("bound_policy_id"),
            OrgIndex("updated_at", "id"),
            OrgIndex("received_at", "id"),
            OrgIndex("submission_number", "id"),
            OrgIndex("insured_name_norm", "id"),
            OrgIndex("target_premium_cents", "id"),
            OrgIndex("status", "updated_at", "id"),
            OrgIndex("status", "received_at", "id"),
            OrgIndex("program_id", "updated_at", "id"),
            OrgIndex("producer_id", "updated_at", "id"),
            OrgIndex("state", "updated_at", "id"),
            OrgIndex("assigned_underwriter_id", "updated_at", "id"),
        ]


class SubmissionDocument(TenantModel):
    """Files received with a submission."""

    submission_id = IdField()
    document_type = models.CharField(max_length=64)
    title = models.CharField(max_length=255)
    storage_key = models.CharField(max_length=255)
    sha256 = FixedCharField(max_length=64)
    extraction_status = models.CharField(max_length=32)
    extracted_json = models.JSONField(null=True)
    created_at = StampField()
    updated_at = StampField()

    submission = org_ref("oi_submissions.Submission", "submission_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "submission_documents"
        indexes = [
            OrgIndex("submission_id", "document_type"),
        ]


class SubmissionNote(TenantModel):
    """Underwriting notes."""

    submission_id = IdField()
    author_user_id = IdField()
    body = TextColumn(null=True)
    visibility = models.CharField(max_length=32)
    created_at = StampField()

    submission = org_ref("oi_submissions.Submission", "submission_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "submission_notes"
        indexes = [
            OrgIndex("submission_id", "created_at"),
        ]


class SubmissionEvent(TenantModel):
    """Append-only history."""

    submission_id = IdField()
    seq = models.IntegerField()
    event_type = models.CharField(max_length=64)
    from_status = models.CharField(max_length=32, null=True)
    to_status = models.CharField(max_length=32, null=True)
    actor_user_id = IdField(null=True)
    occurred_at = TimestampField()
    payload = models.JSONField(null=True)
    created_at = StampField()
    delivered_at = TimestampField(null=True)

    submission = org_ref("oi_submissions.Submission", "submission_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "submission_events"
        constraints = [
            org_unique("submission_events", "submission_id", "seq"),
        ]
        indexes = [
            OrgIndex("delivered_at", "id"),
        ]


class SubmissionAssignment(TenantModel):
    """Assignment history."""

    submission_id = IdField()
    underwriter_user_id = IdField()
    assigned_by_user_id = IdField(null=True)
    assigned_at = TimestampField()
    released_at = TimestampField(null=True)
    reason = models.CharField(max_length=128, null=True)
    created_at = StampField()
    updated_at = StampField()

    submission = org_ref("oi_submissions.Submission", "submission_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "submission_assignments"
        indexes = [
            OrgIndex("submission_id", "assigned_at"),
            OrgIndex("underwriter_user_id", "released_at"),
        ]


class SubmissionReferral(TenantModel):
    """Referrals to senior or carrier."""

    submission_id = IdField()
    referral_type = models.CharField(max_length=32)
    trigger_id = IdField(null=True)
    status = models.CharField(max_length=32)
    referred_to = models.CharField(max_length=255, null=True)
    referred_at = TimestampField()
    decided_at = TimestampField(null=True)
    decision = models.CharField(max_length=32, null=True)
    decision_note = TextColumn(null=True)
    created_at = StampField()
    updated_at = StampField()

    submission = org_ref("oi_submissions.Submission", "submission_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "submission_referrals"
        indexes = [
            OrgIndex("submission_id"),
            OrgIndex("status", "referred_at"),
        ]


class SubmissionInfoRequest(TenantModel):
    """Requests for information to the producer."""

    submission_id = IdField()
    requested_by_user_id = IdField()
    item = models.CharField(max_length=255)
    due_date = models.DateField(null=True)
    status = models.CharField(max_length=32)
    answered_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()

    submission = org_ref("oi_submissions.Submission", "submission_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "submission_info_requests"
        indexes = [
            OrgIndex("submission_id", "status"),
            OrgIndex("status", "due_date"),
        ]


class SubmissionRiskAnswer(TenantModel):
    """Answers to application questions."""

    submission_id = IdField()
    question_key = models.CharField(max_length=96)
    answer = models.JSONField(null=True)
    source = models.CharField(max_length=32, null=True)
    confidence = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    created_at = StampField()
    updated_at = StampField()

    submission = org_ref("oi_submissions.Submission", "submission_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "submission_risk_answers"
        constraints = [
            org_unique("submission_risk_answers", "submission_id", "question_key"),
        ]
