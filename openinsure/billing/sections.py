"""The sections of billing, as tabs above its lists: what is built and the viewer may open."""

from __future__ import annotations

from openinsure.console import links
from openinsure.console.rendering import page_name
from openinsure.console.request import ConsoleRequest

SECTIONS = (
    ("billing.invoices", "Invoices", "billing.view"),
    ("billing.payments", "Payments", "billing.view"),
    ("billing.ageing", "Ageing", "billing.view"),
    ("billing.holds", "Holds", "billing.view"),
    ("billing.suspense", "Suspense", "ledger.view"),
    ("billing.bordereaux", "Bordereaux", "ledger.view"),
    ("billing.settlements", "Settlements", "ledger.view"),
    ("billing.commissions", "Commissions", "ledger.view"),
    ("billing.payouts", "Payouts", "ledger.view"),
    ("billing.reinsurance", "Reinsurance", "ledger.view"),
    ("billing.recoverables", "Recoverables", "ledger.view"),
    ("billing.taxes", "Taxes", "ledger.view"),
    ("billing.bank", "Bank", "ledger.view"),
)


def sections(request: ConsoleRequest) -> tuple[str, tuple[tuple[str, str, str, None], ...]]:
    """The open section, and name, word, address and no count of each tab."""
    tabs = tuple(
        (name, word, links.url(name), None)
        for name, word, permission in SECTIONS
        if permission in request.rights and links.resolves(name)
    )
    return page_name(request), tabs
