"""The ageing roll-up in oi_console: written anew by a job, one organisation at a time."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.utils import InterfaceError, OperationalError

from openinsure.audit.directory import directory
from openinsure.billing.ageing import BUCKETS, Aged, age_accounts
from openinsure.pages.models import BillingAgeing, BillingAgeingTotal
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import DirectoryScope, Scope, SystemScope, entered

SUBJECT = "service:rollups"
BATCH_ROWS = 500
log = logging.getLogger(__name__)


def refresh(*, at: datetime, request_id: str = "") -> int:
    """Age every organisation's receivables; how many were read. Safe to repeat.

    One whose billing is away keeps its last figures, and their age says so.
    """
    ids = directory().list_ids(DirectoryScope(PLATFORM_ORG_ID, SUBJECT, request_id))
    return sum(_refresh_one(SystemScope(org_id, SUBJECT, request_id), at) for org_id in ids)


def refresh_org(scope: Scope, *, today: date, at: datetime) -> int:
    """Age the receivables of the scope entered; how many accounts are past due."""
    aged = list(age_accounts(scope, today=today))
    with transaction.atomic():
        BillingAgeing.objects.within(scope).delete()
        BillingAgeing.objects.bulk_create(
            [BillingAgeing(**row) for row in account_rows(scope.org_id, aged, at)],
            batch_size=BATCH_ROWS,
        )
        BillingAgeingTotal.objects.within(scope).delete()
        BillingAgeingTotal.objects.bulk_create(
            [BillingAgeingTotal(**row) for row in total_rows(scope.org_id, aged, at)]
        )
    return len(aged)


def account_rows(org_id: str, aged: Iterable[Aged], at: datetime) -> list[dict[str, object]]:
    """The rows of billing_ageing."""
    return [
        {
            "org_id": org_id,
            "account_id": row.account_id,
            "account_number": row.account_number,
            "policy_number": row.policy_number,
            "payer": row.payer,
            "currency": row.currency,
            "oldest_due": row.oldest_due,
            **_buckets(row.cents),
            "read_at": at,
        }
        for row in aged
    ]


def total_rows(org_id: str, aged: list[Aged], at: datetime) -> list[dict[str, object]]:
    """The rows of billing_ageing_totals, one a currency."""
    rows = []
    for currency in sorted({row.currency for row in aged}):
        ours = [row for row in aged if row.currency == currency]
        cents = [sum(column) for column in zip(*(row.cents for row in ours), strict=True)]
        rows.append(
            {
                "org_id": org_id,
                "currency": currency,
                "accounts": len(ours),
                **_buckets(cents),
                "read_at": at,
            }
        )
    return rows


def _buckets(cents: list[int]) -> dict[str, int]:
    named = {f"{name}_cents": value for name, value in zip(BUCKETS, cents, strict=True)}
    return named | {"total_cents": sum(cents)}


def _refresh_one(scope: SystemScope, at: datetime) -> bool:
    with entered(scope):
        try:
            refresh_org(scope, today=at.date(), at=at)
        except (OperationalError, InterfaceError) as error:
            log.warning("ageing keeps its last figures: %s", type(error).__name__)
            return False
    return True
