"""Answering a posted entry by its mirror: every line and transfer the other way round."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from openinsure.billing.models import GlJournalEntry, GlJournalLine, LedgerTransfer
from openinsure.billing.operations.journal import Posted, find_entry, post_entry
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.postings import LedgerKey, Line, Transfer
from openinsure.console.forms import Once
from openinsure.problems import Conflict, NotFound
from openinsure.tenancy.scope import Scope


def reverse_entry(
    scope: Scope, entry_id: str, *, once: Once, entry_date: date, now: datetime, code: int = 1901,
    source: tuple[str, str] = ("", ""), actor_user_id: str | None = None,
) -> Posted:  # fmt: skip
    """Post the mirror of an entry: every line and transfer the other way round.

    code: the transfer code of the mirror. source: its kind and the id of what it is posted for,
    by default a reversal for the entry. Raises NotFound; Conflict if it was reversed before.
    """
    kind, source_id = source if source[0] else ("reversal", entry_id)

    def work() -> Posted:
        entry = GlJournalEntry.objects.within(scope).select_for_update().filter(id=entry_id).first()
        if entry is None:
            raise NotFound("journal entry")
        standing = find_entry(scope, f"{kind}:{once.id}")
        if standing is not None:
            return standing
        if entry.reversed_by_id is not None:
            raise Conflict(f"The entry {entry.entry_number} was reversed before.")
        return post_entry(
            scope,
            once=once,
            entry_date=entry_date,
            source_type=kind,
            source_id=source_id,
            lines=[replace(line, cents=-line.cents) for line in lines_of(scope, entry_id)],
            transfers=_mirrored(scope, entry_id, code),
            now=now,
            description=f"Reversal of {entry.entry_number}",
            actor_user_id=actor_user_id,
            reversal_of=entry_id,
        )

    return in_transaction(work)


def lines_of(scope: Scope, entry_id: str) -> list[Line]:
    """The lines of an entry, debits positive."""
    rows = GlJournalLine.objects.within(scope).filter(journal_entry_id=entry_id)
    return [
        Line(
            account=row.account_code,
            cents=row.debit_cents - row.credit_cents,
            currency=row.currency,
            policy_id=row.policy_id,
            claim_id=row.claim_id,
            producer_id=row.producer_id,
            carrier_id=row.carrier_id,
            treaty_id=row.treaty_id,
            state=row.state,
            memo=row.memo,
        )
        for row in rows.order_by("line_no", "id")
    ]


def _mirrored(scope: Scope, entry_id: str, code: int) -> list[Transfer]:
    rows = (
        LedgerTransfer.objects.within(scope)
        .filter(gl_entry_id=entry_id)
        .select_related("debit_account", "credit_account")
        .order_by("-batch_seq", "-id")
    )

    def key(account: object) -> LedgerKey:
        names = ("account_type", "entity_type", "entity_id", "sub_purpose")
        return LedgerKey(*(getattr(account, name) for name in names))

    return [
        Transfer(
            leg=f"mirror-{row.batch_seq}",
            code=code,
            debit=key(row.credit_account),
            credit=key(row.debit_account),
            cents=row.amount_cents,
            currency=row.currency,
            policy_id=row.policy_id,
            claim_id=row.claim_id,
        )
        for row in rows
    ]
