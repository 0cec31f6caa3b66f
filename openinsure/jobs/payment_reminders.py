"""08:00: reminders, overdue invoices, late fees, and who is due a notice of cancellation.

Steps follow the scheduled day; a reminder more than two days late is left out. Each invoice is
its own short transaction; a reminder is queued, then sent, then marked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from openinsure.billing.life import PAYABLE
from openinsure.billing.models import (
    BillingAccount,
    FeeCharge,
    Invoice,
    NonpayWorkflow,
    PaymentReminder,
)
from openinsure.billing.operations import dunning
from openinsure.billing.operations.dunning import Known, Step
from openinsure.billing.operations.earning import golden
from openinsure.console.mail import Letter, Mailer, mailer
from openinsure.console.money import format_cents
from openinsure.jobs import letters, nonpay_notices
from openinsure.jobs.runs import Outcome
from openinsure.orgs.models import Program
from openinsure.orgs.notice_rules import notice_rules
from openinsure.policies.models import Policy
from openinsure.tenancy.scope import CANONICAL_UUID, Scope

CHUNK = 500
PROGRAM_NOTICE_DAYS = 15  # between the notice and the end, where the law asks for fewer
LETTERS: tuple[Step, ...] = ("due_soon", "past_due")


def run_org(scope: Scope, scheduled_for: datetime) -> Outcome:
    """Every step due on the scheduled day; figures by step and by what became of letters."""
    day = scheduled_for.astimezone(UTC).date()
    figures: Counter[str] = Counter(unknown=dunning.give_up_queued(scope, now=scheduled_for))
    post = mailer()
    kept_out = golden(scope)
    for chunk in _chunks(scope, day):
        known = _known(scope, [row for row in chunk if row.policy_id not in kept_out], day)
        for invoice, facts, cancel_days in known:
            wanted = dunning.steps(facts, day)
            taken = dunning.age_invoice(
                scope, invoice.id, wanted=[step for step in wanted if step not in LETTERS],
                fee_cents=facts.late_fee_cents, cancel_days=cancel_days, now=scheduled_for,
            ) if wanted else []  # fmt: skip
            figures.update(taken)
            for kind in (step for step in wanted if step in LETTERS):
                figures[_remind(scope, post, invoice, kind, scheduled_for)] += 1
            if facts.held and wanted:
                figures["held"] += 1
    figures["cured"] = dunning.cure(scope, now=scheduled_for)
    figures.update(nonpay_notices.follow_up(scope, day, kept_out=kept_out, now=scheduled_for))
    told = {key: count for key, count in figures.items() if key and count}
    failed = figures["bounced"] + figures["not_sent"] + figures["no_address"]
    return Outcome(done=sum(told.values()) - failed, failed=failed, figures=told)


def _chunks(scope: Scope, day: date) -> Iterator[list[Any]]:
    """Open invoices due within a week or past it, oldest first."""
    rows = Invoice.objects.within(scope).filter(status__in=PAYABLE, balance_cents__gt=0)
    ends = day + timedelta(days=dunning.REMIND_BEFORE_DAYS)
    ids = list(
        rows.filter(due_date__lte=ends).order_by("due_date", "id").values_list("id", flat=True)
    )
    for start in range(0, len(ids), CHUNK):
        wanted = Invoice.objects.within(scope).filter(id__in=ids[start : start + CHUNK])
        yield list(wanted.order_by("due_date", "id"))


def _known(scope: Scope, rows: list[Any], day: date) -> Iterator[tuple[Any, Known, int]]:
    """Each invoice with what stands of it. About seven statements a chunk."""
    ids = [row.id for row in rows]
    held = dunning.holds_by_account(scope, {row.billing_account_id for row in rows}, day)
    fees = FeeCharge.objects.within(scope).filter(invoice_id__in=ids, fee_code="LATE")
    charged = set(fees.values_list("invoice_id", flat=True))
    flows = NonpayWorkflow.objects.within(scope).filter(invoice_id__in=ids)
    stages = dict(flows.values_list("invoice_id", "stage"))
    sent: dict[str, set[str]] = {}
    reminders = PaymentReminder.objects.within(scope).filter(invoice_id__in=ids)
    for key, kind in reminders.exclude(status="not_sent").values_list(
        "invoice_id", "reminder_kind"
    ):
        sent.setdefault(key, set()).add(kind)
    terms = _terms(scope, {row.policy_id for row in rows if row.policy_id}, day)
    for row in rows:
        grace, fee, cancel_days = terms.get(row.policy_id, (0, 0, PROGRAM_NOTICE_DAYS))
        yield row, Known(
            due=row.due_date, grace_days=grace, late_fee_cents=fee, status=row.status,
            stage=stages.get(row.id, ""), charged=row.id in charged,
            reminded=frozenset(sent.get(row.id, ())),
            held=held.get(row.billing_account_id, frozenset()),
        ), cancel_days  # fmt: skip


def _terms(scope: Scope, policies: set[str], day: date) -> dict[str, tuple[int, int, int]]:
    """Grace days, late fee and days of notice of each policy, by its program and its state."""
    rows = Policy.objects.within(scope).filter(id__in=policies)
    found = list(rows.only("id", "org_id", *nonpay_notices.RULED_BY, "program_id"))
    programs = Program.objects.within(scope).filter(id__in={row.program_id for row in found})
    rules = {key: (grace, fee) for key, grace, fee in programs.values_list(
        "id", "grace_days", "late_fee_cents"
    )}  # fmt: skip
    legal = notice_rules(day)
    return {
        row.id: (
            *rules.get(row.program_id, (0, 0)),
            max(PROGRAM_NOTICE_DAYS, nonpay_notices.rule_of(legal, row, day).days),
        )
        for row in found
    }


def _remind(scope: Scope, post: Mailer, invoice: Any, kind: str, now: datetime) -> str:
    """Queue, send, mark; what became of it, "" when it was tried before."""
    account = BillingAccount.objects.within(scope).get(id=invoice.billing_account_id)
    to = account.payer_email or ""
    run_id = scope.request_id if CANONICAL_UUID.fullmatch(scope.request_id) else None
    key = dunning.queue_reminder(scope, invoice, kind, recipient=to, cron_run_id=run_id, now=now)
    if key is None:
        return ""
    status = letters.deliver(post, _letter(key, to, invoice, kind))
    dunning.end_reminder(scope, key, status, now=now)
    return status


def _letter(key: str, to: str, invoice: Any, kind: str) -> Letter:
    owed = format_cents(invoice.balance_cents, invoice.currency)
    due, number = invoice.due_date.isoformat(), invoice.invoice_number
    if kind == dunning.DUE_SOON:
        subject, said = f"Invoice {number} is due on {due}", f"{owed} is due on {due}."
    else:
        subject, said = f"Invoice {number} is past due", f"{owed} was due on {due} and is open."
    text = f"{said}\n\nInvoice {number}, policy {invoice.policy_number}.\n"
    return Letter(key, to, subject, f"{text}If you have paid, please disregard this letter.\n")
