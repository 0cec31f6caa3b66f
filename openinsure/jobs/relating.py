"""Over all organisations, one at a time: delivering the outbox, comparing, making equal."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from celery.exceptions import SoftTimeLimitExceeded

from openinsure.audit.directory import directory
from openinsure.authz import outbox, standing
from openinsure.authz.client import Client
from openinsure.authz.lag import lag
from openinsure.authz.port import AuthorizationAway
from openinsure.jobs import relations
from openinsure.jobs.relations import Difference
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import DirectoryScope, Scope, SystemScope, entered

SUBJECT = "service:authz"
log = logging.getLogger(__name__)


def organizations(request_id: str = "") -> Iterator[Scope]:
    """Each organisation, entered while it is the current one."""
    for org_id in directory().list_ids(DirectoryScope(PLATFORM_ORG_ID, SUBJECT, request_id)):
        scope = SystemScope(org_id, SUBJECT, request_id)
        with entered(scope):
            yield scope


def deliver_all(client: Client, *, now: datetime, request_id: str = "") -> int:
    """Settle what is held, send what is pending; how many rows.

    An organisation that fails is logged and stops only its own part. Raises AuthorizationAway and
    SoftTimeLimitExceeded: the others wait for the next round.
    """
    done = 0
    for scope in organizations(request_id):
        try:
            done += deliver(scope, client, now=now)
        except (AuthorizationAway, SoftTimeLimitExceeded):
            raise
        except Exception:
            log.exception("an organization's relations wait", extra={"org": scope.org_id})
    return done


def deliver(scope: Scope, client: Client, *, now: datetime) -> int:
    """The same for the organisation entered."""
    relations.put_expired(scope, now=now)
    outbox.settle(scope, partial(relations.standing, now=now), now=now)
    return outbox.deliver(scope, client, ends=partial(relations.end_of, now=now), now=now)


def purge_all(*, now: datetime, request_id: str = "") -> int:
    """Delete what was delivered long ago in every organisation; how many rows."""
    return sum(outbox.purge(scope, now=now) for scope in organizations(request_id))


def watch(client: Client, *, now: datetime, request_id: str = "") -> int:
    """Store how the schema stands and what waits in all outboxes; how many rows wait.

    Roles and suspensions that other programs wrote are made to count. Raises AuthorizationAway.
    """
    reachable = not standing.look_at_schema(client, now=now).error
    lags = []
    for scope in organizations(request_id):
        lags.append(lag(scope))
        if reachable:
            relations.sync_people(client, scope, now=now)
    return standing.keep_outbox(lags, now=now).count


def compare_all(
    client: Client,
    work: Callable[..., Difference],
    *,
    now: datetime,
    org_id: str = "",
    request_id: str = "",
) -> dict[str, Difference]:
    """`relations.difference` or `relations.sync` by organisation, those that differ only."""
    found, objects = {}, relations.objects_by_org(client)
    for scope in organizations(request_id):
        if org_id not in ("", scope.org_id):
            continue
        if differs := work(client, scope, now=now, objects=objects.get(scope.org_id, ())):
            found[scope.org_id] = differs
            log.warning(
                "relationships differ",
                extra={"missing": len(differs.missing), "surplus": len(differs.surplus)},
            )
    if not org_id:
        told = [f"{verb} {one}" for differs in found.values() for verb, one in differs.named()]
        standing.keep(
            standing.COMPARISON,
            standing.Look(
                now, count=len(told), found=tuple(told), facts={"organizations": len(found)}
            ),
        )
    return found
