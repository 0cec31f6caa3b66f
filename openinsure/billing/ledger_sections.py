"""The sections of the ledger, as tabs above its pages: what is built and the viewer may open."""

from __future__ import annotations

from openinsure.console import links
from openinsure.console.rendering import page_name
from openinsure.console.request import ConsoleRequest

SECTIONS = (
    ("ledger.accounts", "Accounts"),
    ("ledger.transfers", "Transfers"),
    ("ledger.journal", "Journal"),
    ("ledger.trial_balance", "Trial balance"),
    ("ledger.reconciliation", "Reconciliation"),
    ("ledger.close", "Close"),
)


def ledger_sections(
    request: ConsoleRequest,
) -> tuple[str, tuple[tuple[str, str, str, None], ...], str]:
    """The open section; name, word, address and no count of each tab; what they are."""
    tabs = tuple(
        (name, word, links.url(name), None) for name, word in SECTIONS if links.resolves(name)
    )
    return page_name(request), tabs, "Ledger sections"
