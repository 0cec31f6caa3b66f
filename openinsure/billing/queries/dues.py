"""Reads of what is owed to producers, states and reinsurers, of suspense and of the bank."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any, TypeVar

from django.db.models import Count as CountOf
from django.db.models import F, Max, Min, Sum

from openinsure.billing.books import counting
from openinsure.billing.dues_rows import (
    AccrualRow,
    BankLineRow,
    CessionRow,
    HeldReceipt,
    HeldTax,
    Offer,
    OpenCommission,
    OwedByReinsurer,
    PaymentRef,
    RecoverableRow,
    RemittanceRow,
    StatementRow,
    SuspenseRow,
    SuspenseTotal,
    TieOutRow,
    TreatyRow,
)
from openinsure.billing.filters import Where
from openinsure.billing.life import PAYABLE
from openinsure.billing.models import (
    BankReconciliation,
    BankTransaction,
    CommissionAccrual,
    CommissionStatement,
    Invoice,
    Payment,
    ReinsuranceCession,
    ReinsuranceParticipant,
    ReinsuranceRecoverable,
    SettlementPayout,
    SuspenseItem,
    TaxAccrual,
    TaxRemittance,
    TrustAccount,
)
from openinsure.console.lists import Ask
from openinsure.console.row_reading import rows_of
from openinsure.problems import NotFound
from openinsure.tenancy.listing import Count, ListSpec, Page, Sort, count_rows, list_page
from openinsure.tenancy.scope import Scope

R = TypeVar("R")
PAYMENT_REF = {
    "number": "payment_number",
    "payer": "payer_name",
    "account_number": "billing_account__account_number",
}
SUSPENSE = ListSpec(
    model=SuspenseItem,
    row=SuspenseRow,
    columns={"reference": "reference_text", "since": "created_at"},
    sorts={
        "since": Sort(
            "created_at",
            "suspense_items_org_created_id",
            within={"status": "suspense_items_org_status_created_id"},
        )
    },
)
REMITTANCES = ListSpec(
    model=TaxRemittance,
    row=RemittanceRow,
    columns={"drawn_up": "created_at"},
    sorts={"due_date": Sort("due_date", "tax_remittances_org_due_id")},
)
STATEMENTS = ListSpec(
    model=CommissionStatement,
    row=StatementRow,
    sorts={"period_end": Sort("period_end", "commission_statements_org_period_end_id")},
)
CESSIONS = ListSpec(
    model=ReinsuranceCession,
    row=CessionRow,
    sorts={"period_end": Sort("period_end", "reinsurance_cessions_org_period_end_id")},
)
RECOVERABLES = ListSpec(
    model=ReinsuranceRecoverable,
    row=RecoverableRow,
    sorts={"billed_on": Sort("billed_on", "reinsurance_recoverables_org_billed_on_id")},
)
BANK_LINES = ListSpec(
    model=BankTransaction,
    row=BankLineRow,
    columns={"status": "match_status"},
    sorts={"posted_on": Sort("posted_on", "bank_transactions_org_posted_on_id")},
)


def read(scope: Scope, spec: ListSpec[R], where: Where, asked: Ask) -> Page[R]:
    """One page of one of these lists. One statement; what no index serves, two."""
    return list_page(scope, spec, where=where, sort=asked.sort, descending=asked.descending,
                     at=asked.at, size=asked.size)  # fmt: skip


def count(scope: Scope, spec: ListSpec[Any], where: Where, asked: Ask) -> Count:
    """How many rows, counted to 1,000. One statement."""
    return count_rows(scope, spec, where=where, sort=asked.sort)


def payments_of(scope: Scope, ids: set[str]) -> dict[str, PaymentRef]:
    """Payment id -> its numbers. One statement."""
    rows = Payment.objects.within(scope).filter(id__in=sorted(ids))
    return {row.id: row for row in rows_of(rows, PaymentRef, PAYMENT_REF)}


def open_invoices(scope: Scope, account_id: str) -> list[Offer]:
    """The account's invoices with something open, oldest first. One statement."""
    rows = Invoice.objects.within(scope).filter(billing_account_id=account_id, status__in=PAYABLE)
    return rows_of(rows.order_by("due_date", "id"), Offer, {"number": "invoice_number"})


def suspense_totals(scope: Scope) -> list[SuspenseTotal]:
    """Open suspense by currency. One statement."""
    rows = SuspenseItem.objects.within(scope).filter(status="open").values_list("currency")
    found = rows.annotate(items=CountOf("id"), cents=Sum("amount_cents")).order_by("currency")
    return [SuspenseTotal(code, code, items, int(cents)) for code, items, cents in found]


def held_taxes(scope: Scope) -> list[HeldTax]:
    """By state and tax. One statement."""
    rows = TaxAccrual.objects.within(scope).filter(status="open")
    found = (
        rows.values_list("state", "tax_code", "currency")
        .annotate(items=CountOf("id"), cents=Sum("amount_cents"), newest=Max("created_at"))
        .order_by("state", "tax_code")
    )
    return [
        HeldTax(f"{state}:{code}", state, code, items, int(cents), currency, "held", newest)
        for state, code, currency, items, cents, newest in found
    ]


def open_commissions(scope: Scope, most: int = 8) -> tuple[list[OpenCommission], datetime | None]:
    """Not on a statement yet, the biggest first; when counted, None for now. Two statements."""
    found, counted_at = counting.open_commissions(scope, most)
    rows = [OpenCommission(key, items, cents, code) for key, code, items, cents in found]
    return rows, counted_at


def accruals_of(scope: Scope, statement_id: str) -> list[AccrualRow]:
    """The accruals of a statement, newest first. One statement."""
    rows = CommissionAccrual.objects.within(scope).filter(statement_id=statement_id)
    columns = {
        "on": "created_at",
        "payment_number": "payment_allocation__payment__payment_number",
        "policy_number": "payment_allocation__payment__policy_number",
    }
    return rows_of(rows.order_by("-created_at", "id"), AccrualRow, columns, limit=200)


def treaties(scope: Scope) -> list[TreatyRow]:
    """Every participant of every treaty. One statement."""
    rows = ReinsuranceParticipant.objects.within(scope).order_by("treaty__treaty_code", "id")
    columns = {
        "code": "treaty__treaty_code",
        "kind": "treaty__treaty_type",
        "program_id": "treaty__program_id",
        "effective": "treaty__effective_date",
        "expires": "treaty__expiration_date",
        "ceded_rate": "treaty__ceded_rate",
        "commission_rate": "treaty__ceding_commission_rate",
        "reinsurer": "reinsurer_name",
        "status": "treaty__status",
    }
    return rows_of(rows, TreatyRow, columns)


def owed_by_reinsurers(scope: Scope) -> list[OwedByReinsurer]:
    """Billed and not collected, by participant, the biggest first; unnamed. One statement."""
    rows = ReinsuranceRecoverable.objects.within(scope).filter(status="billed")
    found = rows.values_list("participant_id", "currency").annotate(
        items=CountOf("id"),
        oldest=Min("due_date"),
        cents=Sum(F("billed_cents") - F("collected_cents")),
    )
    return [
        OwedByReinsurer(key, "", items, oldest, int(cents), currency)
        for key, currency, items, oldest, cents in found.order_by("-cents", "participant_id")
    ]


def tie_outs(scope: Scope, most: int = 12) -> list[TieOutRow]:
    """The newest months. One statement."""
    rows = BankReconciliation.objects.within(scope).order_by("-statement_date", "id")
    columns = {
        "account": "trust_account__nickname",
        "last4": "trust_account__account_last4",
        "kind": "trust_account__account_kind",
        "on": "statement_date",
        "statement_cents": "statement_balance_cents",
        "outstanding_cents": "outstanding_checks_cents",
        "transit_cents": "deposits_in_transit_cents",
        "book_cents": "book_balance_cents",
    }
    return rows_of(rows, TieOutRow, columns, limit=most)


def trust_accounts(scope: Scope) -> dict[str, str]:
    """Id -> what people call it. One statement."""
    rows = TrustAccount.objects.within(scope).filter(account_kind__in=("premium", "claims"))
    found = rows.order_by("account_kind", "id").values_list("id", "nickname", "account_last4")
    return {key: f"{name or 'Account'} {last4 or ''}".strip() for key, name, last4 in found}


def suspense_item(scope: Scope, item_id: str, payment_id: str) -> SuspenseRow | None:
    """One item of a payment. One statement."""
    rows = SuspenseItem.objects.within(scope).filter(id=item_id, payment_id=payment_id)
    return next(iter(rows_of(rows, SuspenseRow, SUSPENSE.columns, limit=1)), None)


def account_of_payment(scope: Scope, payment_id: str) -> tuple[str, str | None]:
    """The id of a payment's account and of its policy. One statement."""
    rows = Payment.objects.within(scope).filter(id=payment_id)
    found: tuple[str, str | None] = rows.values_list("billing_account_id", "policy_id").get()
    return found


def get_remittance(scope: Scope, remittance_id: str) -> RemittanceRow | None:
    """One remittance. One statement."""
    rows = TaxRemittance.objects.within(scope).filter(id=remittance_id)
    return next(iter(rows_of(rows, RemittanceRow, REMITTANCES.columns, limit=1)), None)


def waiting_remittance(scope: Scope, number: str) -> RemittanceRow:
    """The one of this number that waits for release. Raises NotFound. One statement."""
    (state, _, rest), ready = number.partition("-"), TaxRemittance.objects.within(scope)
    tax, _, day = rest.rpartition("-")
    with suppress(ValueError):  # no date at its end
        rows = ready.filter(status="ready", state=state, period_end=date.fromisoformat(day))
        rows = rows.filter(tax_code=tax.lower().replace("-", "_"))
        for row in rows_of(rows, RemittanceRow, REMITTANCES.columns, limit=1):
            return row
    raise NotFound("remittance", number)


def receipts_of(scope: Scope, remittance_id: str) -> list[HeldReceipt]:
    """The receipts whose tax a remittance pays over, newest first. One statement."""
    rows = TaxAccrual.objects.within(scope).filter(remittance_id=remittance_id)
    columns = {
        "on": "created_at",
        "payment_number": "payment_allocation__payment__payment_number",
        "policy_number": "payment_allocation__payment__policy_number",
    }
    return rows_of(rows.order_by("-created_at", "id"), HeldReceipt, columns, limit=200)


def get_statement(scope: Scope, statement_id: str) -> StatementRow | None:
    """One commission statement. One statement."""
    rows = CommissionStatement.objects.within(scope).filter(id=statement_id)
    return next(iter(rows_of(rows, StatementRow, {}, limit=1)), None)


def bank_line(scope: Scope, line_id: str) -> BankLineRow | None:
    """One line of a statement. One statement."""
    rows = BankTransaction.objects.within(scope).filter(id=line_id)
    return next(iter(rows_of(rows, BankLineRow, BANK_LINES.columns, limit=1)), None)


def matches(scope: Scope, rows: Sequence[BankLineRow]) -> dict[str, str]:
    """Matched id -> number of its payment, settlement or remittance. At most three statements."""
    payments = {row.matched_id for row in rows if row.matched_type == "payment"}
    paid = {row.matched_id for row in rows if row.matched_type == "settlement_payout"}
    found: dict[str, str] = {}
    if payments:
        held = Payment.objects.within(scope).filter(id__in=sorted(filter(None, payments)))
        found |= dict(held.values_list("id", "payment_number"))
    if paid:
        out = SettlementPayout.objects.within(scope).filter(id__in=sorted(filter(None, paid)))
        found |= dict(out.values_list("id", "settlement__settlement_number"))
    taxes = {row.matched_id for row in rows if row.matched_type == "tax_remittance"}
    if taxes:
        paid_over = TaxRemittance.objects.within(scope).filter(id__in=sorted(filter(None, taxes)))
        for row in rows_of(paid_over, RemittanceRow, REMITTANCES.columns):
            found[row.id] = row.number
    return found


def unmatched_payments(scope: Scope, cents: int, currency: str) -> list[PaymentRef]:
    """Payments of exactly this amount without a bank line, newest first. One statement."""
    rows = Payment.objects.within(scope).filter(
        amount_cents=cents, currency=currency, bank_transaction_id=None
    )
    return rows_of(rows.order_by("-received_at", "id"), PaymentRef, PAYMENT_REF, limit=20)
