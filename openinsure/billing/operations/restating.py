"""What a policy is charged, brought in line with what it says is due, whatever changed it.

An endorsement, a cancellation and a reinstatement each name what is due by component: premium,
tax, service-office fee, policy fee. More than stands is billed at once; less comes off what is not
billed yet, then off open invoices, the newest first, then off other open amounts, and the rest is
a refund (domain.md 4.5). The same amounts told twice change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from openinsure.billing.models import PaymentAllocation, Refund
from openinsure.billing.operations import applying
from openinsure.billing.operations.given_back import given_back, waiting, withdraw
from openinsure.billing.operations.invoicing import bill_change
from openinsure.billing.operations.journal import find_entry, post_entry
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.operations.payments import NO_LEGS, allocation_row
from openinsure.billing.operations.planned import pending_cents, revive, shrink, waive
from openinsure.billing.postings import Line
from openinsure.billing.receipts import Part, Terms, lines_of, transfers_of
from openinsure.console.forms import Once
from openinsure.money.legs import receipt_legs
from openinsure.tenancy.scope import Scope

DUE_DAYS = 30
RETURNED = "invoice.return_premium"  # the event of an invoice that was credited
ENTRY = "return_premium"
Due = Mapping[str, int]
Pairs = list[tuple[Any, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why what is due changed. id: of the cancellation, endorsement or reinstatement."""

    kind: Literal["cancellation", "endorsement", "reinstatement"]
    id: str
    on: date
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restated:
    """What became of the difference, cents. credited: off open invoices; refund: to be paid."""

    billed_cents: int = 0
    credited_cents: int = 0
    applied_cents: int = 0
    refund_cents: int = 0
    repeated: bool = False


@dataclass(slots=True)
class Work:
    """One restatement under way, on the locked account."""

    scope: Scope
    once: Once
    cause: Cause
    account: Any
    terms: Terms
    due: Due
    actor: str | None
    now: datetime
    collected: dict[str, int] = field(default_factory=dict)


def restate(
    scope: Scope, *, once: Once, cause: Cause, due: Due, terms: Terms,
    number: Callable[[], str], actor_user_id: str | None, now: datetime,
) -> Restated:  # fmt: skip
    """Bring the policy's account in line with `due`, once per form. Components that it does not
    name are left alone.

    number: gives a fresh invoice number. Raises NotFound; Conflict while the ledger has not taken
    a refund that is to be withdrawn.
    """

    def run() -> Restated:
        account = applying.locked_account(scope, policy_id=terms.policy_id)
        if _stands(scope, once):
            return Restated(repeated=True)
        earned = applying.earned_so_far(scope, terms)
        return _restate(Work(scope, once, cause, account, earned, due, actor_user_id, now), number)

    return in_transaction(run)


def _restate(work: Work, number: Callable[[], str]) -> Restated:
    scope, account = work.scope, work.account
    if work.cause.kind == "cancellation":
        waive(scope, account.id, now=work.now)
    elif work.cause.kind == "reinstatement":
        withdraw(scope, account.id, words=work.cause.words, actor=work.actor, now=work.now)
        revive(scope, account.id, now=work.now)
    work.collected = collected_by_component(scope, work.terms.policy_id)
    missing = _missing(work)
    more = [(name, cents) for name, cents in missing.items() if cents > 0]
    if more:
        bill_change(
            scope, once=work.once, account=account, number=number(), parts=more,
            due_date=work.now.date() + timedelta(days=DUE_DAYS), actor=work.actor, now=work.now,
        )  # fmt: skip
    credited = sum(_credit(work, name, -cents) for name, cents in missing.items() if cents < 0)
    surplus = _surplus(work)
    applied = _apply(work, surplus)
    refund = {name: cents for name, cents in surplus.items() if cents}
    if refund:
        _ask_refund(work, refund)
    applying.restand(scope, account, work.now)
    given = credited + applied + sum(refund.values())
    if given:
        _post(work, given)
    return Restated(
        billed_cents=sum(cents for _, cents in more), credited_cents=credited,
        applied_cents=applied, refund_cents=sum(refund.values()),
    )  # fmt: skip


def collected_by_component(scope: Scope, policy_id: str) -> dict[str, int]:
    """What was collected of a policy, net of returns and refunds. One statement."""
    sums: dict[str, int] = {}
    rows = PaymentAllocation.objects.within(scope).filter(policy_id=policy_id)
    for component, cents in rows.values_list("component", "amount_cents"):
        sums[component] = sums.get(component, 0) + cents
    return sums


def _stands(scope: Scope, once: Once) -> bool:
    keys = (f"{ENTRY}:{once.id}", f"invoice:{once.id}")
    return any(find_entry(scope, key, locking=True) is not None for key in keys)


def _missing(work: Work) -> dict[str, int]:
    """What is due less what stands, by component, after shortening what is not billed yet."""
    open_cents: dict[str, int] = {}
    for line, _ in applying.open_lines(work.scope, work.account.id):
        left = line.amount_cents - line.paid_cents
        open_cents[line.component] = open_cents.get(line.component, 0) + left
    refunding = waiting(work.scope, work.account.id)
    billed = {
        name: work.collected.get(name, 0) + open_cents.get(name, 0) - refunding.get(name, 0)
        for name in work.due
    }
    pending = pending_cents(work.scope, work.account.id, due=work.due, billed=billed)
    missing = {
        name: cents - billed[name] - pending.get(name, 0) for name, cents in work.due.items()
    }
    for name, cents in missing.items():
        if cents < 0 and pending.get(name):
            missing[name] += shrink(work.scope, work.account.id, name, -cents, now=work.now)
    return missing


def _credit(work: Work, component: str, cents: int) -> int:
    """Take cents off open lines of a component, the newest invoice first; how many it took."""
    left = cents
    for line, invoice in reversed(applying.open_lines(work.scope, work.account.id)):
        taken = min(left, line.amount_cents - line.paid_cents)
        if line.component != component or not taken:
            continue
        line.amount_cents -= taken
        line.updated_at = work.now
        line.save(update_fields=["amount_cents", "updated_at"])
        applying.credit_line(
            work.scope, invoice, component, taken, kind=RETURNED, actor=work.actor, now=work.now
        )
        left -= taken
    return cents - left


def _surplus(work: Work) -> dict[str, int]:
    """What was collected beyond what is due and is not on its way back yet."""
    refunding = waiting(work.scope, work.account.id)
    return {
        name: max(0, work.collected.get(name, 0) - refunding.get(name, 0) - cents)
        for name, cents in work.due.items()
    }


def _apply(work: Work, surplus: dict[str, int]) -> int:
    """Put surplus on amounts of the named components that are still open; lowers `surplus`."""
    opened = [
        (line, invoice)
        for line, invoice in applying.open_lines(work.scope, work.account.id)
        if line.component in work.due
    ]
    left: int = min(
        sum(surplus.values()), sum(line.amount_cents - line.paid_cents for line, _ in opened)
    )
    if not left:
        return 0
    taken: dict[str, int] = {}
    for name in surplus:
        taken[name] = min(left - sum(taken.values()), surplus[name])
        surplus[name] -= taken[name]
    before = applying.collected(work.scope, work.terms.policy_id)
    back = given_back(work.scope, work.terms, taken, before.premium_cents, work.now)
    parts = [part for _, part in back]
    premium = before.premium_cents + sum(p.cents for p in parts if p.component == "premium")
    parts += _pay(work, opened, [(payment, -part.cents) for payment, part in back], premium)
    amounts = {"unapplied_cents": 0, "collected_cents": before.carrier_cents}
    post_entry(
        work.scope,
        once=work.once,
        entry_date=work.now.date(),
        source_type="return_applied",
        source_id=work.cause.id,
        lines=lines_of(work.terms, parts, **amounts),
        transfers=transfers_of(work.terms, parts, **amounts),
        now=work.now,
        description=f"{work.cause.words}: applied to what is open",
        actor_user_id=work.actor,
    )
    return left


def _pay(
    work: Work, opened: Pairs, money: list[tuple[Any, int]], premium_before: int
) -> list[Part]:
    """Apply money that came back from its component to open lines, in their order."""
    parts: list[Part] = []
    lines = iter(opened)
    line, invoice = next(lines)
    for payment, held in money:
        left = held
        while left:
            while line.amount_cents == line.paid_cents:
                line, invoice = next(lines)
            used = min(left, line.amount_cents - line.paid_cents)
            legs = NO_LEGS
            if line.component == "premium":
                legs = receipt_legs(work.terms.split, before_cents=premium_before, now_cents=used)
                premium_before += used
            part = Part(line.component, used, legs)
            allocation_row(work.scope, payment, line, invoice, part, work.terms, work.now, work.now)
            applying.move(line, used, work.now)
            applying.settle(
                work.scope, invoice, used, kind="invoice.payment", actor=work.actor, now=work.now
            )
            parts.append(part)
            left -= used
    return parts


def _ask_refund(work: Work, parts: Mapping[str, int]) -> None:
    cause = work.cause
    Refund.objects.create(
        org_id=work.scope.org_id,
        id=work.once.id,
        billing_account_id=work.account.id,
        policy_id=work.terms.policy_id,
        cancellation_id=cause.id if cause.kind == "cancellation" else None,
        endorsement_id=cause.id if cause.kind == "endorsement" else None,
        amount_cents=sum(parts.values()),
        currency=work.account.currency,
        status="requested",
        due_date=cause.on + timedelta(days=DUE_DAYS),
        parts=dict(parts),
        asked_by_user_id=work.actor,
        created_at=work.now,
        updated_at=work.now,
    )


def _post(work: Work, cents: int) -> None:
    policy = work.terms.policy_id
    post_entry(
        work.scope,
        once=work.once,
        entry_date=work.cause.on,
        source_type="return_premium",
        source_id=work.cause.id,
        lines=[
            Line(account="2900", cents=cents, policy_id=policy),
            Line(account="1200", cents=-cents, policy_id=policy),
        ],
        transfers=[],
        now=work.now,
        description="Return premium",
        actor_user_id=work.actor,
    )
