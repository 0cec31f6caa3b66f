"""Bordereaux: drawn up from what happened, frozen, approved by another person, sent, settled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError

from openinsure.billing.bordereau_lines import Reported, columns, frozen
from openinsure.billing.models import Bordereau, BordereauLine
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.settling import BORDEREAU, CLAIMS, PREMIUM
from openinsure.console.forms import Once
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Conflict, Forbidden, NotFound
from openinsure.tenancy.scope import Scope

TEMPLATE = "crs-5.2"  # Lloyd's coverholder reporting standards
PERIOD_DAYS_MAX = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a bordereau is to report. Both days are inside."""

    kind: str
    carrier_id: str
    program_id: str
    period_start: date
    period_end: date
    currency: str = "USD"

    def checked(self, now: datetime) -> Wanted:
        """Itself. Raises BadForm naming every field that cannot stand."""
        errors = {}
        if self.kind not in (PREMIUM, CLAIMS):
            errors["kind"] = "must be one of premium, claims"
        if self.period_end < self.period_start:
            errors["period_end"] = "must not be before its first day"
        elif (self.period_end - self.period_start).days >= PERIOD_DAYS_MAX:
            errors["period_end"] = f"must be within {PERIOD_DAYS_MAX} days of its first day"
        elif self.period_end >= now.date():
            errors["period_end"] = "must be over: before today"
        if errors:
            raise BadForm(errors)
        return self


@dataclass(frozen=True, slots=True)
class Moved:
    """A bordereau after a step. repeated: the step had been done before."""

    bordereau_id: str
    number: str
    status: str
    repeated: bool


def generate_bordereau(
    scope: Scope,
    *,
    once: Once,
    number: str,
    wanted: Wanted,
    lines: Sequence[Reported],
    actor_user_id: str | None,
    now: datetime,
) -> Moved:
    """Freeze the lines that no other bordereau has, and their totals and hash, in one transaction.

    A reopened bordereau of the same period is filled anew under its number. actor_user_id: None
    for a job. Raises BadForm when nothing is left to report.
    """
    wanted.checked(now)

    def work() -> Moved:
        row = Bordereau.objects.within(scope).select_for_update().filter(id=once.id).first()
        if row is not None and row.status != "open":
            return Moved(row.id, row.bordereau_number, row.status, True)
        row = row or _reopened(scope, wanted)
        fresh = _unreported(scope, lines)
        if not fresh:
            raise BadForm({"period_end": "leaves nothing to report that is not reported already"})
        if row is None:
            row = _opened(scope, once, number, wanted, now)
        BORDEREAU.check(row.status, "generated")
        _fill(scope, row, fresh, actor_user_id, now)
        return Moved(row.id, row.bordereau_number, row.status, False)

    try:
        return in_transaction(work)
    except IntegrityError:
        raise Conflict("Another bordereau took these lines meanwhile. Try again.") from None


def reopen_bordereau(scope: Scope, *, number: str, now: datetime) -> Moved:
    """Take the lines back before anybody approved them. Raises NotFound, IllegalTransition."""

    def work() -> Moved:
        row = locked(scope, number)
        if row.status == "open":
            return Moved(row.id, number, row.status, True)
        BORDEREAU.check(row.status, "open")
        BordereauLine.objects.within(scope).filter(bordereau_id=row.id).delete()
        _freeze(row, ())
        row.status, row.content_sha256, row.updated_at = "open", None, now
        row.save(force_update=True)
        return Moved(row.id, number, row.status, False)

    return in_transaction(work)


def approve_bordereau(scope: Scope, *, number: str, actor_user_id: str, now: datetime) -> Moved:
    """By another person than drew it up. Raises Forbidden, NotFound, IllegalTransition."""

    def work(row: Any) -> bool:
        if row.approved_by_user_id == actor_user_id:
            return False
        BORDEREAU.check(row.status, "approved")
        if actor_user_id == row.author_user_id:
            raise Forbidden("Who drew up a bordereau cannot approve it.", code="own_request")
        row.status, row.approved_by_user_id, row.approved_at = "approved", actor_user_id, now
        return True

    return _step(scope, number, now, work)


def send_bordereau(scope: Scope, *, number: str, now: datetime) -> Moved:
    """It went to the carrier. Raises NotFound, IllegalTransition."""

    def work(row: Any) -> bool:
        if row.sent_at is not None:
            return False
        BORDEREAU.check(row.status, "sent")
        row.status, row.sent_at = "sent", now
        return True

    return _step(scope, number, now, work)


def acknowledge_bordereau(scope: Scope, *, number: str, now: datetime) -> Moved:
    """The carrier took it; it may be settled. Raises NotFound, IllegalTransition."""

    def work(row: Any) -> bool:
        if row.acknowledged_at is not None:
            return False
        BORDEREAU.check(row.status, "acknowledged")
        row.status, row.acknowledged_at = "acknowledged", now
        return True

    return _step(scope, number, now, work)


def locked(scope: Scope, number: str) -> Any:
    """A bordereau, locked until the transaction ends. Raises NotFound."""
    rows = Bordereau.objects.within(scope).select_for_update()
    row = rows.filter(bordereau_number=number).first()
    if row is None:
        raise NotFound("bordereau", number)
    return row


def _step(scope: Scope, number: str, now: datetime, change: Callable[[Any], bool]) -> Moved:
    def work() -> Moved:
        row = locked(scope, number)
        changed = change(row)
        if changed:
            row.updated_at = now
            row.save(force_update=True)
        return Moved(row.id, number, row.status, not changed)

    return in_transaction(work)


def _reopened(scope: Scope, wanted: Wanted) -> Any:
    return (
        Bordereau.objects.within(scope)
        .select_for_update()
        .filter(
            carrier_id=wanted.carrier_id,
            program_id=wanted.program_id,
            kind=wanted.kind,
            period_start=wanted.period_start,
            period_end=wanted.period_end,
            status="open",
        )
        .first()
    )


def _unreported(scope: Scope, lines: Sequence[Reported]) -> list[Reported]:
    """Those whose movement or payment stands on no bordereau; the rows are locked."""
    held = BordereauLine.objects.within(scope).select_for_update()
    movements = [line.transaction_id for line in lines if line.transaction_id]
    payments = [line.payment_id for line in lines if line.payment_id]
    known: set[str] = set()
    for column, ids in (("policy_transaction_id", movements), ("claim_payment_id", payments)):
        if ids:
            known |= set(held.filter(**{f"{column}__in": ids}).values_list(column, flat=True))
    return [line for line in lines if (line.transaction_id or line.payment_id) not in known]


def _opened(scope: Scope, once: Once, number: str, wanted: Wanted, now: datetime) -> Any:
    row = Bordereau(
        org_id=scope.org_id,
        id=once.id,
        bordereau_number=number,
        **asdict(wanted),
        status="open",
        template_version=TEMPLATE,
        created_at=now,
        updated_at=now,
    )
    row.save(force_insert=True)
    return row


def _fill(
    scope: Scope, row: Any, lines: Sequence[Reported], actor: str | None, now: datetime
) -> None:
    BordereauLine.objects.bulk_create(
        BordereauLine(
            org_id=scope.org_id,
            id=new_id(),
            bordereau_id=row.id,
            **columns(line, place),
            created_at=now,
        )
        for place, line in enumerate(lines, 1)
    )
    _freeze(row, lines)
    row.status, row.author_user_id, row.generated_at = "generated", actor, now
    row.updated_at = now
    row.save(force_update=True)


def _freeze(row: Any, lines: Sequence[Reported]) -> None:
    for name, value in frozen(lines).items():
        setattr(row, name, value)
