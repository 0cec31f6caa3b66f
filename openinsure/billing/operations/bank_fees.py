"""A bank line that is the bank's own charge: borne by the organisation's revenue, never by trust.

What is held for others pays no charge of the bank, so revenue not swept yet does (5200). The entry
is asked for like a manual one; its approval by another person posts it and matches the line. So is
taking a wrong one back: its mirror is posted, and the line waits for what it really is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from openinsure.billing.models import BankTransaction
from openinsure.billing.operations.bank import CASH
from openinsure.billing.operations.bank_out import is_open, locked_line, matched
from openinsure.billing.operations.journal import Posted, post_entry
from openinsure.billing.operations.settlements import touch
from openinsure.billing.postings import LedgerKey, Line, Transfer
from openinsure.console.dates import format_day
from openinsure.console.forms import Once
from openinsure.problems import NotFound
from openinsure.tenancy.scope import Scope

KIND, ACCOUNT, CORRECTION = "bank_fee", "5200", 1901


def fee_line(scope: Scope, line_id: str) -> Any:
    """An open line of money out with its account. Raises NotFound, BadForm, Conflict."""
    rows = BankTransaction.objects.within(scope).select_related("trust_account")
    line = rows.filter(id=line_id).first()
    if line is None:
        raise NotFound("bank line", line_id[:40])
    is_open(line)
    return line


def fee_lines(line: Any) -> list[Line]:
    """What the journal says of it: the charge against the cash of its account."""
    cash = CASH[line.trust_account.account_kind]
    return [
        Line(account=ACCOUNT, cents=line.amount_cents, currency=line.currency),
        Line(account=cash, cents=-line.amount_cents, currency=line.currency),
    ]


def fee_words(line: Any) -> str:
    """`Bank fee of 3 Nov 2026, line BK-1`."""
    return f"Bank fee of {format_day(line.posted_on)}, line {line.bank_ref}"[:255]


def post_fee(scope: Scope, proposal: Any, *, actor_user_id: str, now: datetime) -> Posted:
    """Post an approved charge and match its line, inside the caller's transaction.

    Raises Conflict if the line was matched to something else meanwhile.
    """
    row = locked_line(scope, proposal.proposal["bank_line"])
    line = fee_line(scope, row.id)
    cash = LedgerKey("MGA_FIDUCIARY", "trust_account", line.trust_account.account_kind)
    leg = Transfer(  # a line that was opened again is charged by another proposal
        leg=f"fee-{proposal.id}", code=CORRECTION, credit=cash,
        debit=LedgerKey("MGA_REVENUE", "org", scope.org_id),
        cents=line.amount_cents, currency=line.currency,
    )  # fmt: skip
    posted = post_entry(
        scope,
        once=Once(proposal.id),
        entry_date=proposal.entry_date,
        source_type=KIND,
        source_id=line.id,
        lines=fee_lines(line),
        transfers=[leg],
        now=now,
        description=fee_words(line),
        actor_user_id=actor_user_id,
    )
    matched(row, KIND, posted.entry_id, now)
    return posted


def reopen_line(scope: Scope, entry_id: str, *, now: datetime) -> None:
    """The line of a charge that is taken back is open again; none of another kind of entry.

    Inside the caller's transaction.
    """
    rows = BankTransaction.objects.within(scope).select_for_update()
    for line in rows.filter(matched_type=KIND, matched_id=entry_id):
        line.match_status, line.matched_type, line.matched_id = "open", None, None
        touch(line, now)
