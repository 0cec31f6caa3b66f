"""What of billing waits for a second person, of every kind in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import BigIntegerField, Case, CharField, F, Subquery, Value, When
from django.db.models.functions import Coalesce

from openinsure.billing.models import (
    Bordereau,
    CommissionPayout,
    GlJournalEntry,
    GlPeriod,
    LedgerReconciliationItem,
    LedgerReconciliationRun,
    Refund,
    TaxRemittance,
)
from openinsure.billing.reconciling import CAUSE_WORDS
from openinsure.keyspaces.fields import StampField
from openinsure.tenancy.scope import Scope

BORDEREAU, REMITTANCE, PERIOD, DIFFERENCE = "bordereau", "remittance", "period", "difference"
ENTRY, REFUND, COMMISSION = "entry", "refund", "commission"
ROWS_MAX = 500


@dataclass(frozen=True, slots=True)
class WaitingBilling:
    """One decision. party: carrier id, state or account type; detail: what of it, a reason.

    by: whose it is, who therefore cannot take it; None for the job's.
    """

    kind: str
    id: str
    number: str
    party: str
    detail: str
    day: date
    cents: int
    currency: str
    by: str | None
    since: datetime
    status: str

    @property
    def name(self) -> str:
        """What people call it."""
        if self.kind == REMITTANCE:
            return f"{self.party}-{self.detail.upper().replace('_', '-')}-{self.day:%Y%m%d}"
        if self.kind == COMMISSION:
            return f"COM-{self.id[-12:].upper()}"
        return self.party if self.kind == DIFFERENCE else self.number

    @property
    def why(self) -> str:
        """The cause of a difference in words."""
        return CAUSE_WORDS.get(self.detail, self.detail)


def list_waiting(scope: Scope) -> list[WaitingBilling]:
    """Everything in billing that another person decides, oldest first. One statement."""
    parts = [
        _bordereaux(scope), _remittances(scope), _periods(scope), _differences(scope),
        _entries(scope), _refunds(scope), _commissions(scope),
    ]  # fmt: skip
    rows = parts[0].union(*parts[1:], all=True).order_by("since", "key")
    return [WaitingBilling(*row) for row in rows[:ROWS_MAX]]


def _bordereaux(scope: Scope) -> Any:
    cents = Case(
        When(kind="premium", then=F("net_to_carrier_cents")),
        default=F("paid_claims_cents"),
        output_field=BigIntegerField(),
    )
    rows = Bordereau.objects.within(scope).filter(status="generated")
    return _told(
        rows, BORDEREAU, "bordereau_number", F("carrier_id"), F("kind"), "period_end", cents,
        F("currency"), "author_user_id",
        Coalesce("generated_at", "updated_at", output_field=StampField()),
    )  # fmt: skip


def _remittances(scope: Scope) -> Any:
    rows = TaxRemittance.objects.within(scope).filter(status="ready")
    return _told(
        rows, REMITTANCE, "id", F("state"), F("tax_code"), "period_end", F("amount_cents"),
        F("currency"), "author_user_id", F("created_at"),
    )  # fmt: skip


def _periods(scope: Scope) -> Any:
    rows = GlPeriod.objects.within(scope).filter(status="reopen_requested")
    return _told(
        rows, PERIOD, "period_code", Value(""), Coalesce("reopen_reason", Value("")), "end_date",
        Value(0, BigIntegerField()), Value("USD"), "reopen_asked_by_user_id", F("updated_at"),
    )  # fmt: skip


def _differences(scope: Scope) -> Any:
    """Faults below a line: the line itself is resolved with the last of them."""
    newest = LedgerReconciliationRun.objects.within(scope).order_by("-run_date")
    rows = LedgerReconciliationItem.objects.within(scope).filter(
        status="unexplained", run__run_date=Subquery(newest.values("run_date")[:1])
    )
    return _told(
        rows.exclude(parent_item_id=None), DIFFERENCE, "id", F("account_type"),
        Coalesce("explanation_code", Value("")), "run__run_date", F("unexplained_cents"),
        F("currency"), "gl_entry__posted_by_user_id", F("created_at"),
    )  # fmt: skip


def _entries(scope: Scope) -> Any:
    rows = GlJournalEntry.objects.within(scope).filter(status="proposed")
    return _told(
        rows, ENTRY, "entry_number", Coalesce("reason", Value("")),
        Coalesce("description", Value("")), "entry_date", F("total_debit_cents"), F("currency"),
        "proposed_by_user_id", F("created_at"),
    )  # fmt: skip


def _refunds(scope: Scope) -> Any:
    rows = Refund.objects.within(scope).filter(status="requested")
    return _told(
        rows, REFUND, "billing_account__account_number", Value(""), Value(""), "due_date",
        F("amount_cents"), F("currency"), "asked_by_user_id", F("created_at"),
    )  # fmt: skip


def _commissions(scope: Scope) -> Any:
    """Author and approver, who cannot take the next step, stand in two columns."""
    rows = CommissionPayout.objects.within(scope).filter(status__in=("ready", "approved"))
    return _told(
        rows, COMMISSION, "statement_id", F("producer_id"),
        Coalesce("approved_by_user_id", Value("")), "statement__period_end", F("amount_cents"),
        F("currency"), "author_user_id",
        Coalesce("approved_at", "created_at", output_field=StampField()),
    )  # fmt: skip


def _told(
    rows: Any, kind: str, number: str, party: Any, detail: Any, day: str, cents: Any, money: Any,
    by: str, since: Any,
) -> Any:  # fmt: skip
    return rows.order_by().annotate(
        _kind=Value(kind, CharField()),
        _number=F(number),
        _party=party,
        _detail=detail,
        _day=F(day),
        _cents=cents,
        _money=money,
        _by=F(by),
        since=since,
        key=F("id"),
    ).values_list(
        "_kind", "key", "_number", "_party", "_detail", "_day", "_cents", "_money", "_by", "since",
        "status",
    )  # fmt: skip
