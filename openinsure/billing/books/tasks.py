"""The sums of the books as tasks; settings/cron.py says when."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, Protocol

from django.db.utils import IntegrityError, InterfaceError, OperationalError
from django.utils import timezone

from openinsure.audit.directory import directory
from openinsure.billing.books.counting import count
from openinsure.billing.books.taking import take_up
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.jobs import platform_task
from openinsure.tenancy.scope import DirectoryScope, Scope, SystemScope, entered

SUBJECT = "service:books"
log = logging.getLogger(__name__)


@platform_task(name="books.take_up")
def take_up_books(scope: Scope, **kwargs: Any) -> int:
    """Take up what every organisation posted; how many entries and streams."""
    return each(take_up, at=timezone.now(), request_id=scope.request_id)


@platform_task(name="books.count")
def count_books(scope: Scope, **kwargs: Any) -> int:
    """Count ledger types and open commissions of every organisation; how many sums."""
    return each(count, at=timezone.now(), request_id=scope.request_id)


class Work(Protocol):
    """What is done to the organisation entered; how many of what."""

    def __call__(self, scope: Scope, *, at: datetime) -> int: ...


def each(work: Work, *, at: datetime, request_id: str = "") -> int:
    """One organisation after another; one that fails keeps what it had."""
    ids = directory().list_ids(DirectoryScope(PLATFORM_ORG_ID, SUBJECT, request_id))
    return sum(_one(work, SystemScope(org_id, SUBJECT, request_id), at) for org_id in ids)


def _one(work: Work, scope: Scope, at: datetime) -> int:
    with entered(scope):
        try:
            return work(scope, at=at)
        except (OperationalError, InterfaceError, IntegrityError) as error:
            log.warning("the sums of the books wait: %s", type(error).__name__)
            return 0
