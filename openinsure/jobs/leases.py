"""One worker at a time on an organisation's work, without a lock held while it waits outside."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction

from openinsure.jobs.models import Lease
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope

# Of a lease that was given back: past by anybody's clock, and held by nobody.
GIVEN_BACK = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Held:
    """A lease that is ours. since: of time.monotonic()."""

    scope: Scope
    name: str
    holder: str
    taken_at: datetime
    lasts: timedelta
    since: float

    def renew(self) -> bool:
        """Hold it for `lasts` from now on; whether it was still ours."""
        passed = timedelta(seconds=time.monotonic() - self.since)
        mine = Lease.objects.within(self.scope).filter(name=self.name, holder=self.holder)
        return bool(mine.update(held_until=self.taken_at + passed + self.lasts))


@contextmanager
def leased(scope: Scope, name: str, *, now: datetime, lasts: timedelta) -> Iterator[Held | None]:
    """The lease if it is ours; given back at the end. lasts: longer than the work can take, or than
    the longest time between two renewals.
    """
    holder, since = new_id(), time.monotonic()
    taken = _take(scope, name, holder, now, now + lasts)
    try:
        yield Held(scope, name, holder, now, lasts, since) if taken else None
    finally:
        if taken:
            mine = Lease.objects.within(scope).filter(name=name, holder=holder)
            mine.update(held_until=GIVEN_BACK, holder="")


def _take(scope: Scope, name: str, holder: str, now: datetime, until: datetime) -> bool:
    free = Lease.objects.within(scope).filter(name=name, held_until__lte=now)
    if free.update(holder=holder, held_until=until):
        return True
    if Lease.objects.within(scope).filter(name=name).exists():
        return False
    try:
        with transaction.atomic():
            Lease.objects.create(id=new_id(), name=name, holder=holder, held_until=until)
    except IntegrityError:
        return False  # somebody else was first
    return True
