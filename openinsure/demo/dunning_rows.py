"""Non-payment timelines of the demo as the 08:00 jobs left them, and the notices that wait."""

from __future__ import annotations

from datetime import date, timedelta

from openinsure.billing.operations.dunning import NOTICE_AFTER_DAYS, NOTICE_DUE
from openinsure.demo.billing_rows import Row
from openinsure.demo.book import Book
from openinsure.demo.clock import at, days
from openinsure.demo.reference import NOTICES
from openinsure.demo.till import Till
from openinsure.jobs.payment_reminders import PROGRAM_NOTICE_DAYS
from openinsure.keyspaces.ids import fixed_id
from openinsure.orgs.notice_rules import NONPAY as REASON
from openinsure.policies.operations.notice_rows import ADDRESS, NONPAY, TO_MAIL

MAILED = "notice_mailed"


def timelines(book: Book, till: Till, *, grace_days: int) -> None:
    """One for each invoice past its due date, the oldest with what the notice says."""
    policy = till.policy
    if policy["metadata"].get("golden"):
        return  # under a hold
    overdue = [one.invoice for one in till.entries.values() if one.invoice["status"] == "overdue"]
    for place, invoice in enumerate(sorted(overdue, key=lambda row: row["due_date"])):
        late = (book.today - invoice["due_date"]).days - 1  # at the last run
        flow = timeline(book, invoice, "late_fee" if late > grace_days else "overdue")
        if policy["status"] == "pending_cancellation" and not place:
            mailed(book, policy, flow)
        elif policy["status"] == "active" and late >= NOTICE_AFTER_DAYS:
            asked(book, policy, invoice, flow)


def timeline(book: Book, invoice: Row, stage: str) -> Row:
    """The row of an invoice, under the id that the job would give it."""
    started = at(invoice["due_date"] + days(1), 8)
    return book.basket.add(
        "nonpay_workflows",
        id=fixed_id(book.spec.id, "nonpay", invoice["id"], invoice["due_date"]),
        billing_account_id=invoice["billing_account_id"],
        policy_id=invoice["policy_id"],
        invoice_id=invoice["id"],
        stage=stage,
        past_due_cents=invoice["balance_cents"],
        currency="USD",
        started_on=started.date(),
        created_at=started,
        updated_at=started,
    )


def mailed(book: Book, policy: Row, flow: Row) -> None:
    """The notice went: coverage ends on its day unless it is paid."""
    rows = reversed(book.basket.tables["cancellations"])
    row = next(row for row in rows if row["policy_id"] == policy["id"])
    if row["reason_code"] != REASON or row["notice_mailed_at"] is None:
        return
    flow |= {
        "stage": MAILED,
        "notice_mailed_on": row["notice_mailed_at"].date(),
        "cancel_effective_date": row["effective_date"],
        "updated_at": row["notice_mailed_at"],
    }


def asked(book: Book, policy: Row, invoice: Row, flow: Row) -> None:
    """Its notice waits to be mailed since the tenth day."""
    day = invoice["due_date"] + days(NOTICE_AFTER_DAYS)
    wanted, citation = rule(policy, day)
    ends = day + timedelta(days=max(PROGRAM_NOTICE_DAYS, wanted))
    flow |= {"stage": NOTICE_DUE, "cancel_effective_date": ends, "updated_at": at(day, 8)}
    book.basket.add(
        "policy_notices",
        id=fixed_id(book.spec.id, NONPAY, flow["id"]),
        policy_id=policy["id"],
        notice_kind=NONPAY,
        recipient_kind="insured",
        recipient_name=policy["insured_name"],
        address_snapshot=address(book, policy),
        method="mail",
        effective_date=ends,
        status=TO_MAIL,
        rule_days=wanted,
        citation=citation or None,
        proof_required=bool(citation),
        cause_id=flow["id"],
        created_at=at(day, 8),
        updated_at=at(day, 8),
    )


def rule(policy: Row, day: date, reason: str = REASON) -> tuple[int, str]:
    """Days and citation that the reference data ask for a cancellation; 0 where none is sourced."""
    wanted = (policy["state"], policy["line_of_business"], "cancellation", reason)
    found = ((row[4], row[5]) for row in NOTICES if row[:4] == wanted)
    return next(found, (0, ""))


def address(book: Book, policy: Row) -> Row:
    """Where a notice goes: the address on file."""
    rows = reversed(book.basket.tables["insureds"])
    insured = next(row for row in rows if row["id"] == policy["insured_id"])
    return {name: insured.get(name) for name in ADDRESS}
