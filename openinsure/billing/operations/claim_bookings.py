"""A claim's money booked: steps of a reserve, checks held and posted, money that came back.

Source: domain.md 5.4. Once per step and payment, whoever comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction

from openinsure.billing import claim_money
from openinsure.billing.claim_money import ClaimTerms
from openinsure.billing.models import GlJournalEntry, LedgerTransfer
from openinsure.billing.operations.holding import held, taken_up
from openinsure.billing.operations.journal import Posted, find_entry, hold_transfers, post_entry
from openinsure.billing.operations.mirrors import reverse_entry
from openinsure.billing.operations.moneyed import KEYSPACE, in_transaction
from openinsure.billing.operations.recoverables import REINSURED, collect
from openinsure.billing.payouts import PENDING
from openinsure.billing.postings import Line, Transfer, directed
from openinsure.console.forms import Once
from openinsure.problems import Conflict
from openinsure.tenancy.scope import Scope

RESERVE, CHECK, HELD = "claim_reserve", "claim_payment", "claim_payment_hold"
RECOVERED = "claim_recovery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurred:
    """When it happened, who did it, and what the entry says."""

    at: datetime
    actor_user_id: str | None
    words: str
    currency: str


def book_reserve(
    scope: Scope, terms: ClaimTerms, told: Occurred, *, step_id: str, cents: int, now: datetime
) -> Posted:
    """A reserve raised (cents > 0) or taken down, under the id of its step."""
    lines, legs = claim_money.reserve_change(terms, cents)
    return _post(scope, told, RESERVE, step_id, lines, directed(_in(told.currency, legs)), now)


def hold_check(
    scope: Scope, terms: ClaimTerms, told: Occurred, *, payment_id: str, cents: int, now: datetime
) -> None:
    """An approved payment: pending in the ledger with the reserve it will use up, once.

    Nothing is held for a payment whose check is booked already.
    """
    if find_entry(scope, f"{CHECK}:{payment_id}") is not None:
        return
    rows = LedgerTransfer.objects.within(scope).filter(source_type=HELD, source_id=payment_id)
    if rows.exists():
        return
    _, legs = claim_money.check(terms, cents, takedown_cents=cents)
    pending = [replace(leg, flags=PENDING) for leg in _in(told.currency, legs)]
    try:
        with transaction.atomic(using=KEYSPACE):
            hold_transfers(
                scope, source_type=HELD, source_id=payment_id, transfers=pending, now=now
            )
    except IntegrityError:  # another worker was first: the transfers' ids follow from the payment
        if not rows.exists():
            raise


def book_check(
    scope: Scope, terms: ClaimTerms, told: Occurred, *, payment_id: str, cents: int,
    takedown_cents: int, now: datetime,
) -> Posted:  # fmt: skip
    """An issued payment: what is held is posted with the entry; other amounts are posted anew.

    Raises Conflict while the ledger has not taken what is held.
    """
    standing = find_entry(scope, f"{CHECK}:{payment_id}")
    if standing is not None:
        return standing
    lines, legs = claim_money.check(terms, cents, takedown_cents=takedown_cents)
    let_go, posted = taken_up(held(scope, HELD, payment_id), directed(_in(told.currency, legs)))
    return _post(scope, told, CHECK, payment_id, lines, [*let_go, *posted], now)


def book_recovery(
    scope: Scope, terms: ClaimTerms, told: Occurred, *, recovery_id: str, cents: int,
    recoverable_id: str | None, now: datetime,
) -> Posted:  # fmt: skip
    """Money that came back, under the id of its row.

    recoverable_id: what a reinsurer pays by it; collected in the same transaction.
    """
    lines, legs = claim_money.recovery(terms, cents)
    source = REINSURED if recoverable_id else RECOVERED

    def work() -> Posted:
        posted = _post(
            scope, told, source, recovery_id, lines, directed(_in(told.currency, legs)), now
        )
        if recoverable_id and not posted.repeated:
            collect(scope, recoverable_id, claim_id=terms.claim_id, cents=cents, now=now)
        return posted

    return in_transaction(work)


def unbook_recovery(
    scope: Scope, told: Occurred, *, recovery_id: str, reversal_id: str, claim_id: str, cents: int,
    recoverable_id: str | None, now: datetime,
) -> Posted:  # fmt: skip
    """A recovery taken back: the mirror of its entry, under the id of the row that takes it back.

    What a reinsurer had paid by it is open again. Raises Conflict while it is not booked itself.
    """
    source = REINSURED if recoverable_id else RECOVERED

    def work() -> Posted:
        rows = GlJournalEntry.objects.within(scope)
        booked = rows.filter(source_type=source, source_id=recovery_id).first()
        if booked is None:
            raise Conflict("This recovery is not in the journal yet.")
        posted = reverse_entry(
            scope, booked.id, once=Once(reversal_id), entry_date=told.at.date(), now=now,
            source=(source, reversal_id), actor_user_id=told.actor_user_id,
        )  # fmt: skip
        if recoverable_id and not posted.repeated:
            collect(scope, recoverable_id, claim_id=claim_id, cents=-cents, now=now)
        return posted

    return in_transaction(work)


def _post(
    scope: Scope, told: Occurred, source: str, source_id: str, lines: Sequence[Line],
    transfers: Sequence[Transfer], now: datetime,
) -> Posted:  # fmt: skip
    return post_entry(
        scope,
        once=Once(source_id),
        entry_date=told.at.date(),
        source_type=source,
        source_id=source_id,
        lines=[replace(line, currency=told.currency) for line in lines],
        transfers=transfers,
        now=now,
        event_at=told.at,
        description=told.words,
        actor_user_id=told.actor_user_id,
    )


def _in(currency: str, legs: Sequence[Transfer]) -> list[Transfer]:
    return [replace(leg, currency=currency) for leg in legs]
