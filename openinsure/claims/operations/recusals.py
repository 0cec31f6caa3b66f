"""Taking a claim away from one person, and giving it back: rows of oi_global.

The outbox row is the record: from its commit on the claim does not exist for that person, in
lists, pages, look-up and files; SpiceDB is told before that, as of every revocation.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from openinsure.audit import reasons
from openinsure.audit.record import append
from openinsure.authz import changing, outbox
from openinsure.authz.duties import claim_tuples, recused_tuple
from openinsure.authz.queries import recused_people
from openinsure.authz.relationships import delete, touch
from openinsure.claims.life import WORKABLE
from openinsure.claims.models import Claim
from openinsure.claims.operations.changing import KEYSPACE, Act, Done
from openinsure.console.acting import audit_event
from openinsure.problems import Forbidden, NotFound
from openinsure.tenancy.scope import Scope


def recuse(scope: Scope, claim_id: str, act: Act, *, user_id: str) -> Done:
    """Take the claim away from the person. Recusing twice changes nothing.

    Raises NotFound, BadForm for a missing reason, Unavailable while SpiceDB does not answer.
    """
    reasons.stated(act.reason)
    with _locked(scope, claim_id) as claim:
        if user_id in recused_people(scope, claim.id):
            return Done(act.once.id, claim.id, repeated=True)
        named = claim_tuples(scope, claim.id, assigned=None, named=True)
        changes = touch(*named, recused_tuple(claim.id, user_id))
        changing.tell_first(scope, changes)
        with transaction.atomic(using="oi_global"):
            outbox.put(scope, changes, now=timezone.now())
            _audit(scope, claim, act, "claim.recused", user_id)
    return Done(act.once.id, claim.id, repeated=False)


def reinstate(scope: Scope, claim_id: str, act: Act, *, user_id: str) -> Done:
    """Give the claim back to a recused person. Doing it twice changes nothing.

    Raises NotFound, BadForm for a missing reason, Forbidden for the recused person themselves.
    """
    reasons.stated(act.reason)
    if user_id == act.actor.user_id:
        raise Forbidden("Nobody withdraws their own recusal.", code="own_recusal")
    with _locked(scope, claim_id) as claim:
        people = recused_people(scope, claim.id)
        if user_id not in people:
            return Done(act.once.id, claim.id, repeated=True)
        gone = [recused_tuple(claim.id, user_id)]
        if people == (user_id,) and not _is_held(claim):
            gone += claim_tuples(scope, claim.id, assigned=None, named=True)
        with transaction.atomic(using="oi_global"):
            outbox.put(scope, delete(*gone), now=timezone.now())
            _audit(scope, claim, act, "claim.recusal_withdrawn", user_id)
    changing.send_now(scope, {("claim", claim.id)})
    return Done(act.once.id, claim.id, repeated=False)


@contextmanager
def _locked(scope: Scope, claim_id: str) -> Iterator[Claim]:
    """The claim, which nobody assigns meanwhile. Raises NotFound."""
    with transaction.atomic(using=KEYSPACE):
        claim = Claim.objects.within(scope).select_for_update().filter(id=claim_id).first()
        if claim is None:
            raise NotFound("claim")
        yield claim


def _is_held(claim: Claim) -> bool:
    return claim.adjuster_id is not None and claim.status in WORKABLE


def _audit(scope: Scope, claim: Claim, act: Act, action: str, user_id: str) -> None:
    append(
        audit_event(
            scope,
            act.actor,
            action,
            keyspace=KEYSPACE,
            table="claims",
            entity_id=claim.id,
            object=claim.claim_number,
            now=act.now,
            after={"user_id": user_id},
            reason=act.reason.strip(),
        )
    )
