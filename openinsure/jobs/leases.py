"""One worker at a time on an organisation's work, without a lock held while it waits outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from openinsure.jobs.models import Lease
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope


@contextmanager
def leased(scope: Scope, name: str, *, now: datetime, lasts: timedelta) -> Iterator[bool]:
    """Whether the lease is ours; given back at the end. lasts: longer than the work can take."""
    holder = new_id()
    taken = _take(scope, name, holder, now, now + lasts)
    try:
        yield taken
    finally:
        if taken:
            mine = Lease.objects.within(scope).filter(name=name, holder=holder)
            mine.update(held_until=now)


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
