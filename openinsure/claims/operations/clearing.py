"""A check or ACH that the bank paid: cleared, with the line of the statement that says so."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from openinsure.claims.disbursing import MACHINE
from openinsure.claims.models import Claim
from openinsure.claims.operations.changing import Act, Done, Event, change
from openinsure.claims.operations.disbursements import locked, payload_of, touch
from openinsure.problems import BadForm
from openinsure.tenancy.scope import Scope


def clear_disbursement(
    scope: Scope, disbursement_id: str, claim_id: str, act: Act, *, line_id: str, cents: int,
    on: date,
) -> Done:  # fmt: skip
    """The line of the statement is this disbursement. Raises NotFound, IllegalTransition; BadForm
    for another amount. on: the day of the line.
    """

    def work(claim: Claim) -> Event:
        found = locked(scope, disbursement_id, claim)
        MACHINE.check(found.status, "cleared")
        if found.amount_cents != cents:
            raise BadForm({"payout": "must be of the line's amount"})
        found.status, found.bank_transaction_id = "cleared", line_id
        found.cleared_at = min(act.now, datetime.combine(on, time(12), UTC))
        touch(found, act)
        return Event("disbursement.cleared", payload_of(claim, found, bank_line_id=line_id))

    return change(scope, claim_id, act, action="disbursement.cleared", work=work)
