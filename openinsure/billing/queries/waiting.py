"""What of billing waits for a second person, of every kind in one statement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import BigIntegerField, Case, CharField, F, Model, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from openinsure.billing.models import (
    Bordereau,
    CarrierSettlement,
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
from openinsure.problems import NotFound
from openinsure.tenancy.scope import Scope

BORDEREAU, REMITTANCE, PERIOD, DIFFERENCE = "bordereau", "remittance", "period", "difference"
ENTRY, REFUND = "entry", "refund"
COMMISSION, COMMISSION_RELEASE = "commission", "commission_release"
SETTLEMENT, SETTLEMENT_RELEASE = "settlement", "settlement_release"
NOTHING, CURRENCY = Value(""), F("currency")


@dataclass(frozen=True, slots=True)
class WaitingBilling:
    """One decision. party: carrier id, state or account type; detail: what of it, a reason.

    by: whose it is, who therefore cannot take it; None for the job's. second: who took part too.
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
    second: str
    since: datetime
    status: str

    @property
    def name(self) -> str:
        """What people call it."""
        if self.kind == REMITTANCE:
            return f"{self.party}-{self.detail.upper().replace('_', '-')}-{self.day:%Y%m%d}"
        if self.kind in (COMMISSION, COMMISSION_RELEASE):
            return f"COM-{self.id[-12:].upper()}"
        return self.party if self.kind == DIFFERENCE else self.number

    @property
    def why(self) -> str:
        """The cause of a difference in words."""
        return CAUSE_WORDS.get(self.detail, self.detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One kind of decision: rows of one status by a date of theirs, which an index keeps in order.

    The rest are the columns of WaitingBilling as expressions. among: what else the rows must meet.
    """

    model: type[Model]
    status: str
    order: str
    number: str
    day: str
    by: str
    since: Any
    cents: Any
    party: Any = NOTHING
    detail: Any = NOTHING
    second: Any = NOTHING
    money: Any = CURRENCY
    among: Callable[[Scope, Any], Any] | None = None

    def every(self, scope: Scope) -> Any:
        """The rows of its table."""
        model: Any = self.model
        return model.objects.within(scope)

    def first(self, scope: Scope, after: str, limit: int) -> Any:
        """The first that wait, behind a row. Raises NotFound if there is no such row."""
        rows = self.every(scope).filter(status=self.status)
        if self.among:
            rows = self.among(scope, rows)
        if after:
            passed = self.every(scope).filter(id=after).values_list(self.order, flat=True).first()
            if passed is None:
                raise NotFound("approval", after)
            same = Q(**{self.order: passed, "id__gt": after})
            rows = rows.filter(Q(**{f"{self.order}__gt": passed}) | same)
        return rows.order_by(self.order, "id")[:limit]


def list_waiting(
    scope: Scope, *, limit: int, only: str = "", after: str = ""
) -> list[WaitingBilling]:
    """What another person decides, `limit` of each kind, each by its own date. One statement.

    only: this kind alone; after: behind the row of this id (one statement more).
    Raises NotFound if there is no such row.
    """
    told = [
        _told(part.first(scope, after, limit), kind, part)
        for kind, part in PARTS.items()
        if only in ("", kind)
    ]
    rows = told[0].union(*told[1:], all=True) if len(told) > 1 else told[0]
    return [WaitingBilling(*row) for row in rows]


def _newest_faults(scope: Scope, rows: Any) -> Any:
    """Faults below a line: the line itself is resolved with the last of them."""
    newest = LedgerReconciliationRun.objects.within(scope).order_by("-run_date")
    return rows.filter(run__run_date=Subquery(newest.values("run_date")[:1])).exclude(
        parent_item_id=None
    )


def _told(rows: Any, kind: str, part: Part) -> Any:
    return rows.annotate(
        _kind=Value(kind, CharField()),
        _number=F(part.number),
        _party=part.party,
        _detail=part.detail,
        _day=F(part.day),
        _cents=part.cents,
        _money=part.money,
        _by=F(part.by),
        _second=part.second,
        since=part.since,
        key=F("id"),
    ).values_list(
        "_kind", "key", "_number", "_party", "_detail", "_day", "_cents", "_money", "_by",
        "_second", "since", "status",
    )  # fmt: skip


def _since(column: str, otherwise: str) -> Any:
    return Coalesce(column, otherwise, output_field=StampField())


def _settlement(status: str, since: Any) -> Part:
    return Part(
        model=CarrierSettlement, status=status, order="due_date", number="settlement_number",
        party=F("carrier_id"), day="period_end", cents=F("net_due_cents"), by="author_user_id",
        second=Coalesce("approved_by_user_id", NOTHING), since=since,
    )  # fmt: skip


def _commission(status: str) -> Part:
    return Part(
        model=CommissionPayout, status=status, order="created_at", number="statement_id",
        party=F("producer_id"), day="statement__period_end", cents=F("amount_cents"),
        by="author_user_id", second=Coalesce("approved_by_user_id", NOTHING),
        since=_since("approved_at", "created_at"),
    )  # fmt: skip


PARTS: dict[str, Part] = {
    BORDEREAU: Part(
        model=Bordereau, status="generated", order="period_end", number="bordereau_number",
        party=F("carrier_id"), detail=F("kind"), day="period_end", by="author_user_id",
        since=_since("generated_at", "updated_at"),
        cents=Case(
            When(kind="premium", then=F("net_to_carrier_cents")),
            default=F("paid_claims_cents"),
            output_field=BigIntegerField(),
        ),
    ),
    SETTLEMENT: _settlement("ready", F("created_at")),
    SETTLEMENT_RELEASE: _settlement("approved", _since("approved_at", "created_at")),
    REMITTANCE: Part(
        model=TaxRemittance, status="ready", order="due_date", number="id", party=F("state"),
        detail=F("tax_code"), day="period_end", cents=F("amount_cents"), by="author_user_id",
        since=F("created_at"),
    ),
    PERIOD: Part(
        model=GlPeriod, status="reopen_requested", order="end_date", number="period_code",
        detail=Coalesce("reopen_reason", NOTHING), day="end_date",
        cents=Value(0, BigIntegerField()), money=Value("USD"), by="reopen_asked_by_user_id",
        since=F("updated_at"),
    ),
    DIFFERENCE: Part(
        model=LedgerReconciliationItem, status="unexplained", order="account_type", number="id",
        party=F("account_type"), detail=Coalesce("explanation_code", NOTHING),
        day="run__run_date", cents=F("unexplained_cents"), by="gl_entry__posted_by_user_id",
        since=F("created_at"), among=_newest_faults,
    ),
    ENTRY: Part(
        model=GlJournalEntry, status="proposed", order="entry_date", number="entry_number",
        party=Coalesce("reason", NOTHING), detail=Coalesce("description", NOTHING),
        day="entry_date", cents=F("total_debit_cents"), by="proposed_by_user_id",
        since=F("created_at"),
    ),
    REFUND: Part(
        model=Refund, status="requested", order="due_date",
        number="billing_account__account_number", day="due_date", cents=F("amount_cents"),
        by="asked_by_user_id", since=F("created_at"),
    ),
    COMMISSION: _commission("ready"),
    COMMISSION_RELEASE: _commission("approved"),
}  # fmt: skip
