"""The list of billing holds: few rows, read by their start, accounts in one statement more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from openinsure.billing.account_rows import HoldRow
from openinsure.billing.models import BillingAccount, BillingHold
from openinsure.billing.queries.accounts import hold_row
from openinsure.console.lists import Ask
from openinsure.tenancy.listing import ListSpec, Page, Sort, list_page
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True)
class BareHold:
    """A hold before its account is known."""

    id: str
    billing_account_id: str
    scope: str
    reason: str | None
    starts_on: date
    ends_on: date | None
    released_at: datetime | None


HOLDS = ListSpec(
    model=BillingHold,
    row=BareHold,
    sorts={"starts_on": Sort("starts_on", "billing_holds_org_starts_on_id")},
)


def list_holds(scope: Scope, asked: Ask, *, on: date) -> Page[HoldRow]:
    """At most `asked.size` holds with their accounts. Two or three statements."""
    page = list_page(
        scope,
        HOLDS,
        where={},
        sort=asked.sort,
        descending=asked.descending,
        at=asked.at,
        size=asked.size,
    )
    accounts = _accounts(scope, {row.billing_account_id for row in page.rows})
    rows = tuple(_with_account(row, accounts, on) for row in page.rows)
    return Page(rows, page.next, page.previous, page.searched_to)


def _accounts(scope: Scope, ids: set[str]) -> dict[str, tuple[str, str | None, str]]:
    rows = (
        BillingAccount.objects.within(scope)
        .filter(id__in=sorted(ids))
        .values_list("id", "account_number", "policy_number", "payer_name")
    )
    return {key: (number, policy, payer) for key, number, policy, payer in rows}


def _with_account(
    row: BareHold, accounts: dict[str, tuple[str, str | None, str]], on: date
) -> HoldRow:
    number, policy, payer = accounts[row.billing_account_id]
    columns = (row.id, number, policy, payer, row.scope, row.reason)
    return hold_row((*columns, row.starts_on, row.ends_on, row.released_at), on=on)
