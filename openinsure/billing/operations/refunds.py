"""Paying a refund out in two steps, or not: approved, issued once the ledger holds it, rejected.

Approved, every party's part is pending in the ledger; issued, it is posted with the journal entry
(domain.md 5.4). Rejected before that, what is pending is let go and every share stays where it is;
the next change of the policy asks for what is owed again. Source of the parts: the cumulative rule,
as for a returned payment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from openinsure.audit import reasons
from openinsure.billing.models import GlJournalEntry, Refund
from openinsure.billing.operations import applying
from openinsure.billing.operations.given_back import (
    APPROVED,
    HELD,
    ISSUED,
    REQUESTED,
    WITHDRAWN,
    given_back,
    parts_of,
    planned,
    withdraw_one,
)
from openinsure.billing.operations.holding import held, taken_up
from openinsure.billing.operations.journal import hold_transfers, post_entry
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.payouts import PENDING
from openinsure.billing.postings import Transfer, directed
from openinsure.billing.receipts import REFUNDED, Part, Terms, lines_of, transfers_of
from openinsure.console.forms import Once
from openinsure.console.states import Machine
from openinsure.problems import Forbidden, NotFound
from openinsure.tenancy.scope import Scope

REFUND = Machine("refund", {REQUESTED: (APPROVED, WITHDRAWN), APPROVED: (ISSUED, WITHDRAWN)})
SHIFT = "earned"  # the leg that follows the carrier's share; it is never held


@dataclass(frozen=True, slots=True)
class Stepped:
    """A refund after a step. number: its account's. repeated: the step was done before."""

    number: str
    status: str
    repeated: bool


def approve_refund(
    scope: Scope, refund_id: str, *, terms: Terms, actor_user_id: str | None, now: datetime
) -> Stepped:
    """Let it be paid: its legs are pending in the ledger, and nothing is posted yet.

    Raises NotFound, IllegalTransition, Conflict; Forbidden to whom it goes back to.
    """

    def work() -> Stepped:
        account, refund = _locked(scope, refund_id, terms.policy_id)
        if refund.status == APPROVED:
            return Stepped(account.account_number, APPROVED, repeated=True)
        REFUND.check(refund.status, APPROVED)
        _by_another(scope, refund, actor_user_id)
        before = applying.collected(scope, terms.policy_id)
        parts = planned(scope, terms, parts_of(refund), before.premium_cents)
        hold_transfers(
            scope, source_type=HELD, source_id=refund.id, now=now,
            transfers=[replace(leg, flags=PENDING) for leg in _legs(terms, parts)],
        )  # fmt: skip
        refund.status, refund.approved_by_user_id, refund.approved_at = APPROVED, actor_user_id, now
        refund.updated_at = now
        refund.save()
        return Stepped(account.account_number, APPROVED, repeated=False)

    return in_transaction(work)


def issue_refund(
    scope: Scope, refund_id: str, *, once: Once, terms: Terms, actor_user_id: str | None,
    now: datetime,
) -> Stepped:  # fmt: skip
    """Pay an approved refund out: what is held is posted with the journal entry.

    Money that moved meanwhile changes the parts by a cent: then they are posted anew and what was
    held is let go. Raises NotFound, IllegalTransition; Conflict while the ledger has not taken it.
    """

    def work() -> Stepped:
        account, refund = _locked(scope, refund_id, terms.policy_id)
        if refund.status == ISSUED:
            return Stepped(account.account_number, ISSUED, repeated=True)
        REFUND.check(refund.status, ISSUED)
        due = applying.earned_so_far(scope, terms)
        before = applying.collected(scope, terms.policy_id)
        back = given_back(scope, terms, parts_of(refund), before.premium_cents, now)
        parts = [part for _, part in back]
        amounts = {"unapplied_cents": 0, "collected_cents": before.carrier_cents}
        moved = transfers_of(due, parts, **amounts, returned_as=REFUNDED)
        post_entry(
            scope,
            once=once,
            entry_date=now.date(),
            source_type="refund",
            source_id=refund.id,
            lines=lines_of(due, parts, **amounts),
            transfers=_posted(scope, refund, moved),
            now=now,
            description="Refund of return premium",
            actor_user_id=actor_user_id,
        )
        refund.status, refund.issued_by_user_id, refund.issued_at = ISSUED, actor_user_id, now
        refund.updated_at = now
        refund.save()
        return Stepped(account.account_number, ISSUED, repeated=False)

    return in_transaction(work)


def reject_refund(
    scope: Scope, refund_id: str, *, policy_id: str, reason: str, actor_user_id: str | None,
    now: datetime,
) -> Stepped:  # fmt: skip
    """Do not pay it, requested or approved: what the ledger holds is let go.

    Raises BadForm without a reason, NotFound, IllegalTransition; Forbidden to whose change it was;
    Conflict while the ledger has not taken what is to be let go.
    """
    said = reasons.stated(reason)

    def work() -> Stepped:
        account, refund = _locked(scope, refund_id, policy_id)
        if refund.status == WITHDRAWN:
            return Stepped(account.account_number, WITHDRAWN, repeated=True)
        REFUND.check(refund.status, WITHDRAWN)
        _by_another(scope, refund, actor_user_id)
        withdraw_one(scope, refund, words="Rejected", reason=said, actor=actor_user_id, now=now)
        return Stepped(account.account_number, WITHDRAWN, repeated=False)

    return in_transaction(work)


def _locked(scope: Scope, refund_id: str, policy_id: str) -> tuple[Any, Any]:
    account = applying.locked_account(scope, policy_id=policy_id)
    refund = Refund.objects.within(scope).select_for_update().filter(id=refund_id).first()
    if refund is None or refund.policy_id != policy_id:
        raise NotFound("refund")
    return account, refund


def _legs(terms: Terms, parts: list[Part]) -> list[Transfer]:
    """The parties' legs as the ledger takes them, the carrier's shift aside."""
    unearned = replace(terms, carrier_earned_cents=0)
    legs = transfers_of(unearned, parts, unapplied_cents=0, collected_cents=0, returned_as=REFUNDED)
    return directed(leg for leg in legs if leg.leg != SHIFT)


def _posted(scope: Scope, refund: Any, moved: list[Transfer]) -> list[Transfer]:
    """The chain of the payout: what is held posted, or let go where the legs are others now."""
    legs = directed(leg for leg in moved if leg.leg != SHIFT)
    shift = [leg for leg in moved if leg.leg == SHIFT]
    let_go, posted = taken_up(held(scope, HELD, refund.id), legs)
    return [*let_go, *shift, *posted]


def _by_another(scope: Scope, refund: Any, actor: str | None) -> None:
    """Two people: whose change made the refund does not approve it."""
    asked = refund.asked_by_user_id
    if asked is None:  # refunds from before it was kept
        made = GlJournalEntry.objects.within(scope).filter(
            idempotency_key=f"return_premium:{refund.id}"
        )
        asked = made.values_list("posted_by_user_id", flat=True).first()
    if asked is not None and asked == actor:
        said = "Another person than the one who changed the policy decides on its refund."
        raise Forbidden(said, code="own_request")
