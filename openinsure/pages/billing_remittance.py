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
        acts=next_acts(request, row),
        parties=parties(request, owners_of(panels["transfers"].rows)),
    )


STEPS = {
    "ready": (
        ("Release", "billing.release_remittance", "settlement.release"),
        ("Reject", "billing.reject_remittance", "settlement.release"),
    ),
    "released": (
        ("Confirm", "billing.confirm_remittance", "billing.edit"),
        ("Record that it came back", "billing.return_remittance", "billing.edit"),
    ),
}


def next_acts(request: ConsoleRequest, row: RemittanceRow) -> list[tuple[str, str]]:
    """Word and address of each step the viewer may take; the operation checks who it is."""
    if request.grant is not None:
        return []
    return [
        (word, url(name, row.id))
        for word, name, permission in STEPS.get(row.status, ())
        if permission in request.rights
    ]


def _receipt(row: HeldReceipt) -> ReceiptLine:
    href = url("billing.payment", row.payment_number) if row.payment_number else ""
    return ReceiptLine(**asdict(row), href=href)


urlpatterns = [
    path("billing/taxes/<str:remittance_id>", remittance_detail, name="billing.remittance"),
]
