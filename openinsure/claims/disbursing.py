"""Disbursements: their states, one of them, its approvals. Reads of oi_claims."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.db.models import Q, Sum

from openinsure.claims.masking import masked_name
from openinsure.claims.models import ClaimPayment, Disbursement, DisbursementApproval
from openinsure.claims.queries import DISBURSEMENTS
from openinsure.claims.rows import DisbursementRow
from openinsure.console.filters import Option
from openinsure.console.row_reading import rows_of
from openinsure.console.states import Machine
from openinsure.problems import NotFound
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, reading

MACHINE: Final = Machine(
    "disbursement",
    {
        "requested": ("pending_approval", "rejected"),
        "pending_approval": ("approved", "rejected"),
        "approved": ("issued", "voided"),
        "issued": ("cleared", "voided", "stop_requested", "stale"),
        "stop_requested": ("voided",),
        "stale": ("escheated",),
    },
)
STATUSES = tuple(
    Option(key, key.replace("_", " ").capitalize())
    for key in (
        "requested", "pending_approval", "approved", "issued", "cleared", "rejected", "voided",
        "stop_requested", "stale", "escheated",
    )
)  # fmt: skip
APPROVALS_MAX = 20
UNDECIDED = ("requested", "pending_approval")


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """One step of the approval. by: user id, replaced by the name on the page."""

    id: str
    step: int
    role: str
    decision: str
    by: str | None
    at: datetime | None
    note: str | None


def disbursement_with_claim(scope: Scope, number: str) -> tuple[DisbursementRow, str | None]:
    """The same with the number of its claim, if it has one."""
    rows = Disbursement.objects.within(scope).filter(disbursement_number=number)
    values = rows.values_list(*DISBURSEMENTS.selected, "claim__claim_number").first()
    if values is None:
        raise NotFound("disbursement", number)
    *columns, claim_number = values
    row = DisbursementRow(*columns)
    return replace(row, payee=masked_name(row.payee)), claim_number


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A disbursement that waits for a decision; the payee masked."""

    id: str
    number: str
    claim_id: str | None
    payee: str
    amount_cents: int
    currency: str
    requested_by: str
    first_approver: str | None
    since: datetime


WAITING = {
    "number": "disbursement_number",
    "payee": "payee_name",
    "requested_by": "requested_by_user_id",
    "first_approver": "first_approver_user_id",
    "since": "created_at",
}


def list_waiting(
    scope: Scope, *, without: Collection[str], limit: int, after: str = ""
) -> list[WaitingRow]:
    """Disbursements to be decided, the oldest first, without these claims'. One statement.

    after: behind the row of this id. Each status is read in the order of its own index: a check
    that waits was never issued, so (org, status, issued_at) goes on with the id.
    """
    waiting = Disbursement.objects.within(scope).filter(issued_at=None, id__gt=after)
    if without:
        waiting = waiting.exclude(claim_id__in=sorted(without))
    parts = [waiting.filter(status=status).order_by("id")[:limit] for status in UNDECIDED]
    found = rows_of(
        parts[0].union(*parts[1:], all=True), WaitingRow, WAITING, limit=len(parts) * limit
    )
    first = sorted(found, key=lambda row: row.id)[:limit]
    return [replace(row, payee=masked_name(row.payee)) for row in first]


def payments_of(scope: Scope, disbursement_id: str) -> Reading[str]:
    """The ids of the claim payments that a disbursement carried."""
    rows = ClaimPayment.objects.within(scope).filter(disbursement_id=disbursement_id)
    return reading(rows.order_by("id").values_list("id")[:APPROVALS_MAX], str)


@dataclass(frozen=True, slots=True)
class IssuedRow:
    """A check or ACH that the bank has not paid yet."""

    id: str
    number: str
    claim_id: str
    check_number: str | None


def issued_of(
    scope: Scope, cents: int, currency: str, *, without: Collection[str], most: int = 20
) -> list[IssuedRow]:
    """Issued and not cleared, of exactly this amount, without these claims'. One statement."""
    rows = Disbursement.objects.within(scope).filter(
        status="issued", amount_cents=cents, currency=currency
    )
    rows = rows.exclude(claim_id=None).exclude(claim_id__in=sorted(without))
    return rows_of(rows.order_by("-id"), IssuedRow, {"number": "disbursement_number"}, limit=most)


def disbursement_numbers(scope: Scope, ids: Collection[str]) -> dict[str, str]:
    """Id -> number of disbursements. One statement, none for no id."""
    if not ids:
        return {}
    rows = Disbursement.objects.within(scope).filter(id__in=sorted(ids))
    return dict(rows.values_list("id", "disbursement_number"))


def uncleared_cents(scope: Scope, on: date) -> int:
    """Checks and transfers issued by the end of a day and not cleared by then, cents."""
    below = datetime.combine(on + timedelta(days=1), time(), UTC)
    rows = Disbursement.objects.within(scope).filter(issued_at__lt=below)
    rows = rows.filter(Q(cleared_at=None) | Q(cleared_at__gte=below))
    rows = rows.filter(Q(voided_at=None) | Q(voided_at__gte=below))
    return int(rows.aggregate(cents=Sum("amount_cents"))["cents"] or 0)


def approvals_of(scope: Scope, disbursement_id: str) -> Reading[ApprovalRow]:
    """Steps in their order."""
    rows = DisbursementApproval.objects.within(scope).filter(disbursement_id=disbursement_id)
    found = rows.order_by("step_no", "id").values_list(
        "id", "step_no", "required_role", "decision", "approver_user_id", "decided_at", "note"
    )
    return reading(found[:APPROVALS_MAX], _approval)


def _approval(
    key: str,
    step: int,
    role: str,
    decision: str | None,
    by: str | None,
    at: datetime | None,
    note: str | None,
) -> ApprovalRow:
    return ApprovalRow(key, step, role, decision or "pending", by, at, note)
