"""Tasks of the relationships and of the ledger's outbox; settings/cron.py says when."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils import timezone

from openinsure.audit.directory import directory
from openinsure.authz.client import client
from openinsure.jobs import binding, claim_money, policy_money, relating, relations, starting
from openinsure.jobs.relay import relay
from openinsure.tenancy.jobs import org_task, platform_task
from openinsure.tenancy.scope import DirectoryScope, Scope, SystemScope

log = logging.getLogger(__name__)

BROKER_PAUSE_S = 30  # after a start that failed, writers do not wait for the broker again
_broker_away_until: list[Any] = [0]  # of time.monotonic()


@platform_task(name="authz.outbox")
def deliver_relationships(scope: Scope, **kwargs: Any) -> int:
    """Send what waits in the outbox of every organisation; how many rows."""
    if settings.AUTHZ_BACKEND != "spicedb":
        return 0
    return relating.deliver_all(client(), now=timezone.now(), request_id=scope.request_id)


@platform_task(name="authz.watch")
def watch_relationships(scope: Scope, **kwargs: Any) -> int:
    """Each minute: the live schema against schema.zed, and how many rows wait."""
    if settings.AUTHZ_BACKEND != "spicedb":
        return 0
    return relating.watch(client(), now=timezone.now(), request_id=scope.request_id)


@platform_task(name="authz.compare")
def compare_relationships(scope: Scope, **kwargs: Any) -> int:
    """Nightly: make SpiceDB equal to the tables; how many relationships differed.

    Rows of the outbox that were delivered long ago go too.
    """
    relating.purge_all(now=timezone.now(), request_id=scope.request_id)
    if settings.AUTHZ_BACKEND != "spicedb":
        return 0
    found = relating.compare_all(
        client(), relations.sync, now=timezone.now(), request_id=scope.request_id
    )
    return sum(len(one.missing) + len(one.surplus) for one in found.values())


@platform_task(name="policies.money")
def book_policy_events(scope: Scope, **kwargs: Any) -> int:
    """What submissions and policies wait to tell, organisation by organisation; how many events."""
    return _of_each(_tell)


@platform_task(name="claims.money")
def book_claim_events(scope: Scope, **kwargs: Any) -> int:
    """What claims wait to tell, organisation by organisation; how many events."""
    return _of_each(lambda one: claim_money.deliver(one, now=timezone.now()))


def _of_each(work: Callable[[Scope], int]) -> int:
    """The sum over all organisations; one that fails is logged and stops only its own part."""
    done = 0
    for one in relating.organizations():
        try:
            done += work(one)
        except SoftTimeLimitExceeded:
            raise  # the others wait for the next round
        except Exception:
            log.exception("an organization's events wait", extra={"org": one.org_id})
    return done


@org_task(name="policies.bind")
def write_bound_policies(scope: Scope, **kwargs: Any) -> int:
    """The policies that one organisation's bound submissions wait for, and their billing."""
    return _tell(scope)


def _tell(scope: Scope) -> int:
    now = timezone.now()
    return binding.deliver(scope, now=now) + policy_money.deliver(scope, now=now)


@org_task(name="ledger.relay", queue="ledger")
def relay_transfers(scope: Scope, **kwargs: Any) -> int:
    """Send the organisation's outbox to its ledger; how many transfers stand since."""
    return relay(scope, now=timezone.now()).posted


def start_relay(scope: Scope) -> None:
    """Hand the organisation's outbox to a worker. A visit writes nothing, so never starts one.

    Tried once: with the broker away the sweeper does it within a minute.
    """
    if time.monotonic() < _broker_away_until[0]:
        return
    try:
        relay_transfers.enqueue(scope)
    except Exception:
        _broker_away_until[0] = time.monotonic() + BROKER_PAUSE_S
        raise


@platform_task(name="ledger.sweep")
def sweep_transfers(scope: Scope, **kwargs: Any) -> int:
    """Start the relay of every organisation, in case a start was lost; how many."""
    ids = directory().list_ids(DirectoryScope(scope.org_id, scope.subject, scope.request_id))
    for org_id in ids:
        relay_transfers.enqueue(SystemScope(org_id, scope.subject, scope.request_id))
    return len(ids)


@platform_task(name="jobs.run")
def run_job(scope: Scope, *, job: str, **kwargs: Any) -> str:
    """Run one of the nine for its newest due time; how it ended, or why nothing was done."""
    found = starting.job_named(job)
    if settings.JOBS_MODE == "observe" or not starting.has_runner(found):
        return "not run here"
    run = starting.start(found, now=timezone.now())
    return run.status if run else "done already"


@platform_task(name="jobs.watch")
def watch_jobs(scope: Scope, **kwargs: Any) -> int:
    """Record the due times that passed without a run and start broken runs again; how many."""
    now = timezone.now()
    again = starting.broken(now=now)
    for job in again:
        run_job.enqueue_platform(job=job.key)
    return starting.watch(now=now) + len(again)
