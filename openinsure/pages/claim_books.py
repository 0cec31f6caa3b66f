"""What a claim or one of its disbursements moved: journal lines and ledger transfers."""

from __future__ import annotations

from openinsure.authz.permissions import label
from openinsure.billing.policy_transfers import journal_of_claim, transfers_of_claim
from openinsure.billing.queries import payments
from openinsure.claims.disbursing import payment_ids
from openinsure.console.panels import Asked, Panel, forbidden, load_together
from openinsure.console.request import ConsoleRequest

NEEDED, KEYSPACE = "ledger.view", "oi_billing"


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


def disbursement_books(request: ConsoleRequest, disbursement_id: str) -> dict[str, Panel]:
    """journal and transfers of the payments a disbursement carried. Two statements."""
    if NEEDED not in request.rights:
        return _refused()
    scope = request.scope
    paid = payment_ids(scope, disbursement_id)
    read: dict[str, Asked] = {
        "journal": ("Billing", lambda: payments.list_journal(scope, paid)),
        "transfers": ("Billing", lambda: payments.list_transfers(scope, paid)),
    }
    return load_together(read, keyspace=KEYSPACE)


def _refused() -> dict[str, Panel]:
    return dict.fromkeys(("journal", "transfers"), forbidden(label(NEEDED)))
