"""What a claim or one of its disbursements moved: journal lines and ledger transfers."""

from __future__ import annotations

from openinsure.authz.permissions import label
from openinsure.billing.policy_transfers import journal_of_claim, transfers_of_claim
from openinsure.billing.queries.payments import list_journal, list_transfers
from openinsure.console.panels import Asked, Panel, forbidden, load_together
from openinsure.console.request import ConsoleRequest

NEEDED, KEYSPACE = "ledger.view", "oi_billing"
BOOKS = ("journal", "transfers")


def claim_books(request: ConsoleRequest, claim_id: str) -> dict[str, Panel]:
    """journal and transfers of a claim; forbidden without the permission. One statement."""
    if NEEDED not in request.rights:
        return _refused()
    scope = request.scope
    read: dict[str, Asked] = {
        "journal": ("Billing", lambda: journal_of_claim(scope, claim_id)),
        "transfers": ("Billing", lambda: transfers_of_claim(scope, claim_id)),
    }
    return load_together(read, keyspace=KEYSPACE)


def disbursement_books(request: ConsoleRequest, payments: Panel) -> dict[str, Panel]:
    """journal and transfers of the payments (their ids) a disbursement carried. One statement."""
    if NEEDED not in request.rights:
        return _refused()
    if payments.state == "unavailable":
        return dict.fromkeys(BOOKS, payments)
    scope, paid = request.scope, list(payments.rows)
    read: dict[str, Asked] = {
        "journal": ("Billing", lambda: list_journal(scope, paid)),
        "transfers": ("Billing", lambda: list_transfers(scope, paid)),
    }
    return load_together(read, keyspace=KEYSPACE)


def _refused() -> dict[str, Panel]:
    return dict.fromkeys(BOOKS, forbidden(label(NEEDED)))
