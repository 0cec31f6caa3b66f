"""A transfer that only the ledger has: taken into the mirror, then taken back or booked.

The comparison names it by its id in the ledger, once on each of its two accounts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError

from openinsure.billing import relay_start
from openinsure.billing.models import LedgerReconciliationItem, LedgerTransfer
from openinsure.billing.operations.journal import Posted, post_entry
from openinsure.billing.postings import Line
from openinsure.billing.reconciling import Kind, codes_of, sign_of
from openinsure.console.forms import Once
from openinsure.keyspaces.ids import new_id
from openinsure.ledger import ids
from openinsure.problems import BadForm, Conflict
from openinsure.tenancy.scope import Scope

CORRECTION, SOURCE, ADOPTED = 1901, "reconciliation", "stray"
CORRECTED = "The other side of this transfer was corrected before; a note resolves this."
CASH_OF = {"premium": "1010", "claims": "1020"}  # trust account of a ledger account -> chart


def take_back(scope: Scope, item: Any, *, now: datetime) -> LedgerTransfer:
    """Move it back in the ledger: the transfer that does. Raises BadForm, Conflict."""
    stray = _adopted(scope, item, now)
    made = _row(
        scope,
        tb_transfer_id=ids.transfer_id(scope.org_id, SOURCE, item.id, "correction", 0, at=now),
        debit_account_id=stray.credit_account_id,
        credit_account_id=stray.debit_account_id,
        amount_cents=stray.amount_cents,
        currency=stray.currency,
        source_type=SOURCE,
        source_id=item.id,
        status="queued",
        now=now,
    )
    relay_start.after_commit(scope)
    return made


def book(scope: Scope, item: Any, *, note: str, actor_user_id: str, now: datetime) -> Posted:
    """Give it the journal entry that it lacks. Raises BadForm for a type with several accounts in
    the chart, Conflict.
    """
    stray = _adopted(scope, item, now)
    sides = ((stray.debit_account, stray.amount_cents), (stray.credit_account, -stray.amount_cents))
    posted = post_entry(
        scope,
        once=Once(item.id),
        entry_date=now.date(),
        source_type=SOURCE,
        source_id=item.id,
        lines=[_line(account, cents) for account, cents in sides],
        transfers=[],
        now=now,
        description=note,
        actor_user_id=actor_user_id,
    )
    stray.gl_entry_id, stray.updated_at = posted.entry_id, now
    stray.save(update_fields=["gl_entry_id", "updated_at"])
    return posted


def _adopted(scope: Scope, item: Any, now: datetime) -> LedgerTransfer:
    """The mirror's row of it, made now. Raises Conflict if it stands; BadForm if a side lacks."""
    number = item.stray_transfer_id
    if _stands(scope, number):
        raise Conflict(CORRECTED)
    rows = LedgerReconciliationItem.objects.within(scope).filter(
        run_id=item.run_id, stray_transfer_id=number
    )
    sides = {_excess(row) > 0: row for row in rows.order_by("id")}
    if len(sides) != 2 or _excess(sides[True]) != -_excess(sides[False]):
        raise BadForm({"correct": "needs both accounts of the transfer; resolve it with a note"})
    try:
        row = _row(
            scope,
            tb_transfer_id=number,
            debit_account_id=sides[True].ledger_account_id,
            credit_account_id=sides[False].ledger_account_id,
            amount_cents=_excess(sides[True]),
            currency=item.currency,
            source_type=ADOPTED,
            source_id=item.id,
            status="posted",
            posted_at=now,
            now=now,
        )
    except IntegrityError:  # somebody corrected the other side a moment ago
        raise Conflict(CORRECTED) from None
    found: LedgerTransfer = (
        LedgerTransfer.objects.within(scope)
        .select_related("debit_account", "credit_account")
        .get(id=row.id)
    )
    return found


def _stands(scope: Scope, number: str) -> bool:
    """Whether the mirror has it already."""
    return LedgerTransfer.objects.within(scope).filter(tb_transfer_id=number).exists()


def _excess(item: Any) -> int:
    """Debits too many in the ledger, cents."""
    purpose = {"2500": "unearned", "2510": "claims"}.get(item.gl_account_code or "", "")
    kind = Kind(item.account_type, purpose, item.currency)
    return sign_of(kind) * int(item.unexplained_cents)


def _row(scope: Scope, *, now: datetime, **given: Any) -> LedgerTransfer:
    row: LedgerTransfer = LedgerTransfer.objects.within(scope).create(
        id=new_id(), batch_id=new_id(), transfer_code=CORRECTION, created_at=now, updated_at=now,
        **given,
    )  # fmt: skip
    return row


def _line(account: Any, cents: int) -> Line:
    """A line on the chart's account of a ledger account, with whose it is."""
    kind = Kind(account.account_type, account.sub_purpose, account.currency)
    codes = codes_of(kind)
    if account.account_type == "MGA_FIDUCIARY":
        codes = [CASH_OF[account.entity_id]] if account.entity_id in CASH_OF else codes
    if len(codes) != 1:
        told = ", ".join(codes)
        raise BadForm({"correct": f"cannot book it: {account.account_type} is one of {told}"})
    whose = {"claim": "claim_id", "carrier": "carrier_id", "producer": "producer_id"}
    name = whose.get(account.entity_type)
    more = {name: account.entity_id} if name else {}
    return Line(account=codes[0], cents=cents, currency=account.currency, **more)
