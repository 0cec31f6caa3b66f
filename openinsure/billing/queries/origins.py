"""What an entry or a transfer was posted for, as far as oi_billing knows it, and the way back.

Every kind of source is in SOURCES: a new one that is not is found by tests/billing/test_origins.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from openinsure.billing.models import CarrierSettlement as Settlement
from openinsure.billing.models import (
    CommissionPayout,
    ExternalAccount,
    FeeCharge,
    GlJournalEntry,
    Invoice,
    LedgerReconciliationItem,
    Payment,
    PaymentReversal,
    Refund,
    SettlementPayout,
    SuspenseItem,
    TaxRemittance,
)
from openinsure.billing.models import PaymentAllocation as Allocation
from openinsure.console.links import url
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, read_together

ROWS_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What money came from or went to: "Payment" and its number. href: "" where no page is."""

    word: str
    number: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """How the object behind a kind of entry is found. column: of its number, across relations.

    page: URL name that takes the number. A kind without a model is told by its policy or claim.
    prefix: of its own number, the end of its id, where the column names another object.
    """

    word: str
    model: Any = None
    column: str = ""
    page: str = ""
    tab: str | None = None
    prefix: str = ""

    def of(self, key: str, number: str) -> Origin:
        """The object with this id. number: the column's."""
        shown = "" if self.column == "id" else number
        if self.prefix:
            shown = f"{self.prefix}{key[-12:].upper()}"
        query = {"tab": self.tab} if self.tab else {}
        return Origin(word=self.word, number=shown, href=url(self.page, number, **query))


PAID = Source("Payment", Payment, "payment_number", "billing.payment")
INVOICED = Source("Invoice", Invoice, "invoice_number", "billing.invoice")
PAID_OUT = Source(
    "Settlement", SettlementPayout, "settlement__settlement_number", "billing.settlement"
)
REMITTED = Source("Tax remittance", TaxRemittance, "id", "billing.remittance")
COMMISSION = Source(
    "Commission payout", CommissionPayout, "statement_id", "billing.statement", prefix="COM-"
)
CLAIMED = "claim"  # told by the claim, in another keyspace
SOURCES: Mapping[str, Source] = {
    "payment": PAID,
    "payment_reversal": PAID,
    "invoice": INVOICED,
    "fee_waiver": INVOICED,
    "fee_charge": Source("Invoice", FeeCharge, "invoice__invoice_number", "billing.invoice"),
    "refund": Source(
        "Refund of account", Refund, "billing_account__account_number", "billing.account", "holds"
    ),
    "refund_hold": Source(
        "Refund of account", Refund, "billing_account__account_number", "billing.account", "holds"
    ),
    "refund_withdrawn": Source(
        "Refund of account", Refund, "billing_account__account_number", "billing.account", "holds"
    ),
    "return_premium": Source("Change of policy"),
    "return_applied": Source("Change of policy"),
    "manual": Source("Manual entry"),
    "commission_release": COMMISSION,
    "commission_confirm": COMMISSION,
    "commission_return": COMMISSION,
    "earned_premium": Source("Earned premium"),
    "claim_reserve": Source(CLAIMED),
    "claim_payment": Source(CLAIMED),
    "claim_payment_hold": Source(CLAIMED),
    "claim_recovery": Source(CLAIMED),
    "claim_reinsurance": Source(CLAIMED),
    "fund_deposit": Source("Claims fund"),
    "bank_fee": Source("Bank line"),
    "payout": Source("Payout"),
    "settlement_release": PAID_OUT,
    "settlement_confirm": PAID_OUT,
    "settlement_return": PAID_OUT,
    "settlement_offset": Source(
        "Settlement", Settlement, "settlement_number", "billing.settlement"
    ),
    "suspense_applied": Source(
        "Payment", SuspenseItem, "payment__payment_number", "billing.payment"
    ),
    "tax_remittance": REMITTED,
    "tax_confirm": REMITTED,
    "tax_return": REMITTED,
    "reversal": Source("Entry taken back", GlJournalEntry, "entry_number", "ledger.entry"),
    "stray": Source("Difference", LedgerReconciliationItem, "id", "ledger.difference"),
    "reconciliation": Source(
        "Difference", LedgerReconciliationItem, "id", "ledger.difference"
    ),
}  # fmt: skip


def origin_of(scope: Scope, kind: str, source_id: str | None) -> Origin | None:
    """The object behind a source, None for one that has no row here. One statement at most."""
    return origins_of(scope, [(kind, source_id)]).get((kind, source_id)) if source_id else None


def origins_of(scope: Scope, sources: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Origin]:
    """The objects behind kinds and ids, of those that have a row here. One statement at most."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for kind, key in sources:
        if kind in SOURCES and SOURCES[kind].model is not None:
            wanted[kind].add(key)
    readings = [_numbers(scope, kind, keys) for kind, keys in wanted.items()]
    return {
        (kind, key): SOURCES[kind].of(key, str(number))
        for kind, rows in zip(wanted, read_together(readings), strict=True)
        for key, number in rows
    }


def _numbers(scope: Scope, kind: str, keys: set[str]) -> Reading[tuple[str, str]]:
    source = SOURCES[kind]
    rows = source.model.objects.within(scope).filter(id__in=sorted(keys))
    columns = ["id"] if source.column == "id" else ["id", source.column]
    return Reading(
        (rows.values_list(*columns),), lambda found: [(row[0], row[-1]) for row in found]
    )


def payee_names(scope: Scope, ids: set[str]) -> dict[str, str]:
    """Outside account -> whose it is. One statement, none for no id."""
    if not ids:
        return {}
    rows = ExternalAccount.objects.within(scope).filter(id__in=sorted(ids))
    return dict(rows.values_list("id", "display_name"))


def sources_of_payment(scope: Scope, payment_id: str) -> Reading[str]:
    """Ids that entries of a payment name: itself, its suspense, its NSF fee. Two queries."""
    held = SuspenseItem.objects.within(scope).filter(payment_id=payment_id)
    back = PaymentReversal.objects.within(scope).filter(payment_id=payment_id)
    fees = back.exclude(fee_charge_id=None).values_list("fee_charge_id", flat=True)
    queries = (held.values_list("id", flat=True)[:ROWS_MAX], fees[:ROWS_MAX])
    return Reading(queries, lambda *found: [payment_id, *chain(*found)])


def sources_of_account(scope: Scope, account_id: str) -> Reading[str]:
    """Ids of the fees and refunds of an account; its payments and invoices have their own pages.

    Two queries.
    """
    fees = FeeCharge.objects.within(scope).filter(billing_account_id=account_id)
    back = Refund.objects.within(scope).filter(billing_account_id=account_id)
    queries = (
        fees.values_list("id", flat=True)[:ROWS_MAX],
        back.values_list("id", flat=True)[:ROWS_MAX],
    )
    return Reading(queries, chain)


def sources_of_invoice(scope: Scope, invoice_id: str) -> Reading[str]:
    """Ids that entries of an invoice name: itself, its payments, its fees. Two queries."""
    paid = Allocation.objects.within(scope).filter(invoice_id=invoice_id)
    fees = FeeCharge.objects.within(scope).filter(invoice_id=invoice_id)
    queries = (
        paid.values_list("payment_id", flat=True).distinct()[:ROWS_MAX],
        fees.values_list("id", flat=True)[:ROWS_MAX],
    )
    return Reading(queries, lambda *found: [invoice_id, *chain(*found)])
