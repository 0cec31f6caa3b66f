"""Money that left, as billing knows it: what a line of a statement may be, and what it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from openinsure.billing.models import (
    BankTransaction,
    CommissionPayout,
    GlJournalEntry,
    Refund,
    SettlementPayout,
    TaxRemittance,
)
from openinsure.console.links import url
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import read_together, reading

OFFERED_MAX = 20  # of a kind
DISBURSEMENT = "disbursement"  # of another keyspace
FEE = "bank_fee"  # the bank's own charge, matched to its entry


@dataclass(frozen=True, slots=True)
class Out:
    """A kind of payout. status: of one that left; left: when. column: what names it to people."""

    word: str
    model: Any
    status: str
    left: str
    column: str
    page: str
    tab: str | None = None

    def href(self, number: str) -> str:
        """Its page."""
        query = {"tab": self.tab} if self.tab else {}
        return url(self.page, number, **query)


OUT: Mapping[str, Out] = {
    "settlement_payout": Out(
        "Settlement", SettlementPayout, "posted", "confirmed_at", "settlement__settlement_number",
        "billing.settlement",
    ),
    "tax_remittance": Out(
        "Tax remittance", TaxRemittance, "remitted", "filed_at", "id", "billing.remittance"
    ),
    "commission_payout": Out(
        "Commission", CommissionPayout, "paid", "paid_at", "statement_id", "billing.statement"
    ),
    "refund": Out(
        "Refund of account", Refund, "issued", "issued_at", "billing_account__account_number",
        "billing.account", "holds",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that left with a line's amount and that no line is matched to."""

    kind: str
    id: str
    label: str


def candidates(scope: Scope, cents: int, currency: str) -> list[Candidate]:
    """Payouts of exactly this amount without a line. Two statements, one when there are none."""
    asked = [
        reading(
            kind.model.objects.within(scope)
            .filter(status=kind.status, amount_cents=cents, currency=currency)
            .order_by("-updated_at", "-id")
            .values_list(*dict.fromkeys(("id", kind.column)))[:OFFERED_MAX],
            partial(_candidate, name),
        )
        for name, kind in OUT.items()
    ]
    found = [one for rows in read_together(asked) for one in rows]
    taken = matched_ids(scope, (one.id for one in found))
    return [one for one in found if one.id not in taken]


def _candidate(kind: str, key: str, number: str = "") -> Candidate:
    return Candidate(kind, key, f"{OUT[kind].word} {number or key[-12:]}")


def matched_ids(scope: Scope, ids: Iterable[str]) -> set[str]:
    """Those of these that a line is matched to. One statement, none for no id."""
    wanted = sorted(ids)
    if not wanted:
        return set()
    rows = BankTransaction.objects.within(scope).filter(matched_id__in=wanted)
    return set(rows.values_list("matched_id", flat=True))


def pages_of(scope: Scope, kind: str, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Id -> number and address of matched payouts of a kind. One statement."""
    out = OUT[kind]
    rows = out.model.objects.within(scope).filter(id__in=sorted(ids))
    return {
        key: (str(number)[-12:] if out.column.endswith("id") else number, out.href(number))
        for key, number in rows.values_list("id", out.column)
    }


def fee_pages(scope: Scope, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Id -> number and address of the entries of bank fees. One statement, none for no id."""
    wanted = sorted(ids)
    if not wanted:
        return {}
    rows = GlJournalEntry.objects.within(scope).filter(id__in=wanted)
    told = rows.values_list("id", "entry_number")
    return {key: (number, url("ledger.entry", number)) for key, number in told}
