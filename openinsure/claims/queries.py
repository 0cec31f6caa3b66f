"""Reads of oi_claims: the lists of claims and disbursements, one claim, its adjusters.

Every read takes `hidden`, the claims from which the viewer is recused: they do not exist for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from openinsure.claims.filters import OPEN, ClaimFilter, without
from openinsure.claims.masking import masked_name
from openinsure.claims.models import Adjuster, Claim, ClaimReserveFlag, Disbursement
from openinsure.claims.rows import AdjusterRow, ClaimFile, ClaimRow, DisbursementRow, FlagRow
from openinsure.problems import NotFound
from openinsure.tenancy.listing import (
    Count,
    ListSpec,
    Page,
    Position,
    Sort,
    Where,
    count_rows,
    list_page,
    rows_by_key,
)
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, read_together, reading

COLUMNS = {
    "number": "claim_number",
    "insured": "insured_name",
    "loss_at": "date_of_loss",
    "reported_at": "date_reported",
    "state": "loss_state",
    "open_indemnity_cents": "outstanding_indemnity_cents",
    "open_expense_cents": "outstanding_expense_cents",
    "updated": "updated_at",
}
CLAIMS = ListSpec(
    model=Claim,
    row=ClaimRow,
    columns=COLUMNS,
    sorts={
        "reported_at": Sort(
            "date_reported",
            "claims_org_date_reported_id",
            within={"status": "claims_org_status_date_reported_id"},
        ),
        "updated": Sort(
            "updated_at",
            "claims_org_updated_id",
            within={
                "status": "claims_org_status_updated_id",
                "program_id": "claims_org_program_updated_id",
                "producer_id": "claims_org_producer_updated_id",
                "adjuster_id": "claims_org_adjuster_updated_id",
                "loss_state": "claims_org_loss_state_updated_id",
            },
        ),
        "loss_date": Sort(
            "date_of_loss",
            "claims_org_date_of_loss_id",
            within={"status": "claims_org_status_date_of_loss_id"},
        ),
        "number": Sort("claim_number", "claims_org_claim_number_id"),
        "policy_number": Sort("policy_number", "claims_org_policy_number_id"),
        "insured": Sort("insured_name_norm", "claims_org_insured_name_id"),
        "incurred_cents": Sort("incurred_cents", "claims_org_incurred_id"),
    },
)
DISBURSEMENTS = ListSpec(
    model=Disbursement,
    row=DisbursementRow,
    columns={
        "number": "disbursement_number",
        "payee": "payee_name",
        "requested": "created_at",
        "issued": "issued_at",
        "cleared": "cleared_at",
        "updated": "updated_at",
    },
    sorts={
        "updated": Sort(
            "updated_at",
            "disbursements_org_updated_id",
            within={
                "status": "disbursements_org_status_updated_id",
                "method": "disbursements_org_method_updated_id",
            },
        ),
        "requested": Sort("created_at", "disbursements_org_created_id"),
        "number": Sort("disbursement_number", "disbursements_org_disbursement_number_id"),
        "amount_cents": Sort("amount_cents", "disbursements_org_amount_id"),
    },
)
FILE_COLUMNS = {
    "cause": "cause_code",
    "description": "loss_description",
    "determination": "coverage_determination",
    "subrogation": "subrogation_flag",
    "siu": "siu_flag",
    "adjuster": "adjuster__full_name",
    "lock": "lock_version",
}
ADJUSTERS_MAX, FLAGS_MAX = 500, 100


def list_claims(
    scope: Scope,
    wanted: ClaimFilter,
    *,
    sort: str = "reported_at",
    descending: bool = True,
    at: Position | None = None,
    size: int = 50,
) -> Page[ClaimRow]:
    """At most `size` claims. One statement on oi_claims; a combination no index serves, two."""
    return list_page(
        scope, CLAIMS, where=wanted.where, sort=sort, descending=descending, at=at, size=size
    )


def count_claims(scope: Scope, wanted: ClaimFilter, *, sort: str) -> Count:
    """How many claims match, counted to 1,000. One statement."""
    return count_rows(scope, CLAIMS, where=wanted.where, sort=sort)


def get_row(scope: Scope, claim_id: str, *, hidden: tuple[str, ...]) -> ClaimRow:
    """One claim by id. Raises NotFound, for a foreign or hidden one too. One statement."""
    row = rows_by_key(scope, CLAIMS, [claim_id], where=without(hidden)).get(claim_id)
    if row is None:
        raise NotFound("claim")
    return row


def get_claim(scope: Scope, number: str, *, hidden: tuple[str, ...]) -> ClaimFile:
    """The claim of this number. Raises NotFound, for a foreign or hidden one too. One statement."""
    claims = Claim.objects.within(scope).filter(claim_number=number).exclude(id__in=hidden)
    names = [name for name in ClaimFile.__slots__ if name != "row"]
    columns = [*CLAIMS.selected, *(FILE_COLUMNS.get(name, name) for name in names)]
    values: tuple[Any, ...] | None = claims.values_list(*columns).first()
    if values is None:
        raise NotFound("claim", number)
    width = len(CLAIMS.selected)
    row = ClaimRow(*values[:width])
    return ClaimFile(row, *values[width:])


def list_adjusters(scope: Scope) -> tuple[AdjusterRow, ...]:
    """Every adjuster by name. One statement."""
    rows = Adjuster.objects.within(scope).order_by("full_name", "id")
    names = ("id", "user_id", "full_name", "level", "max_open_claims", "status")
    return tuple(AdjusterRow(*values) for values in rows.values_list(*names)[:ADJUSTERS_MAX])


def list_flags(scope: Scope, claim_id: str) -> Reading[FlagRow]:
    """The flags nobody has cleared, newest first. One query."""
    rows = ClaimReserveFlag.objects.within(scope).filter(claim_id=claim_id, cleared_at=None)
    found = rows.order_by("-raised_at", "-id").values_list("id", "flag_code", "raised_at", "detail")
    return reading(
        found[:FLAGS_MAX],
        lambda key, code, at, detail: FlagRow(key, code, at, str((detail or {}).get("text", ""))),
    )


def list_disbursements(
    scope: Scope,
    where: Where,
    *,
    sort: str = "updated",
    descending: bool = True,
    at: Position | None = None,
    size: int = 50,
) -> Page[DisbursementRow]:
    """At most `size` disbursements, payees masked. One statement; a walk two."""
    page = list_page(
        scope, DISBURSEMENTS, where=where, sort=sort, descending=descending, at=at, size=size
    )
    return replace(page, rows=tuple(_masked(row) for row in page.rows))


def count_disbursements(scope: Scope, where: Where, *, sort: str) -> Count:
    """How many disbursements match, counted to 1,000. One statement."""
    return count_rows(scope, DISBURSEMENTS, where=where, sort=sort)


def claim_numbers(scope: Scope, claim_ids: set[str]) -> dict[str, str]:
    """Claim id -> number; unknown and foreign ids are absent. One statement, none for no id."""
    if not claim_ids:
        return {}
    rows = Claim.objects.within(scope).filter(id__in=sorted(claim_ids))
    return dict(rows.values_list("id", "claim_number"))


def _masked(row: DisbursementRow) -> DisbursementRow:
    return replace(row, payee=masked_name(row.payee))


def open_counts(scope: Scope, adjusters: Iterable[AdjusterRow]) -> dict[str, int]:
    """Adjuster id -> claims open now, counted to one above the adjuster's limit. One statement."""
    named = tuple(adjusters)
    rows = Claim.objects.within(scope).filter(status__in=OPEN)
    held = [
        reading(rows.filter(adjuster_id=one.id).values_list("id")[: one.max_open + 1], str)
        for one in named
    ]
    return {one.id: len(found) for one, found in zip(named, read_together(held), strict=True)}
