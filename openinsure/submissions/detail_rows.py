"""Frozen rows of one submission's page. Personal data is masked before it gets here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SubmissionFile:
    """One submission. program, producer, underwriter, insured and policy are ids."""

    id: str
    number: str
    status: str
    insured: str
    insured_norm: str
    insured_id: str | None
    motor_carrier_id: str | None
    usdot_number: str | None
    program_id: str
    producer_id: str | None
    underwriter_id: str | None
    assigned_at: datetime | None
    line_of_business: str
    state: str
    channel: str
    priority: str
    requested_effective: date | None
    received_at: datetime
    triage_score: int | None
    referral_reason: str | None
    decline_reason: str | None
    target_premium_cents: int
    currency: str
    vehicles: int
    drivers: int
    bound_policy_id: str | None
    closed_at: datetime | None
    lock_version: int
    updated: datetime


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Another open submission of the same applicant. same: DOT number or FEIN."""

    id: str
    number: str
    status: str
    insured: str
    received_at: datetime
    producer_id: str | None
    same: str


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answered question; contact and protected answers are masked."""

    id: str
    question: str
    answer: str
    source: str | None
    confidence: Decimal | None


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """One referral and what was decided."""

    id: str
    type: str
    status: str
    referred_to: str | None
    referred_at: datetime
    decided_at: datetime | None
    decision: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class InfoRequestRow:
    """One thing asked of the producer."""

    id: str
    item: str
    due: date | None
    status: str
    requested_by_id: str
    asked_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One file received; its place in storage is not told."""

    id: str
    type: str
    title: str
    extraction: str
    sha256: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One underwriting note."""

    id: str
    body: str | None
    visibility: str
    author_id: str
    at: datetime
    author: str = ""


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event in words, newest first."""

    id: str
    seq: int
    at: datetime
    event: str
    title: str
    detail: str
    actor: str
    href: str = ""
