"""Placing and lifting a billing hold: it stops stages (reminders, notices), not what accrues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from openinsure.audit import reasons
from openinsure.billing.models import BillingHold
from openinsure.billing.operations.applying import locked_account
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.console.forms import Once
from openinsure.problems import BadForm, Conflict, NotFound
from openinsure.tenancy.scope import Scope

SCOPES = {"account": "Everything", "cancellation": "Cancellation", "reminders": "Reminders"}


@dataclass(frozen=True, slots=True)
class Held:
    """A hold. repeated: the same form had placed or lifted it before."""

    hold_id: str
    repeated: bool


def place_hold(
    scope: Scope, *, once: Once, account_number: str, what: str, reason: str, starts_on: date,
    ends_on: date | None, actor_user_id: str, now: datetime,
) -> Held:  # fmt: skip
    """Place a hold of the kind `what`. Raises BadForm, NotFound."""
    errors = reasons.broken(reason)
    if what not in SCOPES:
        errors["scope"] = "must be one of " + ", ".join(SCOPES)
    if ends_on is not None and ends_on < max(starts_on, now.date()):
        errors["ends_on"] = "must not be before it starts, nor before today"
    if errors:
        raise BadForm(errors)

    def work() -> Held:
        account = locked_account(scope, account_number=account_number)
        if BillingHold.objects.within(scope).select_for_update().filter(id=once.id).exists():
            return Held(once.id, True)
        BillingHold.objects.create(
            org_id=scope.org_id,
            id=once.id,
            billing_account_id=account.id,
            scope=what,
            reason=reason,
            starts_on=starts_on,
            ends_on=ends_on,
            placed_by_user_id=actor_user_id,
            created_at=now,
            updated_at=now,
        )
        account.hold_until = ends_on
        account.lock_version += 1
        account.updated_at = now
        account.save(update_fields=["hold_until", "lock_version", "updated_at"])
        return Held(once.id, False)

    return in_transaction(work)


def restore_hold(scope: Scope, *, account_number: str, hold_id: str, now: datetime) -> Held:
    """Have a hold that was lifted stand again. Once it stands, this changes nothing.

    Raises NotFound; Conflict for one that has ended meanwhile.
    """

    def work() -> Held:
        account = locked_account(scope, account_number=account_number)
        rows = BillingHold.objects.within(scope).select_for_update()
        hold = rows.filter(id=hold_id, billing_account_id=account.id).first()
        if hold is None:
            raise NotFound("billing hold")
        if hold.released_at is None:
            return Held(hold_id, True)
        if hold.ends_on is not None and hold.ends_on < now.date():
            raise Conflict("This hold has ended meanwhile; place a new one.")
        hold.released_at, hold.updated_at = None, now
        hold.save(update_fields=["released_at", "updated_at"])
        account.hold_until = hold.ends_on
        account.lock_version += 1
        account.updated_at = now
        account.save(update_fields=["hold_until", "lock_version", "updated_at"])
        return Held(hold_id, False)

    return in_transaction(work)


def lift_hold(scope: Scope, *, account_number: str, hold_id: str, now: datetime) -> Held:
    """Lift a hold of an account. Lifting again changes nothing.

    Raises NotFound; Conflict for the hold that keeps jobs off a golden policy of the demo.
    """

    def work() -> Held:
        account = locked_account(scope, account_number=account_number)
        rows = BillingHold.objects.within(scope).select_for_update()
        hold = rows.filter(id=hold_id, billing_account_id=account.id).first()
        if hold is None:
            raise NotFound("billing hold")
        if hold.reason == "golden":
            raise Conflict("This hold keeps the example policy as it is; it cannot be lifted.")
        if hold.released_at is not None:
            return Held(hold_id, True)
        hold.released_at = now
        hold.updated_at = now
        hold.save(update_fields=["released_at", "updated_at"])
        account.hold_until = None
        account.lock_version += 1
        account.updated_at = now
        account.save(update_fields=["hold_until", "lock_version", "updated_at"])
        return Held(hold_id, False)

    return in_transaction(work)
