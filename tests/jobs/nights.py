"""What a worker of the kill tests does: makes a world, runs a job or a settlement, looks at it."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings

from openinsure.billing.models import EarnedPremiumRun
from openinsure.billing.operations import earning
from openinsure.jobs import d1_retention, runs, starting
from openinsure.jobs.models import CronRun, Lease
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests.billing import posting, settlements
from tests.billing.earning import Book
from tests.conftest import fresh_scope
from tests.jobs import world

ENGINES = ("default", *KEYSPACES)
PLATFORM = SystemScope(PLATFORM_ORG_ID, runs.SUBJECT)
LONG_AGO = datetime.fromisoformat("2001-01-01T00:00:00+00:00")


def place(folder: Path) -> Path:
    """Folders of the test's own; where mail comes in."""
    settings.FILES_DIR = str(folder / "files")
    settings.MAILBOX_URL = f"maildir://{folder}/inbox"
    settings.DHSMV_URL = f"folder://{folder}/dhsmv"
    settings.EMAIL_URL = f"maildir://{folder}/letters"
    files = {"oi-auth": folder / "auth.sqlite", "oi-submissions": folder / "forms.sqlite"}
    d1_retention._file = lambda slug: files[slug] if files[slug].exists() else None
    return folder / "inbox"


def prepare(scope: Scope, due: datetime, folder: Path) -> None:
    """Work for every job, and an organisation with a ledger and premium to earn."""
    mail = place(folder)
    with entered(PLATFORM):
        world.shared(due)
        world.build(scope, due, mail)
    posting.organization(scope)
    book, rng = Book(scope), random.Random(5)
    for _ in range(3):
        book.policy(rng)


def begin(key: str, due: datetime, folder: Path, ids: tuple[str, ...], *, again: bool) -> str:
    """As beat starts it; again: as the watch does, once a dead worker's time is over."""
    place(folder)
    starting.org_ids = lambda run_id: ids
    earning.CHUNK_STREAMS = 2
    if again:
        forget_the_dead(ids)
    with entered(PLATFORM):
        now = due + timedelta(days=400) if again else due
        found = starting.start(starting.job_named(key), now=now, scheduled_for=due)
    return f"{found.status} {found.error_detail}" if found else "done already"


def forget_the_dead(ids: tuple[str, ...]) -> None:
    """The time of what a dead worker held is over: leases, and the run's sign of life."""
    with entered(PLATFORM):
        CronRun.objects.update(updated_at=LONG_AGO)
    for org_id in ids:
        with entered(SystemScope(org_id, runs.SUBJECT)) as scope:
            Lease.objects.within(scope).delete()


# The nightly earning and a settlement, each in an organisation of its own.

DAYS = (date(2026, 10, 31), date(2026, 11, 1))


def book() -> Book:
    """Five policies that earn."""
    scope = fresh_scope()
    posting.organization(scope)
    made, rng = Book(scope), random.Random(5)
    for _ in range(5):
        made.policy(rng)
    return made


def nights(made: Book) -> None:
    """Two nights of earning, in chunks of two streams."""
    from tests.billing.test_earned_premium import night

    earning.CHUNK_STREAMS = 2
    with entered(made.scope):
        Lease.objects.within(made.scope).delete()
    for day in DAYS:
        night(made.scope, day)


def check_nights(made: Book) -> None:
    """Balances to the cent, each stream once a day, runs closed."""
    assert posting.balances(made.scope) == made.reference(DAYS[-1])
    kept = Counter((row.premium_transaction_id, row.as_of_date) for row in made.posted())
    assert set(kept.values()) == {1}
    with entered(made.scope):
        states = EarnedPremiumRun.objects.within(made.scope).values_list("status", flat=True)
        assert set(states) == {"succeeded"}


def settled() -> settlements.World:
    """A carrier that is owed."""
    return settlements.world(fresh_scope())


def settle(one: settlements.World, later: int) -> None:
    """From the bordereau to the bank's answer."""
    with entered(one.scope):
        Lease.objects.within(one.scope).delete()
    settlements.run(one, offset=True, later=later)


def check_settled(one: settlements.World) -> None:
    """One effect an event; journal and ledger to the cent."""
    from tests.billing.test_settlement_kills import is_exact

    is_exact(one)
