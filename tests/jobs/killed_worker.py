"""What the kill test runs in processes of its own: `python -m tests.jobs.killed_worker STEP ORG`.

Everything is committed: nothing but the database's own rollback cleans up after a kill -9.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openinsure.settings")
    django.setup()

from django.db import transaction
from django.utils import timezone

from openinsure.authz import changing, outbox
from openinsure.authz.client import client
from openinsure.authz.duties import changes, disbursement_tuples
from openinsure.authz.models import AuthzOutbox
from openinsure.authz.relationships import Tuple, touch
from openinsure.claims.models import Disbursement
from openinsure.jobs import relating, relations
from openinsure.orgs.models import Organization, User
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests import staff
from tests.claims import made

PEOPLE = 3
HERE = "here"  # what a process says where it waits to be killed


def wait() -> None:
    """Say that the point is reached, and stay there."""
    print(HERE, flush=True)
    time.sleep(600)


def before(work: Callable[..., Any]) -> Callable[..., Any]:
    def waiting(*_: Any, **__: Any) -> Any:
        wait()

    return waiting


def after(work: Callable[..., Any]) -> Callable[..., Any]:
    def waiting(*given: Any, **named: Any) -> Any:
        work(*given, **named)
        wait()

    return waiting


# Where the worker or the web process dies: the function of the outbox, before or after it ran.
STEPS: dict[str, tuple[str, Callable[..., Any]]] = {
    "before-sending": ("write", before),
    "after-sending": ("write", after),
    "after-marking": ("_send", after),
    "before-release": ("release", before),
    "after-release": ("release", after),
    "after-holding": ("put", after),
}
OF_THE_WEB = ("before-release", "after-release", "after-holding")


def prepare(scope: Scope) -> None:
    """An organisation in which SpiceDB and tables agree, and new roles that wait."""
    staff.organization(scope)
    relations.sync(client(), scope, now=timezone.now())
    people = [staff.user(scope, role="support").id for _ in range(PEOPLE)]
    told = touch(*(Tuple("organization", scope.org_id, "support", "user", p) for p in people))
    outbox.put(scope, told, now=timezone.now())


def deliver(scope: Scope) -> None:
    """The worker's turn."""
    relating.deliver(scope, client(), now=timezone.now())


def ask_for_money(scope: Scope) -> None:
    """The web process: a row of oi_claims and the relationships that go with it."""
    with changing.alongside(scope) as relate, transaction.atomic(using="oi_claims"):
        row = made.disbursement(scope, None)
        relate(changes((), disbursement_tuples(scope, row.id, requester=row.requested_by_user_id)))


def differences(scope: Scope, now: Any) -> list[str]:
    """Tables against SpiceDB."""
    found = relations.difference(client(), scope, now=now)
    return [str(one) for one in (*found.missing, *found.surplus)]


def recover(scope: Scope) -> None:
    """The restarted worker, a minute later: sweeper and delivery; what differs before and after."""
    now = timezone.now() + timedelta(minutes=2)
    first = differences(scope, now)
    relating.deliver(scope, client(), now=now)
    rows = AuthzOutbox.objects.within(scope).values_list("status", flat=True)
    money = Disbursement.objects.within(scope).count()
    told = {"before": first, "after": differences(scope, now), "rows": sorted(rows)}
    print(json.dumps(told | {"disbursements": money}), flush=True)


def clean(scope: Scope) -> None:
    """Leave nothing behind, neither here nor there."""
    for model in (AuthzOutbox, User, Disbursement):
        model.objects.within(scope).delete()
    Organization.objects.within(scope).delete()
    relations.sync(client(), scope, now=timezone.now())


def main(step: str, org_id: str) -> None:
    """Run one step."""
    with entered(SystemScope(org_id, "service:authz")) as scope:
        if step in STEPS:
            prepare(scope)
            name, how = STEPS[step]
            setattr(outbox, name, how(getattr(outbox, name)))
            (ask_for_money if step in OF_THE_WEB else deliver)(scope)
        else:
            recover(scope)
            clean(scope)


if __name__ == "__main__":
    main(*sys.argv[1:])
