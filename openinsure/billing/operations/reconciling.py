"""Keeping what a comparison of journal and ledger found; resolving what it could not explain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openinsure.billing.models import LedgerReconciliationItem, LedgerReconciliationRun
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.reconciling import Compared, Fault, codes_of, main_cause, sign_of
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope

RESOLUTION = (
    "status", "resolved_by_user_id", "resolved_at", "resolution_note", "correction_transfer_id",
)  # fmt: skip
FAULTS_KEPT = 50  # of one type and run
AWAY = "The ledger did not answer: the journal was compared with its last stored balances."


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What one comparison of a currency found. away: the ledger did not answer."""

    run_date: date
    currency: str
    compared: Sequence[Compared]
    faults: Sequence[Fault]
    accounts: int
    ledger_time: int | None
    away: bool
    cron_run_id: str | None = None


def keep(scope: Scope, found: Findings, *, now: datetime) -> str:
    """Store a run with its items; the run's id. A second run of a day replaces the figures.

    What a person resolved stays resolved while its figure is the same.
    """

    def work() -> str:
        runs = LedgerReconciliationRun.objects.within(scope).select_for_update()
        run = runs.filter(run_date=found.run_date, currency=found.currency).first()
        resolved: dict[tuple[Any, ...], LedgerReconciliationItem] = {}
        if run is None:
            run = LedgerReconciliationRun(org_id=scope.org_id, id=new_id(), created_at=now)
        else:
            items = LedgerReconciliationItem.objects.within(scope).filter(run_id=run.id)
            resolved = {_key(row): row for row in items.filter(status="resolved")}
            items.delete()
        _fill(run, found, now)
        made = [item for one in found.compared for item in _items(scope, run, one, found, now)]
        LedgerReconciliationItem.objects.bulk_create(_with_resolved(made, resolved))
        run.status = standing_of(run, made)
        run.save()
        return str(run.id)

    return in_transaction(work)


def _with_resolved(
    made: list[LedgerReconciliationItem], resolved: dict[tuple[Any, ...], LedgerReconciliationItem]
) -> list[LedgerReconciliationItem]:
    """The new items, what was resolved under its id; faults that a correction ended stay below."""
    places = {item.id: item for item in made}
    for item in made:
        earlier = resolved.pop(_key(item), None)
        if earlier is not None:
            _rename(item, earlier.id, made)
            for name in RESOLUTION:
                setattr(item, name, getattr(earlier, name))
    lines = {
        (item.account_type, item.gl_account_code): item
        for item in places.values()
        if item.parent_item_id is None
    }
    for earlier in resolved.values():
        line = lines.get((earlier.account_type, earlier.gl_account_code))
        if line is not None and earlier.parent_item_id is not None:
            earlier.parent_item_id = line.id
            made.append(earlier)
    return made


def _rename(item: Any, key: str, made: Sequence[Any]) -> None:
    """Give an item the id it had: corrections and links name it."""
    for other in made:
        if other.parent_item_id == item.id:
            other.parent_item_id = key
    item.id = key


def standing_of(run: Any, items: Iterable[Any]) -> str:
    """The status of a run: resolved once nobody has anything unexplained left to resolve."""
    if run.status not in ("unexplained", "resolved"):
        return str(run.status)
    return "unexplained" if any(one.status == "unexplained" for one in items) else "resolved"


def _fill(run: LedgerReconciliationRun, found: Findings, now: datetime) -> None:
    unexplained = sum(abs(one.unexplained_cents) for one in found.compared)
    drift = sum(abs(one.drift_cents) for one in found.compared)
    run.run_date, run.currency, run.cron_run_id = found.run_date, found.currency, found.cron_run_id
    wrong = unexplained or found.faults  # faults that cancel in balances are faults
    run.status = "unexplained" if wrong else "explained" if drift else "matched"
    run.tb_as_of_timestamp, run.gl_as_of = found.ledger_time, now
    run.accounts_checked = found.accounts
    run.accounts_drifted = sum(one.drift_cents != 0 for one in found.compared)
    run.total_abs_drift_cents = drift
    run.explained_drift_cents = sum(
        abs(one.explained_cents) for one in found.compared if one.drift_cents
    )
    run.unexplained_drift_cents = unexplained
    run.started_at = run.finished_at = run.updated_at = now
    run.error_text = AWAY if found.away else None


def _items(
    scope: Scope, run: Any, one: Compared, found: Findings, now: datetime
) -> list[LedgerReconciliationItem]:
    """The line of a type, and below it one item per explaining cause and per fault."""
    faults = [fault for fault in found.faults if fault.kind == one.kind][:FAULTS_KEPT]
    line = _item(
        scope,
        run,
        one,
        now,
        explanation_code=main_cause(one, faults),
        tb_debits_cents=one.ledger.debits,
        tb_credits_cents=one.ledger.credits,
        tb_balance_cents=one.ledger_cents,
        gl_debits_cents=one.journal.debits,
        gl_credits_cents=one.journal.credits,
        gl_balance_cents=one.journal_cents,
        drift_cents=one.drift_cents,
        explained_cents=one.explained_cents,
        unexplained_cents=one.unexplained_cents,
        status="unexplained" if faults else one.status,
    )
    below = [
        _item(
            scope, run, one, now, parent_item_id=line.id, explanation_code=cause,
            drift_cents=cents, explained_cents=cents, status="explained",
        )
        for cause, cents in sorted(one.causes.items())
    ]  # fmt: skip
    sign = sign_of(one.kind)
    below += [
        _item(
            scope, run, one, now, parent_item_id=line.id, explanation_code=fault.cause,
            drift_cents=sign * fault.cents, unexplained_cents=sign * fault.cents,
            status="unexplained", ledger_account_id=fault.account_id,
            ledger_transfer_id=fault.transfer_id, gl_entry_id=fault.entry_id,
            stray_transfer_id=fault.stray,
        )
        for fault in faults
    ]  # fmt: skip
    return [line, *below]


def _item(
    scope: Scope, run: Any, one: Compared, now: datetime, **given: Any
) -> LedgerReconciliationItem:
    values: Mapping[str, Any] = {
        "org_id": scope.org_id,
        "id": new_id(),
        "run_id": run.id,
        "account_type": one.kind.account_type,
        "gl_account_code": codes_of(one.kind)[0] if one.kind.purpose else None,
        "currency": one.kind.currency,
        "created_at": now,
        "updated_at": now,
    }
    return LedgerReconciliationItem(**values, **given)


def _key(item: Any) -> tuple[Any, ...]:
    """What makes an item of a repeated run the same finding."""
    return (
        item.account_type, item.gl_account_code, item.parent_item_id is None,
        item.explanation_code, item.unexplained_cents, item.ledger_transfer_id, item.gl_entry_id,
        item.stray_transfer_id,
    )  # fmt: skip
