"""/billing/taxes/<id>: one remittance, the receipts it pays over, and the books."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.billing.dues_rows import HeldReceipt, RemittanceRow
from openinsure.billing.queries import dues
from openinsure.billing.views import books_of
from openinsure.console.details import ask_detail
from openinsure.console.links import url
from openinsure.console.panels import load, load_together
from openinsure.console.regions import region
from openinsure.console.rendering import render_detail
from openinsure.console.request import ConsoleRequest
from openinsure.pages.billing_taxes import seen, tax_word
from openinsure.pages.ledger_parties import owners_of, parties
from openinsure.pages.settling_steps import names_of, steps_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceFile(RemittanceRow):
    """A remittance with its tax in words and its two people by name."""

    tax: str
    author: str | None
    releaser: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine(HeldReceipt):
    """A receipt with the address of its payment."""

    href: str


RECEIPTS = region(
    "receipts", "Receipts it pays over", "No receipt stands on this remittance",
    payment_number="Payment|code", policy_number="Policy|code", on="Collected|instant",
    amount_cents="Tax|money",
    links={"payment_number": "href"},
)  # fmt: skip


@require_GET
@allow("ledger.view")
def remittance_detail(request: ConsoleRequest, remittance_id: str) -> HttpResponse:
    """One remittance: its steps and people, the receipts behind it, journal and ledger."""
    ask_detail(request, tabs=(), noun="the page of a remittance")
    scope, row = request.scope, seen(request, remittance_id)
    names = names_of(scope, row.author_user_id, row.approved_by_user_id)
    books = books_of(scope, [row.id])
    panels = {
        "receipts": load("Receipts", lambda: map(_receipt, dues.receipts_of(scope, row.id))),
        **load_together({name: ("Billing", read) for name, read in books.items()}),
    }
    return render_detail(
        request,
        "billing/remittance.html",
        row=RemittanceFile(
            **asdict(row),
            tax=tax_word(row.tax_code),
            author=names.get(row.author_user_id or ""),
            releaser=names.get(row.approved_by_user_id or ""),
        ),
        panels=panels,
        region=RECEIPTS,
        steps=steps_of(
            ("Drawn up", row.drawn_up), ("Released", row.approved_at), ("Confirmed", row.filed_at)
        ),
        act=next_act(request, row),
        parties=parties(request, owners_of(panels["transfers"].rows)),
    )


def next_act(request: ConsoleRequest, row: RemittanceRow) -> tuple[str, str] | None:
    """Word and address of the step the viewer may take; the operation checks who it is."""
    if request.grant is not None:
        return None
    if row.status == "ready" and "settlement.release" in request.rights:
        return "Release", url("billing.release_remittance", row.id)
    if row.status == "released" and "billing.edit" in request.rights:
        return "Confirm", url("billing.confirm_remittance", row.id)
    return None


def _receipt(row: HeldReceipt) -> ReceiptLine:
    href = url("billing.payment", row.payment_number) if row.payment_number else ""
    return ReceiptLine(**asdict(row), href=href)


urlpatterns = [
    path("billing/taxes/<str:remittance_id>", remittance_detail, name="billing.remittance"),
]
