"""Reads of oi_claims for the file of one claim: people, recovery, litigation, papers, events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from openinsure.claims.life import REVERSED, mirror_id
from openinsure.claims.masking import last4, masked, masked_name
from openinsure.claims.models import (
    Claimant,
    ClaimDocument,
    ClaimEvent,
    ClaimNote,
    ClaimParty,
    ClaimRecovery,
    LitigationCase,
    SubrogationCase,
    SubrogationDemand,
)
from openinsure.claims.panel_rows import (
    ClaimantRow,
    DemandRow,
    DocumentRow,
    EventRow,
    LitigationRow,
    NoteRow,
    PartyRow,
    RecoveryRow,
    SubrogationRow,
)
from openinsure.console.dates import format_day
from openinsure.console.links import url
from openinsure.console.money import format_cents
from openinsure.console.words import role_word, sentence
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, reading

ROWS_MAX = 500  # rows a panel shows
PRIVILEGED = "Privileged: for those who work the claim."
EVENT_WORDS = {
    "claim.reported": "Reported",
    "claim.assigned": "Assigned",
    "claim.transitioned": "Status changed",
    "reserve.set": "Reserve set",
    "disbursement.requested": "Disbursement requested",
    "disbursement.approved": "Disbursement approved",
    "disbursement.rejected": "Disbursement rejected",
    "disbursement.issued": "Check issued",
    "disbursement.cleared": "Cleared at the bank",
    "recovery.received": "Recovery received",
    "recovery.reversed": "Recovery taken back",
    "note.added": "Note added",
}


def rows_of(scope: Scope, model: Any, claim_id: str, *order: str) -> Any:
    """Rows of one claim in an order that ends in the id."""
    return model.objects.within(scope).filter(claim_id=claim_id).order_by(*order, "id")


def list_claimants(scope: Scope, claim_id: str) -> Reading[ClaimantRow]:
    """Who asserts the claim. One query."""
    rows = rows_of(scope, Claimant, claim_id, "created_at").values_list(
        "id", "full_name", "party_role", "injury_severity", "represented", "phone", "email",
        "address_line1", "city", "state", "tin_last4", "demand_cents", "currency", "status",
    )  # fmt: skip
    return reading(rows[:ROWS_MAX], _claimant)


def _claimant(
    key: str, name: str, role: str, injury: str, represented: Any, phone: Any, email: Any,
    street: Any, city: Any, state: Any, tin: Any, *rest: Any,
) -> ClaimantRow:  # fmt: skip
    place = " ".join(part for part in (masked(street), city, state) if part) or None
    return ClaimantRow(
        key, name, role, injury, bool(represented), masked(phone), masked(email), place,
        last4(tin), *rest,
    )  # fmt: skip


def list_parties(scope: Scope, claim_id: str) -> Reading[PartyRow]:
    """Attorneys, witnesses, shops. One query."""
    rows = rows_of(scope, ClaimParty, claim_id, "party_role").values_list(
        "id", "name", "party_role", "organization", "phone_digits", "email", "active"
    )
    return reading(
        rows[:ROWS_MAX],
        lambda key, name, role, firm, phone, email, active: PartyRow(
            key, name, role, firm, masked(phone), masked(email), bool(active)
        ),
    )


def list_subrogation(scope: Scope, claim_id: str) -> Reading[SubrogationRow]:
    """Recovery actions. One query."""
    rows = rows_of(scope, SubrogationCase, claim_id, "-opened_at").values_list(
        "id", "adverse_party", "adverse_carrier", "liability_rate", "demand_cents", "currency",
        "status", "opened_at", "statute_date",
    )  # fmt: skip
    return reading(
        rows[:ROWS_MAX],
        lambda key, party, carrier, rate, *rest: SubrogationRow(
            key, masked_name(party), carrier, _fraction(rate), *rest
        ),
    )


def list_demands(scope: Scope, claim_id: str) -> Reading[DemandRow]:
    """Demands of every recovery action of the claim. One query."""
    rows = (
        SubrogationDemand.objects.within(scope)
        .filter(subrogation_case__claim_id=claim_id)
        .order_by("-demand_no", "id")
        .values_list(
            "id", "demand_no", "amount_cents", "offered_cents", "currency", "sent_at",
            "response_due_date", "response",
        )
    )  # fmt: skip
    return reading(rows[:ROWS_MAX], DemandRow)


def list_recoveries(scope: Scope, claim_id: str, number: str = "") -> Reading[RecoveryRow]:
    """Money back. One query. number: of the claim, where a wrong one may be taken back."""
    rows = rows_of(scope, ClaimRecovery, claim_id, "-created_at").values_list(
        "id", "recovery_type", "payer_name", "expected_cents", "received_cents", "currency",
        "status", "received_at", "payment_reference",
    )  # fmt: skip
    return reading(
        rows[:ROWS_MAX],
        lambda key, kind, payer, *rest: RecoveryRow(key, kind, masked_name(payer), *rest),
    ).then(lambda found: [_answered(row, found, number) for row in found])


def _answered(row: RecoveryRow, every: Sequence[RecoveryRow], number: str) -> RecoveryRow:
    """The row with the one it takes back or is taken back by, and the step that is open."""
    if row.status == "received" and number:
        href = url("claims.recovery_back", number, row.id)
        return replace(row, act="Take back", href=href)
    if row.status == REVERSED:
        mate, told = mirror_id(row.id), "Taken back"
    else:
        mate = next((one.id for one in every if mirror_id(one.id) == row.id), "")
        told = "Takes back what was received"
    other = next((one for one in every if one.id == mate and one.received), None)
    if other is None or other.received is None:
        return row
    return replace(row, answers=f"{told} {format_day(other.received.date())}")


def list_litigation(scope: Scope, claim_id: str) -> Reading[LitigationRow]:
    """Suits. One query."""
    rows = rows_of(scope, LitigationCase, claim_id, "-filed_on").values_list(
        "id", "court", "docket_number", "status", "filed_on", "served_on", "answer_due_date",
        "trial_date",
    )  # fmt: skip
    return reading(rows[:ROWS_MAX], LitigationRow)


def list_documents(scope: Scope, claim_id: str) -> Reading[DocumentRow]:
    """Papers, newest first. One query."""
    rows = rows_of(scope, ClaimDocument, claim_id, "-created_at").values_list(
        "id", "title", "document_type", "requested_at", "received_at", "sha256"
    )
    return reading(rows[:ROWS_MAX], DocumentRow)


def list_notes(scope: Scope, claim_id: str, *, privileged: bool) -> Reading[NoteRow]:
    """Notes, newest first. privileged: the reader works the claim. One query."""
    rows = rows_of(scope, ClaimNote, claim_id, "-created_at").values_list(
        "id", "created_at", "category", "body", "privileged", "author_user_id"
    )
    return reading(
        rows[:ROWS_MAX],
        lambda key, at, category, body, secret, author: NoteRow(
            key, at, category, PRIVILEGED if secret and not privileged else body or "",
            bool(secret), author,
        ),
    )  # fmt: skip


def list_events(scope: Scope, claim_id: str) -> Reading[EventRow]:
    """The claim's events in words, newest first. One query."""
    rows = rows_of(scope, ClaimEvent, claim_id, "-seq").values_list(
        "id", "seq", "occurred_at", "event_type", "from_status", "to_status", "actor_role",
        "payload",
    )  # fmt: skip
    return reading(
        rows[:ROWS_MAX],
        lambda key, seq, at, event, before, after, role, payload: EventRow(
            key, seq, at, event, EVENT_WORDS.get(event, sentence(event.replace(".", " "))),
            _detail(before, after, payload or {}), role_word(role),
        ),
    )  # fmt: skip


def _detail(before: str | None, after: str | None, payload: dict[str, Any]) -> str:
    if before and after and before != after:
        return f"{sentence(before)} to {sentence(after).lower()}"
    if "new_cents" in payload:
        return f"{payload['cost_type']}: {format_cents(payload['new_cents'], payload['currency'])}"
    if "amount_cents" in payload:
        amount = format_cents(payload["amount_cents"], payload["currency"])
        return f"{payload.get('number', '')} {amount}".strip()
    return ""


def _fraction(rate: Decimal | None) -> str | None:
    return f"{rate * 100:.1f}%" if rate is not None else None
