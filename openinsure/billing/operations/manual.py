"""Manual journal entries: proposed by one person, posted by the decision of another.

Only on accounts without a counterpart in the ledger, balanced, in an open month (decisions 36).
A posted entry never changes: taking it back is another proposal, whose approval posts its mirror.
So are a deposit to the claims fund and a charge of the bank, with their transfers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from openinsure.audit import reasons
from openinsure.billing.chart import CHART
from openinsure.billing.models import GlJournalEntry
from openinsure.billing.operations import bank_fees
from openinsure.billing.operations.deposits import KIND as DEPOSIT
from openinsure.billing.operations.deposits import still_in_fund
from openinsure.billing.operations.journal import Posted, post_entry
from openinsure.billing.operations.mirrors import lines_of, reverse_entry
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.operations.periods import lock_period
from openinsure.billing.postings import Line, balanced
from openinsure.console.forms import Once
from openinsure.console.money import format_cents
from openinsure.console.words import spoken
from openinsure.problems import BadForm, Conflict, Forbidden, NotFound
from openinsure.tenancy.scope import Scope

SOURCE, PROPOSAL = "manual", "manual_proposal"
TAKEN_BACK = (SOURCE, DEPOSIT, bank_fees.KIND)  # kinds of entries that two people take back
PROPOSED, APPROVED, REJECTED = "proposed", "approved", "rejected"
ACCOUNTS = tuple(code for code, account in CHART.items() if not account.ledger)
DOLLARS = "USD"  # of the books; one currency an organisation (domain.md 6)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal after a step. number: its own, or of the entry once it is posted."""

    entry_id: str
    number: str
    status: str
    repeated: bool


def propose_entry(
    scope: Scope, *, once: Once, entry_date: date, lines: Sequence[Line], reason: str,
    actor_user_id: str, now: datetime,
) -> Proposed:  # fmt: skip
    """Ask for an entry; nothing is posted. Raises BadForm naming what cannot stand, Conflict."""
    mapped = sorted({line.account for line in lines} - set(ACCOUNTS))
    if mapped:
        raise BadForm({"lines": f"must be on {', '.join(ACCOUNTS)}: {mapped[0]} is in the ledger"})
    total = balanced(lines)[DOLLARS]
    wanted = {"lines": [asdict(line) for line in lines]}
    return _propose(scope, once, entry_date, wanted, told(lines), total, reason, actor_user_id, now)


def told(lines: Sequence[Line]) -> str:
    """`Dr 1200 $180.00, Cr 2900 $180.00`: what an entry would post, in words."""
    words = []
    for line in lines:
        side = "Dr" if line.cents > 0 else "Cr"
        words.append(f"{side} {line.account} {format_cents(abs(line.cents), DOLLARS)}")
    return ", ".join(words)


def propose_reversal(
    scope: Scope, *, once: Once, number: str, entry_date: date, reason: str, actor_user_id: str,
    now: datetime,
) -> Proposed:  # fmt: skip
    """Ask that a manual entry, a deposit or a bank fee be taken back by its mirror.

    Raises NotFound, BadForm, Conflict.
    """
    entry = entry_named(scope, number)
    if entry.source_type not in TAKEN_BACK:
        raise Conflict(
            "Only manual entries, deposits and bank fees are taken back here; others by what"
            " caused them."
        )
    if entry.reversed_by_id is not None:
        raise Conflict(f"The entry {number} was reversed before.")
    if entry_date < entry.entry_date:
        raise BadForm({"entry_date": f"must not be before the entry's, {entry.entry_date}"})
    still_in_fund(scope, entry.id)
    wanted = {"reverses": entry.id, "number": number}
    total = sum(line.cents for line in lines_of(scope, entry.id) if line.cents > 0)
    words = f"Reversal of {number}"
    return _propose(scope, once, entry_date, wanted, words, total, reason, actor_user_id, now)


def propose_bank_fee(
    scope: Scope, *, once: Once, line_id: str, reason: str, actor_user_id: str, now: datetime
) -> Proposed:
    """Ask that a bank line be booked as the bank's own charge, on its day if that month is open.

    Raises NotFound; BadForm for a line of money in; Conflict for one matched or asked for already.
    """
    standing = GlJournalEntry.objects.within(scope).filter(id=once.id).first()
    if standing is not None:
        return Proposed(standing.id, standing.entry_number, standing.status, repeated=True)
    line = bank_fees.fee_line(scope, line_id)
    waiting = GlJournalEntry.objects.within(scope).filter(status=PROPOSED, source_type=PROPOSAL)
    for row in waiting:
        if (row.proposal or {}).get("bank_line") == line.id:
            raise Conflict(f"The fee of this line waits for approval as {row.entry_number}.")
    day = in_transaction(lambda: lock_period(scope, line.posted_on, now=now).entry_date)
    lines, wanted = bank_fees.fee_lines(line), {"bank_line": line.id}
    words = f"{bank_fees.fee_words(line)}: {told(lines)}"
    return _propose(scope, once, day, wanted, words, line.amount_cents, reason, actor_user_id, now)


def entry_named(scope: Scope, number: str) -> Any:
    """A posted entry by number. Raises NotFound, for a proposal too."""
    rows = GlJournalEntry.objects.within(scope).filter(entry_number=number, proposal__isnull=True)
    row = rows.first()
    if row is None:
        raise NotFound("journal entry", number)
    return row


def proposal_named(scope: Scope, number: str) -> Any:
    """A proposal by number. Raises NotFound."""
    rows = GlJournalEntry.objects.within(scope).filter(entry_number=number, source_type=PROPOSAL)
    row = rows.first()
    if row is None:
        raise NotFound("proposed entry", number)
    return row


def approve_entry(scope: Scope, proposal_id: str, *, actor_user_id: str, now: datetime) -> Proposed:
    """Post it, by another person. Raises NotFound, Forbidden, Conflict if its month is closed."""

    def work() -> Proposed:
        row = _locked(scope, proposal_id)
        if row.status == APPROVED:
            return Proposed(row.id, row.entry_number, APPROVED, repeated=True)
        _decidable(row, actor_user_id)
        if lock_period(scope, row.entry_date, now=now).entry_date != row.entry_date:
            raise Conflict(f"{row.entry_date:%Y-%m} is closed by now. Reject it and propose anew.")
        if "reverses" in row.proposal:
            posted = _take_back(scope, row, actor_user_id, now)
        elif "bank_line" in row.proposal:
            posted = bank_fees.post_fee(scope, row, actor_user_id=actor_user_id, now=now)
        else:
            posted = post_entry(
                scope,
                once=Once(row.id),
                entry_date=row.entry_date,
                source_type="manual",
                source_id=row.id,
                lines=[Line(**line) for line in row.proposal["lines"]],
                transfers=[],
                now=now,
                description=row.reason,
                actor_user_id=actor_user_id,
            )
        _decide(row, APPROVED, actor_user_id, now)
        return Proposed(row.id, posted.number, APPROVED, repeated=False)

    return in_transaction(work)


def _take_back(scope: Scope, row: Any, actor: str, now: datetime) -> Posted:
    entry_id = row.proposal["reverses"]
    still_in_fund(scope, entry_id)
    bank_fees.reopen_line(scope, entry_id, now=now)
    return reverse_entry(
        scope, entry_id, once=Once(row.id), entry_date=row.entry_date, now=now, actor_user_id=actor
    )


def reject_entry(
    scope: Scope, proposal_id: str, *, note: str, actor_user_id: str, now: datetime
) -> Proposed:
    """Nothing is posted; by another person, who says why. Raises BadForm, NotFound, Forbidden."""
    said = reasons.stated(note, "note")

    def work() -> Proposed:
        row = _locked(scope, proposal_id)
        if row.status == REJECTED:
            return Proposed(row.id, row.entry_number, REJECTED, repeated=True)
        _decidable(row, actor_user_id)
        row.reason = said
        _decide(row, REJECTED, actor_user_id, now)
        return Proposed(row.id, row.entry_number, REJECTED, repeated=False)

    return in_transaction(work)


def _propose(
    scope: Scope, once: Once, entry_date: date, wanted: dict[str, Any], words: str, total: int,
    reason: str, actor: str, now: datetime,
) -> Proposed:  # fmt: skip
    said = reasons.stated(reason)
    if entry_date > now.date():
        raise BadForm({"entry_date": "must not be after today"})

    def work() -> Proposed:
        row = GlJournalEntry.objects.within(scope).filter(id=once.id).first()
        if row is not None:
            return Proposed(row.id, row.entry_number, row.status, repeated=True)
        period = lock_period(scope, entry_date, now=now)
        if period.entry_date != entry_date:
            raise BadForm({"entry_date": f"must be in an open month; {entry_date:%Y-%m} is closed"})
        row = GlJournalEntry.objects.create(
            org_id=scope.org_id,
            id=once.id,
            entry_number=f"MJ-{once.id[-12:].upper()}",
            period_id=period.period_id,
            entry_date=entry_date,
            effective_date=entry_date,
            source_type=PROPOSAL,
            status=PROPOSED,
            total_debit_cents=total,
            total_credit_cents=total,
            currency=DOLLARS,
            description=words[:255],
            idempotency_key=f"{PROPOSAL}:{once.id}",
            proposal=wanted,
            proposed_by_user_id=actor,
            reason=said,
            created_at=now,
            updated_at=now,
        )
        return Proposed(row.id, row.entry_number, PROPOSED, repeated=False)

    return in_transaction(work)


def _locked(scope: Scope, proposal_id: str) -> Any:
    rows = GlJournalEntry.objects.within(scope).select_for_update()
    row = rows.filter(id=proposal_id, source_type=PROPOSAL).first()
    if row is None:
        raise NotFound("proposed entry", proposal_id[:40])
    return row


def _decidable(row: Any, actor: str) -> None:
    if row.status != PROPOSED:
        raise Conflict(f"This entry is {spoken(row.status)} already.")
    if row.proposed_by_user_id == actor:
        raise Forbidden("Who proposed an entry cannot decide it.", code="own_request")


def _decide(row: Any, status: str, actor: str, now: datetime) -> None:
    row.status, row.decided_by_user_id, row.updated_at = status, actor, now
    row.save()
