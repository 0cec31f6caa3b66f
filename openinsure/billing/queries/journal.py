"""Reads of the journal: its lines in order of days, one entry with what it was posted for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Sum

from openinsure.billing.chart import CHART
from openinsure.billing.filters import Where
from openinsure.billing.journal_rows import Entry, EntryLine, JournalLine, LineRow
from openinsure.billing.models import (
    BillingAccount,
    GlJournalEntry,
    GlJournalLine,
    LedgerTransfer,
)
from openinsure.billing.rows import TransferRow
from openinsure.console.lists import Ask
from openinsure.problems import NotFound
from openinsure.tenancy.listing import Count, ListSpec, Page, Sort, count_rows, list_page
from openinsure.tenancy.scope import Scope

ROWS_MAX = 500
LINES = ListSpec(
    model=GlJournalLine,
    row=LineRow,
    columns={
        "entry_id": "journal_entry_id",
        "account": "account_code",
        "kind": "source_type",
    },
    sorts={
        "entry_date": Sort(
            "entry_date",
            "gl_journal_lines_org_entry_id",
            within={
                "policy_id": "gl_journal_lines_org_policy_entry",
                "account_code": "gl_journal_lines_org_account_code_entry_id",
                "source_type": "gl_journal_lines_org_source_type_entry_id",
            },
        )
    },
)


def list_lines(scope: Scope, where: Where, asked: Ask) -> Page[JournalLine]:
    """At most `asked.size` lines, each with its entry. Four statements."""
    page = list_page(
        scope,
        LINES,
        where=where,
        sort=asked.sort,
        descending=asked.descending,
        at=asked.at,
        size=asked.size,
    )
    entries = _entries(scope, {row.entry_id for row in page.rows})
    whole = _balanced(scope, entries)
    policies = policy_numbers(scope, {row.policy_id for row in page.rows if row.policy_id})
    rows = tuple(_told(row, entries[row.entry_id], whole, policies) for row in page.rows)
    return Page(rows, page.next, page.previous, page.searched_to)


def count_lines(scope: Scope, where: Where, asked: Ask) -> Count:
    """How many lines match, counted to 1,000. One statement."""
    return count_rows(scope, LINES, where=where, sort=asked.sort)


def policies_of(scope: Scope, number: str) -> tuple[str, ...]:
    """Ids of the terms of a policy number that were ever billed. One statement."""
    rows = BillingAccount.objects.within(scope).filter(policy_number=number)
    return tuple(rows.order_by("policy_id").values_list("policy_id", flat=True)[:ROWS_MAX])


def policy_numbers(scope: Scope, ids: Iterable[str]) -> dict[str, str]:
    """Policy id -> number, of policies that were billed. One statement, none for no id."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = BillingAccount.objects.within(scope).filter(policy_id__in=wanted)
    return dict(rows.order_by().values_list("policy_id", "policy_number"))


def _entries(scope: Scope, ids: Iterable[str]) -> dict[str, Any]:
    rows = GlJournalEntry.objects.within(scope).filter(id__in=sorted(ids))
    told = rows.order_by().values(
        "id", "entry_number", "posted_at", "source_id", "description", "total_debit_cents",
        "total_credit_cents",
    )  # fmt: skip
    return {row["id"]: row for row in told}


def _balanced(scope: Scope, entries: dict[str, Any]) -> dict[str, bool]:
    """Whether the lines of each entry, all of them, are its totals and balance."""
    sums = (
        GlJournalLine.objects.within(scope)
        .filter(journal_entry_id__in=sorted(entries))
        .order_by()
        .values("journal_entry_id")
        .annotate(debits=Sum("debit_cents"), credits=Sum("credit_cents"))
        .values_list("journal_entry_id", "debits", "credits")
    )
    return {key: debits == credits > 0 for key, debits, credits in sums}


def _told(
    row: LineRow, entry: Any, whole: dict[str, bool], policies: dict[str, str]
) -> JournalLine:
    return JournalLine(
        id=row.id,
        entry_number=entry["entry_number"],
        entry_date=row.entry_date,
        posted_at=entry["posted_at"],
        account=row.account,
        account_name=_name(row.account),
        debit_cents=row.debit_cents,
        credit_cents=row.credit_cents,
        currency=row.currency,
        kind=row.kind,
        policy_number=policies.get(row.policy_id or ""),
        description=entry["description"],
        reference=f"{row.kind}:{entry['source_id'] or ''}",
        balanced="balanced" if whole.get(row.entry_id) else "out_of_balance",
    )


def _name(code: str) -> str:
    return CHART[code].name if code in CHART else code


def get_entry(scope: Scope, number: str) -> Entry:
    """One entry by number. Raises NotFound, for another organisation's number too."""
    rows = GlJournalEntry.objects.within(scope).filter(entry_number=number, proposal__isnull=True)
    row = rows.select_related("period", "reversal_of", "reversed_by").first()
    if row is None:
        raise NotFound("journal entry", number)
    return Entry(
        id=row.id,
        number=row.entry_number,
        period=row.period.period_code,
        entry_date=row.entry_date,
        effective_date=row.effective_date,
        kind=row.source_type,
        source_id=row.source_id,
        description=row.description,
        status="reversed" if row.reversed_by_id else row.status,
        debit_cents=row.total_debit_cents,
        credit_cents=row.total_credit_cents,
        currency=row.currency,
        posted_at=row.posted_at,
        posted_by_user_id=row.posted_by_user_id,
        mirrors=row.reversal_of.entry_number if row.reversal_of else "",
        mirrored_by=row.reversed_by.entry_number if row.reversed_by else "",
        balanced=row.total_debit_cents == row.total_credit_cents,
    )


def list_entry_lines(scope: Scope, entry_id: str) -> list[EntryLine]:
    """The lines of an entry in order. Two statements."""
    rows = list(
        GlJournalLine.objects.within(scope)
        .filter(journal_entry_id=entry_id)
        .order_by("line_no", "id")[:ROWS_MAX]
    )
    policies = policy_numbers(scope, {row.policy_id for row in rows if row.policy_id})
    return [
        EntryLine(
            id=row.id,
            line=row.line_no,
            account=row.account_code,
            account_name=_name(row.account_code),
            debit_cents=row.debit_cents,
            credit_cents=row.credit_cents,
            currency=row.currency,
            policy_number=policies.get(row.policy_id or ""),
            claim_id=row.claim_id,
            state=row.state,
            memo=row.memo,
        )
        for row in rows
    ]


def list_entry_transfers(scope: Scope, entry_id: str) -> list[TransferRow]:
    """The transfers of an entry in the order of their chain. One statement."""
    rows = (
        LedgerTransfer.objects.within(scope)
        .filter(gl_entry_id=entry_id)
        .order_by("batch_seq", "id")
        .values_list(
            "id", "tb_transfer_id", "transfer_code", "debit_account__name",
            "credit_account__name", "amount_cents", "currency", "status",
        )[:ROWS_MAX]
    )  # fmt: skip
    return [TransferRow(*values) for values in rows]
