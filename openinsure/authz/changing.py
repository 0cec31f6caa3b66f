"""Relationships changed together with a row of oi_global: grants after it, revocations before it.

Both run inside the caller's transaction. A grant waits in the outbox until the tuple is written; a
revocation reaches SpiceDB before the row says so, and is refused while SpiceDB is away, because
then nobody gets in anyway and the row would claim what is not true.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.conf import settings

from openinsure.authz import freshness, outbox
from openinsure.authz.client import client
from openinsure.authz.decorators import no_answer_is_503
from openinsure.authz.relationships import Tuple, delete, touch, write
from openinsure.tenancy.scope import Scope


def grant(scope: Scope, tuples: Collection[Tuple], *, now: datetime) -> None:
    """Put the relationships into the outbox."""
    outbox.put(scope, touch(*tuples), now=now)


def revoke(scope: Scope, tuples: Collection[Tuple], *, now: datetime) -> None:
    """Take them away at once, and leave the outbox rows that say so.

    Raises Unavailable while SpiceDB does not answer.
    """
    outbox.supersede(scope, tuples, now=now)
    changes = delete(*tuples)
    if settings.AUTHZ_BACKEND == "spicedb" and changes:
        with no_answer_is_503():
            freshness.keep_token(scope.org_id, write(client(), changes))
    outbox.put(scope, changes, now=now)  # delivered again: a DELETE of nothing changes nothing
