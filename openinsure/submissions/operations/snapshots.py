"""A fresh FMCSA snapshot beside the earlier ones: the file of the carrier follows the newest."""

from __future__ import annotations

from datetime import datetime

from openinsure.audit.record import append
from openinsure.console.acting import Actor, audit_event
from openinsure.console.forms import Once
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Problem
from openinsure.submissions.detail_rows import SubmissionFile
from openinsure.submissions.fmcsa import Answer
from openinsure.submissions.models import FmcsaSnapshot, MotorCarrier, Submission
from openinsure.submissions.operations.changes import KEYSPACE, Done, Move, change
from openinsure.tenancy.scope import Scope

REFRESHED = "submission.fmcsa_refreshed"


def keep_snapshot(
    scope: Scope, number: str, answer: Answer, *, once: Once, actor: Actor, now: datetime
) -> Done:
    """Store what FMCSA said just now; earlier snapshots stay. Raises BadForm without DOT number."""

    def stays(submission: Submission) -> None:
        if not submission.usdot_number:
            raise BadForm({"usdot": "is not known of this applicant"})

    def apply(submission: Submission) -> None:
        carrier = _carrier(scope, submission, answer, now)
        FmcsaSnapshot.objects.create(
            org_id=scope.org_id,
            id=once.id,
            motor_carrier_id=carrier.id,
            usdot_number=carrier.usdot_number,
            fetched_at=now,
            payload=answer.facts,
            payload_sha256=answer.sha256,
            authority_status=answer.authority_status,
            power_units=answer.power_units,
            created_at=now,
        )
        _follow(carrier, answer, once.id, now)
        submission.motor_carrier_id = carrier.id

    payload = {
        "snapshot_id": once.id,
        "authority_status": answer.authority_status,
        "power_units": answer.power_units,
        "sha256": answer.sha256,
    }
    return change(
        scope, number, Move(REFRESHED, stays, apply, payload), once=once, actor=actor, now=now
    )


def note_refusal(
    scope: Scope, of: SubmissionFile, refusal: Problem, *, actor: Actor, now: datetime
) -> None:
    """Audit that FMCSA was asked and gave nothing to keep. Raises Unavailable (audit)."""
    append(
        audit_event(
            scope,
            actor,
            f"{REFRESHED}.failed",
            keyspace=KEYSPACE,
            table="submissions",
            entity_id=of.id,
            object=of.number,
            now=now,
            before={"status": of.status},
            after={"status": of.status, "usdot_number": of.usdot_number},
            reason=refusal.message,
        )
    )


def _carrier(scope: Scope, submission: Submission, answer: Answer, now: datetime) -> MotorCarrier:
    """The file of the DOT number, locked; a new one where there is none."""
    rows = MotorCarrier.objects.within(scope).select_for_update()
    found: MotorCarrier | None = rows.filter(usdot_number=submission.usdot_number).first()
    if found is not None:
        return found
    made: MotorCarrier = MotorCarrier.objects.within(scope).create(
        id=new_id(),
        legal_name=answer.name or submission.insured_name,
        name_norm=submission.insured_name_norm,
        usdot_number=submission.usdot_number,
        primary_state=submission.state,
        created_at=now,
        updated_at=now,
    )
    return made


def _follow(carrier: MotorCarrier, answer: Answer, snapshot_id: str, now: datetime) -> None:
    """The newest answer as the file's own columns; what it does not say stays."""
    carrier.latest_snapshot_id, carrier.last_checked_at = snapshot_id, now
    carrier.authority_status = answer.authority_status
    for column, value in (
        ("total_power_units", answer.power_units),
        ("total_drivers", answer.drivers),
        ("safety_rating", answer.safety_rating),
    ):
        if value is not None:
            setattr(carrier, column, value)
    if answer.name:
        carrier.name_mismatch = _words(answer.name) != _words(carrier.legal_name)
    carrier.updated_at = now
    carrier.save()


def _words(name: str) -> list[str]:
    """A name without case and signs."""
    return "".join(c if c.isalnum() else " " for c in name.casefold()).split()
