"""Reads of bordereaux and settlements: lists, one of each, its lines, payouts and bridge."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max

from openinsure.billing.books import reading
from openinsure.billing.models import (
    Bordereau,
    BordereauLine,
    CarrierSettlement,
    SettlementPayout,
)
from openinsure.billing.settling import CLAIMS
from openinsure.billing.settling_rows import (
    BordereauRow,
    BridgeRow,
    PayoutRow,
    ReportedRow,
    SettlementRow,
)
from openinsure.console.lists import Ask
from openinsure.console.row_reading import rows_of
from openinsure.problems import NotFound
from openinsure.tenancy.listing import (
    Condition,
    Count,
    ListSpec,
    Page,
    Sort,
    Span,
    Where,
    count_rows,
    list_page,
)
from openinsure.tenancy.scope import Scope

BORDEREAUX = ListSpec(
    model=Bordereau,
    row=BordereauRow,
    columns={"number": "bordereau_number", "updated": "updated_at"},
    sorts={
        "updated": Sort("updated_at", "bordereaux_org_updated_id"),
        "period_end": Sort(
            "period_end",
            "bordereaux_org_period_end_id",
            within={"status": "bordereaux_org_status_period_end_id"},
        ),
    },
)
SETTLEMENTS = ListSpec(
    model=CarrierSettlement,
    row=SettlementRow,
    columns={"number": "settlement_number", "updated": "updated_at", "drawn_up": "created_at"},
    sorts={
        "updated": Sort("updated_at", "carrier_settlements_org_updated_id"),
        "period_end": Sort(
            "period_end",
            "carrier_settlements_org_period_end_id",
            within={"status": "carrier_settlements_org_status_period_end_id"},
        ),
    },
)


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line as the table has it; the figures are in the payload."""

    id: str
    line: int
    kind: str
    policy_number: str
    claim_number: str | None
    insured: str
    state: str
    currency: str
    payload: Any


LINES = ListSpec(
    model=BordereauLine,
    row=StoredLine,
    columns={"line": "line_no", "kind": "transaction_type", "insured": "insured_name"},
    sorts={
        "line": Sort(
            "line_no",
            "bordereau_lines_org_bordereau_line_no_uq",
            within={"bordereau_id": "bordereau_lines_org_bordereau_line_no_uq"},
        )
    },
)
FIRST_LINES = 50
PAYOUT = {
    "payee": "external_account__display_name",
    "bank": "external_account__bank_name",
    "last4": "external_account__account_last4",
    "pending_transfer": "tb_pending_transfer_id",
    "bank_ref": "bank_transaction__bank_ref",
}
FIGURES = ("premium_cents", "fees_cents", "taxes_cents", "producer_cents", "mga_cents",
           "ceded_cents", "net_cents", "paid_cents", "outstanding_cents",
           "recovered_cents")  # fmt: skip


def where_of(asked: Ask) -> Where:
    """Column -> condition of an understood request."""
    where: dict[str, Condition] = {
        name: asked.many(name) for name in ("status", "kind") if asked.many(name)
    }
    span = Span(asked.day("period_from"), asked.day("period_to"))
    return where | ({"period_end": span} if span != Span() else {})


def list_bordereaux(scope: Scope, asked: Ask) -> Page[BordereauRow]:
    """One page. One statement; what no index serves, two."""
    return list_page(scope, BORDEREAUX, where=where_of(asked), sort=asked.sort,
                     descending=asked.descending, at=asked.at, size=asked.size)  # fmt: skip


def count_bordereaux(scope: Scope, asked: Ask) -> Count:
    """How many there are, counted to 1,000. One statement."""
    return count_rows(scope, BORDEREAUX, where=where_of(asked), sort=asked.sort)


def list_settlements(scope: Scope, asked: Ask) -> Page[SettlementRow]:
    """One page. One statement; what no index serves, two."""
    return list_page(scope, SETTLEMENTS, where=where_of(asked), sort=asked.sort,
                     descending=asked.descending, at=asked.at, size=asked.size)  # fmt: skip


def count_settlements(scope: Scope, asked: Ask) -> Count:
    """How many there are, counted to 1,000. One statement."""
    return count_rows(scope, SETTLEMENTS, where=where_of(asked), sort=asked.sort)


def get_bordereau(scope: Scope, number: str) -> BordereauRow:
    """The bordereau of this number. Raises NotFound. One statement."""
    rows = Bordereau.objects.within(scope).filter(bordereau_number=number)
    found = rows_of(rows, BordereauRow, BORDEREAUX.columns, limit=1)
    if not found:
        raise NotFound("bordereau", number)
    return found[0]


def get_settlement(scope: Scope, number: str) -> SettlementRow:
    """The settlement of this number. Raises NotFound. One statement."""
    rows = CarrierSettlement.objects.within(scope).filter(settlement_number=number)
    found = rows_of(rows, SettlementRow, SETTLEMENTS.columns, limit=1)
    if not found:
        raise NotFound("settlement", number)
    return found[0]


def claims_reported_until(scope: Scope, program_id: str) -> date | None:
    """The last day that a claims bordereau of the program tells, None before the first."""
    rows = Bordereau.objects.within(scope).filter(kind=CLAIMS, program_id=program_id)
    told: date | None = rows.exclude(status="open").aggregate(last=Max("period_end"))["last"]
    return told


def list_lines(scope: Scope, bordereau_id: str, asked: Ask) -> Page[ReportedRow]:
    """One page of the lines of a bordereau. One statement."""
    page = list_page(scope, LINES, where={"bordereau_id": bordereau_id}, sort="line",
                     descending=asked.descending, at=asked.at, size=asked.size)  # fmt: skip
    return Page(tuple(map(_reported, page.rows)), page.next, page.previous, page.searched_to)


def first_lines(scope: Scope, bordereau_id: str) -> list[ReportedRow]:
    """The first lines of a bordereau, FIRST_LINES at most. One statement."""
    page = list_page(scope, LINES, where={"bordereau_id": bordereau_id}, sort="line",
                     descending=False, at=None, size=FIRST_LINES)  # fmt: skip
    return [_reported(row) for row in page.rows]


def _reported(row: StoredLine) -> ReportedRow:
    held = json.loads(row.payload) if isinstance(row.payload, str) else row.payload or {}
    own = {name: getattr(row, name) for name in StoredLine.__slots__ if name != "payload"}
    figures: dict[str, Any] = {name: int(held.get(name, 0)) for name in FIGURES}
    return ReportedRow(**own, **figures)


def list_payouts(scope: Scope, settlement_id: str) -> list[PayoutRow]:
    """The payees of a settlement, the carrier first. One statement."""
    rows = (
        SettlementPayout.objects.within(scope)
        .filter(settlement_id=settlement_id)
        .order_by("payee_type", "id")
    )
    return rows_of(rows, PayoutRow, PAYOUT)


def settled_bordereaux(scope: Scope, settlement_id: str) -> list[BordereauRow]:
    """The bordereaux of a settlement by period. One statement."""
    rows = Bordereau.objects.within(scope).filter(settlement_id=settlement_id)
    return rows_of(rows.order_by("period_end", "id"), BordereauRow, BORDEREAUX.columns)


def settlement_number(scope: Scope, settlement_id: str | None) -> str | None:
    """The number of a settlement. One statement, none for None."""
    if settlement_id is None:
        return None
    rows = CarrierSettlement.objects.within(scope).filter(id=settlement_id)
    number: str | None = rows.values_list("settlement_number", flat=True).first()
    return number


def bridge(scope: Scope, carrier_id: str, cutoff: date) -> list[BridgeRow]:
    """From written net to payable: written - unearned - uncollected - settled before. Cents.

    From the daily sums of the carrier; two statements on oi_billing.
    """
    one = reading.carrier_sums(scope, carrier_id, cutoff)
    written, earned, payable = one.written, one.earned, one.payable
    rest = payable - (earned - one.uncollected - one.settled)
    return [
        BridgeRow("written", "Written, net of commissions and cessions", written, "Streams"),
        BridgeRow("unearned", "Less not earned yet", earned - written, "Earning runs", "2500"),
        BridgeRow(
            "uncollected", "Less earned, not collected", -one.uncollected, "Journal 2110", "2110"
        ),
        BridgeRow("settled", "Less settled before", -one.settled, "Journal 2100", "2100"),
        BridgeRow("rest", "Other movements of the payable", rest, "Journal 2100", "2100"),
        BridgeRow("payable", "Payable to the carrier", payable, "Journal 2100", "2100"),
    ]


def settlement_numbers(scope: Scope, ids: set[str | None]) -> dict[str, str]:
    """Settlement id -> number. One statement, none for nothing."""
    wanted = sorted(one for one in ids if one)
    if not wanted:
        return {}
    rows = CarrierSettlement.objects.within(scope).filter(id__in=wanted)
    return dict(rows.values_list("id", "settlement_number"))
