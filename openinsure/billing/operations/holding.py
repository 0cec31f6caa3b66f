"""Transfers that the ledger holds until something is paid out: pending, then posted or let go."""

from __future__ import annotations

from collections.abc import Sequence

from openinsure.billing.models import LedgerTransfer
from openinsure.billing.operations.journal import again
from openinsure.billing.payouts import POST_PENDING, VOID_PENDING
from openinsure.billing.postings import Transfer
from openinsure.problems import Conflict
from openinsure.tenancy.scope import Scope

ON_ITS_WAY = "The ledger has not taken this payment yet. Try again in a minute."


def held(scope: Scope, source_type: str, source_id: str) -> list[LedgerTransfer]:
    """What the ledger holds for a source, in order; none of a chain that it refused.

    Raises Conflict while it is on its way.
    """
    rows = LedgerTransfer.objects.within(scope).filter(source_type=source_type, source_id=source_id)
    found = list(rows.select_related("debit_account", "credit_account").order_by("batch_seq", "id"))
    if any(row.status == "refused" for row in found):
        return []
    if any(row.status != "posted" for row in found):
        raise Conflict(ON_ITS_WAY)
    return found


def sent(scope: Scope, source_type: str, source_id: str) -> LedgerTransfer:
    """The pending transfer of a payout that was released, the newest. Raises Conflict without."""
    rows = LedgerTransfer.objects.within(scope).filter(source_type=source_type, source_id=source_id)
    row: LedgerTransfer | None = rows.order_by("batch_seq", "-id").first()
    if row is None:
        raise Conflict("Nothing is pending in the ledger for this payout.")
    return row


def pending_id(row: LedgerTransfer) -> str:
    """The id that ends it, once the ledger holds it. Raises Conflict while it is on its way."""
    if row.status == "refused":
        raise Conflict("The ledger refused this payment. Record that it came back.")
    if row.status != "posted":
        raise Conflict(ON_ITS_WAY)
    return str(row.tb_transfer_id)


def voided(rows: Sequence[LedgerTransfer]) -> list[Transfer]:
    """The transfers that let go of what is held."""
    return [again(row, leg=f"void-{row.batch_seq}", flags=VOID_PENDING) for row in rows]


def taken_up(
    kept: Sequence[LedgerTransfer], legs: Sequence[Transfer]
) -> tuple[list[Transfer], list[Transfer]]:
    """What lets go and what posts: the held transfers if they are these legs, else the legs anew.

    legs: as the ledger takes them (`directed`).
    """
    posting = [again(row, leg=f"post-{row.batch_seq}", flags=POST_PENDING) for row in kept]
    if _moves(posting) == _moves(legs):
        return [], posting
    return voided(kept), list(legs)


def _moves(legs: Sequence[Transfer]) -> list[tuple[object, object, int]]:
    return [(one.debit, one.credit, one.cents) for one in legs]
