"""Resolving a difference: a note, a transfer that corrects the ledger, or the entry that lacked.

Never by its booker. The figures of the comparison stay as they were; the next one shows whether it
helped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openinsure.audit import reasons
from openinsure.billing import relay_start
from openinsure.billing.models import (
    LedgerReconciliationItem,
    LedgerReconciliationRun,
    LedgerTransfer,
)
from openinsure.billing.operations import strays
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.operations.reconciling import standing_of
from openinsure.billing.reconciling import Kind as LedgerKind
from openinsure.billing.reconciling import kind_of_code, sign_of
from openinsure.keyspaces.ids import new_id
from openinsure.ledger import ids
from openinsure.problems import BadForm, Conflict, NotFound
from openinsure.tenancy.scope import Scope

CORRECTION, SOURCE = 1901, "reconciliation"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A difference that was resolved. correction: the ledger id of the transfer made for it."""

    item_id: str
    correction: str | None
    repeated: bool


def resolve_item(
    scope: Scope, *, item_id: str, note: str, correct: bool, actor_user_id: str, now: datetime,
    book: bool = False,
) -> Resolved:  # fmt: skip
    """Resolve one difference; book: a transfer that only the ledger has gets its journal entry.

    Raises BadForm, NotFound; Conflict for its booker, for one that is explained or was resolved by
    another, and for a second correction of the same entry.
    """
    note = reasons.stated(note, "note")

    def work() -> Resolved:
        item = _locked(scope, item_id)
        if item.status == "resolved":
            if (item.resolved_by_user_id, item.resolution_note) != (actor_user_id, note):
                raise Conflict("This difference was resolved before.")
            return Resolved(item.id, _number_of(scope, item.correction_transfer_id), True)
        if item.status != "unexplained":
            raise Conflict("This difference is explained; there is nothing to resolve.")
        if actor_user_id in _bookers(scope, item):
            raise Conflict("Who booked the entry cannot resolve its difference.")
        if book:
            _book(scope, item, correct=correct, note=note, actor_user_id=actor_user_id, now=now)
        made = _correction(scope, item, now) if correct else None
        item.status, item.resolution_note = "resolved", note
        item.resolved_by_user_id, item.resolved_at, item.updated_at = actor_user_id, now, now
        item.correction_transfer_id = made.id if made else None
        item.save()
        _lift(scope, item, now)
        return Resolved(item.id, made.tb_transfer_id if made else None, False)

    return in_transaction(work)


def _lift(scope: Scope, item: Any, now: datetime) -> None:
    """A line is resolved with the last of its faults, its faults with it, the run with all."""
    rows = LedgerReconciliationItem.objects.within(scope).filter(run_id=item.run_id)
    open_ones = rows.filter(status="unexplained")
    said = {"resolved_by_user_id": item.resolved_by_user_id, "resolved_at": now, "updated_at": now}
    parent = item.parent_item_id
    if parent is None:
        open_ones.filter(parent_item_id=item.id).update(
            status="resolved", resolution_note="Resolved with its line.", **said
        )
    elif not open_ones.filter(parent_item_id=parent).exists():
        open_ones.filter(id=parent).update(
            status="resolved", resolution_note="Every fault below is resolved.", **said
        )
    run = LedgerReconciliationRun.objects.within(scope).select_for_update().get(id=item.run_id)
    status = standing_of(run, rows.all())
    if status != run.status:
        run.status, run.updated_at = status, now
        run.save(update_fields=["status", "updated_at"])


def _locked(scope: Scope, item_id: str) -> Any:
    rows = LedgerReconciliationItem.objects.within(scope).select_for_update()
    item = rows.filter(id=item_id).first()
    if item is None:
        raise NotFound("difference", item_id)
    return item


def _number_of(scope: Scope, transfer_id: str | None) -> str | None:
    """A transfer's id in the ledger; None for none."""
    rows = LedgerTransfer.objects.within(scope).filter(id=transfer_id)
    return rows.values_list("tb_transfer_id", flat=True).first()


def _bookers(scope: Scope, item: Any) -> set[str | None]:
    """Who posted the entries behind it and behind what is below it."""
    rows = LedgerReconciliationItem.objects.within(scope)
    found = {item.gl_entry.posted_by_user_id} if item.gl_entry_id else set()
    below = rows.filter(parent_item_id=item.id).exclude(gl_entry_id=None)
    return found | set(below.values_list("gl_entry__posted_by_user_id", flat=True)) - {None}


def _book(
    scope: Scope, item: Any, *, correct: bool, note: str, actor_user_id: str, now: datetime
) -> None:
    """Raises BadForm for what is no stray, or is to be moved back as well."""
    if correct or not item.stray_transfer_id:
        raise BadForm({"book": "is for a transfer that only the ledger has and that is right"})
    strays.book(scope, item, note=note, actor_user_id=actor_user_id, now=now)


def _correction(scope: Scope, item: Any, now: datetime) -> LedgerTransfer:
    """Move the difference between the two accounts of the transfer that is wrong."""
    if item.stray_transfer_id:
        return strays.take_back(scope, item, now=now)
    wrong = _wrong(scope, item)
    purpose = ""
    if item.gl_account_code:
        kind = kind_of_code(item.gl_account_code, item.currency)
        purpose = kind.purpose if kind else ""
    sign = sign_of(LedgerKind(item.account_type, purpose, item.currency))
    excess = sign * item.unexplained_cents  # debits too many in the ledger
    if wrong.credit_account.account_type == item.account_type:
        excess = -excess
    sides = (wrong.debit_account_id, wrong.credit_account_id)
    debit, credit = sides if excess < 0 else sides[::-1]
    made: LedgerTransfer = LedgerTransfer.objects.within(scope).create(
        id=new_id(),
        tb_transfer_id=ids.transfer_id(scope.org_id, SOURCE, item.id, "correction", 0, at=now),
        batch_id=new_id(),
        debit_account_id=debit,
        credit_account_id=credit,
        amount_cents=abs(excess),
        currency=item.currency,
        transfer_code=CORRECTION,
        source_type=SOURCE,
        source_id=item.id,
        policy_id=wrong.policy_id,
        claim_id=wrong.claim_id,
        status="queued",
        created_at=now,
        updated_at=now,
    )
    relay_start.after_commit(scope)
    return made


def _wrong(scope: Scope, item: Any) -> Any:
    """The one transfer behind a fault. Raises BadForm, Conflict."""
    if not item.ledger_transfer_id and not item.gl_entry_id:
        raise BadForm({"correct": "needs the fault of one entry; resolve this line with a note"})
    behind = {"ledger_transfer_id": item.ledger_transfer_id, "gl_entry_id": item.gl_entry_id}
    same = LedgerReconciliationItem.objects.within(scope).filter(**behind)
    if same.exclude(correction_transfer_id=None).exists():
        raise Conflict("The other side of this entry was corrected before; a note resolves this.")
    rows = LedgerTransfer.objects.within(scope).select_related("debit_account", "credit_account")
    if item.ledger_transfer_id:
        rows = rows.filter(id=item.ledger_transfer_id)
    else:
        rows = rows.filter(gl_entry_id=item.gl_entry_id)
    touching = [
        row
        for row in rows
        if item.account_type in (row.debit_account.account_type, row.credit_account.account_type)
    ]
    if len(touching) != 1:
        raise BadForm({"correct": "needs exactly one transfer of this entry on this account type"})
    return touching[0]
