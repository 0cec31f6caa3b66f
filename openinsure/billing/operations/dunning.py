"""What an invoice that is not paid goes through (domain.md 4.6), each step once.

due - 7 a reminder; due + 1 overdue; after the grace days a late fee; due + 10 the account waits
for its notice of cancellation. Days count from the due date, so a late run takes the same steps.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.db import transaction

from openinsure.billing.life import PAYABLE
from openinsure.billing.models import (
    BillingHold,
    FeeCharge,
    Invoice,
    InvoiceLine,
    NonpayWorkflow,
    PaymentReminder,
)
from openinsure.billing.operations import applying
from openinsure.billing.operations.journal import post_entry
from openinsure.billing.operations.moneyed import KEYSPACE, in_transaction
from openinsure.billing.postings import Line
from openinsure.console.forms import Once
from openinsure.keyspaces.ids import fixed_id
from openinsure.tenancy.scope import Scope

REMIND_BEFORE_DAYS, REMINDER_LATE_DAYS, NOTICE_AFTER_DAYS = 7, 2, 10
DUE_SOON, PAST_DUE = "due_soon", "past_due"
NOTICE_DUE = "notice_due"
OPEN_STAGES = ("overdue", "late_fee", NOTICE_DUE, "notice_mailed")
FREEZES = {"account", "cancellation"}  # holds under which no notice goes
Step = Literal["overdue", "late_fee", "notice_due", "due_soon", "past_due"]


@dataclass(frozen=True, slots=True)
class Known:
    """What stands of an invoice. held: kinds of live holds of its account."""

    due: date
    grace_days: int
    late_fee_cents: int
    status: str
    stage: str
    charged: bool
    reminded: frozenset[str]
    held: frozenset[str]


def steps(known: Known, day: date) -> list[Step]:
    """What is due on a day, in order. Pure. Holds stop reminders and stages, not what accrues."""
    found: list[Step] = []
    late = (day - known.due).days
    if late > 0 and known.status != "overdue":
        found.append("overdue")
    if late > known.grace_days and known.late_fee_cents and not known.charged:
        found.append("late_fee")
    frozen = known.held & FREEZES
    if late >= NOTICE_AFTER_DAYS and known.stage in ("", "overdue", "late_fee") and not frozen:
        found.append("notice_due")
    if not known.held & {"account", "reminders"}:
        soon = known.due - timedelta(days=REMIND_BEFORE_DAYS)
        if _in_time(day, soon) and day <= known.due and DUE_SOON not in known.reminded:
            found.append("due_soon")
        after = known.due + timedelta(days=1)
        if _in_time(day, after) and PAST_DUE not in known.reminded:
            found.append("past_due")
    return found


def _in_time(day: date, planned: date) -> bool:
    return planned <= day <= planned + timedelta(days=REMINDER_LATE_DAYS)


def holds_by_account(
    scope: Scope, accounts: Collection[str], day: date
) -> dict[str, frozenset[str]]:
    """Kinds of the holds that are live on a day, by account. One statement."""
    rows = BillingHold.objects.within(scope).filter(
        billing_account_id__in=list(accounts), starts_on__lte=day, released_at=None
    )
    found: dict[str, frozenset[str]] = {}
    for account, kind, ends in rows.values_list("billing_account_id", "scope", "ends_on"):
        if ends is None or ends >= day:
            found[account] = found.get(account, frozenset()) | {kind}
    return found


def age_invoice(
    scope: Scope, invoice_id: str, *, wanted: Collection[Step], fee_cents: int,
    cancel_days: int, now: datetime,
) -> list[Step]:  # fmt: skip
    """Take the steps overdue, late_fee and notice_due that still fit, in one transaction."""

    def work() -> list[Step]:
        row = Invoice.objects.within(scope).filter(id=invoice_id)
        account = applying.locked_account(scope, id=row.values_list(
            "billing_account_id", flat=True
        ).get())  # fmt: skip
        invoice = row.select_for_update().get()
        if invoice.balance_cents <= 0 or invoice.status not in PAYABLE:
            return []
        done: list[Step] = []
        if "overdue" in wanted and invoice.status != "overdue":
            applying.settle(scope, invoice, 0, kind="invoice.overdue", actor=None, now=now)
            done.append("overdue")
        if "late_fee" in wanted and _charged(scope, invoice, fee_cents, now):
            done.append("late_fee")
        if "notice_due" in wanted:
            done.append("notice_due")
        if done:
            applying.restand(scope, account, now)
            _workflow(scope, invoice, done, cancel_days, now)
        return done

    return in_transaction(work)


def _charged(scope: Scope, invoice: Any, cents: int, now: datetime) -> bool:
    """The late fee: its line, its charge, its receivable; False if it stood."""
    fees = FeeCharge.objects.within(scope).filter(invoice_id=invoice.id, fee_code="LATE")
    if fees.exists():
        return False
    key = fixed_id(scope.org_id, "late_fee", invoice.id)
    lines = InvoiceLine.objects.within(scope).filter(invoice_id=invoice.id).order_by("-line_no")
    stamps = {"currency": invoice.currency, "created_at": now, "updated_at": now}
    InvoiceLine.objects.create(
        org_id=scope.org_id, id=key, invoice_id=invoice.id, component="late_fee",
        line_no=(lines.values_list("line_no", flat=True).first() or 0) + 1,
        description="Late fee", amount_cents=cents, **stamps,
    )  # fmt: skip
    applying.settle(
        scope, invoice, 0, kind="invoice.fee", actor=None, now=now, total_change_cents=cents
    )
    FeeCharge.objects.create(
        org_id=scope.org_id, id=key, billing_account_id=invoice.billing_account_id,
        policy_id=invoice.policy_id, invoice_id=invoice.id, fee_code="LATE", amount_cents=cents,
        charged_on=now.date(), **stamps,
    )  # fmt: skip
    post_entry(
        scope,
        once=Once(key),
        entry_date=now.date(),
        source_type="fee_charge",
        source_id=key,
        lines=[
            Line(account="1200", cents=cents, policy_id=invoice.policy_id),
            Line(account="2900", cents=-cents, policy_id=invoice.policy_id),
        ],
        transfers=[],
        now=now,
        description="Late fee",
    )
    return True


def _workflow(
    scope: Scope, invoice: Any, done: list[Step], cancel_days: int, now: datetime
) -> None:
    """The non-payment timeline of the invoice: begun with the first step, moved by the others."""
    row, _ = NonpayWorkflow.objects.within(scope).get_or_create(
        id=fixed_id(scope.org_id, "nonpay", invoice.id, invoice.due_date),
        defaults={
            "billing_account_id": invoice.billing_account_id,
            "policy_id": invoice.policy_id,
            "invoice_id": invoice.id,
            "stage": "overdue",
            "currency": invoice.currency,
            "started_on": now.date(),
            "created_at": now,
            "updated_at": now,
        },
    )
    row.stage = done[-1]
    row.past_due_cents = invoice.balance_cents
    row.updated_at = now
    if "notice_due" in done:
        row.cancel_effective_date = now.date() + timedelta(days=cancel_days)
    row.save()


def waiting_for_notice(scope: Scope) -> list[NonpayWorkflow]:
    """Timelines of policies that are due a notice of cancellation, the oldest first."""
    rows = NonpayWorkflow.objects.within(scope).filter(stage=NOTICE_DUE)
    return list(rows.exclude(policy_id=None).order_by("started_on", "id"))


def note_mailed(
    scope: Scope, workflow_id: str, *, mailed_on: date, effective: date, now: datetime
) -> bool:
    """The notice went: coverage ends on a day unless it is paid. False where it is known."""
    rows = NonpayWorkflow.objects.within(scope).filter(id=workflow_id, stage=NOTICE_DUE)
    return bool(rows.update(
        stage="notice_mailed", notice_mailed_on=mailed_on, cancel_effective_date=effective,
        updated_at=now,
    ))  # fmt: skip


def cure(scope: Scope, *, now: datetime) -> int:
    """Close the timelines of what has been paid meanwhile; how many."""
    rows = NonpayWorkflow.objects.within(scope).filter(stage__in=OPEN_STAGES)
    waiting = dict(rows.exclude(invoice_id=None).values_list("invoice_id", "id"))
    paid = Invoice.objects.within(scope).filter(id__in=list(waiting), balance_cents=0)
    ids = [waiting[key] for key in paid.values_list("id", flat=True)]
    return (
        NonpayWorkflow.objects.within(scope)
        .filter(id__in=ids)
        .update(stage="cured", cured_at=now, past_due_cents=0, updated_at=now)
    )


def queue_reminder(
    scope: Scope, invoice: Any, kind: str, *, recipient: str, cron_run_id: str | None, now: datetime
) -> str | None:
    """The id of a reminder that is now to be sent; None when it was tried before.

    One that did not go because the mail server was away is queued again.
    """
    with transaction.atomic(using=KEYSPACE):
        rows = PaymentReminder.objects.within(scope).select_for_update()
        row, fresh = rows.get_or_create(
            invoice_id=invoice.id,
            reminder_kind=kind,
            defaults={
                "id": fixed_id(scope.org_id, "reminder", invoice.id, kind),
                "billing_account_id": invoice.billing_account_id,
                "channel": "email",
                "cron_run_id": cron_run_id,
                "status": "queued",
                "recipient": recipient,
                "created_at": now,
                "updated_at": now,
            },
        )
        if not fresh and row.status != "not_sent":
            return None
        row.status, row.updated_at = "queued", now
        row.save(update_fields=["status", "updated_at"])
        return str(row.id)


def end_reminder(scope: Scope, reminder_id: str, status: str, *, now: datetime) -> None:
    """Record what became of it; a sent one also shows on its invoice."""
    sent = {"sent_at": now} if status == "sent" else {}
    row = PaymentReminder.objects.within(scope).get(id=reminder_id)
    with transaction.atomic(using=KEYSPACE):
        PaymentReminder.objects.within(scope).filter(id=reminder_id).update(
            status=status, updated_at=now, **sent
        )
        if sent:
            Invoice.objects.within(scope).filter(id=row.invoice_id).update(
                last_reminder_at=now, dunning_stage=row.reminder_kind
            )


def give_up_queued(scope: Scope, *, now: datetime) -> int:
    """Reminders that a killed run left: nobody knows whether they went; they are not sent again."""
    rows = PaymentReminder.objects.within(scope).filter(status="queued")
    return rows.update(status="unknown", updated_at=now)
