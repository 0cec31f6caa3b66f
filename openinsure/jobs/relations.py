"""The relationships that the tables stand for, the ones SpiceDB holds, and making them equal.

Roles come from users and user_roles, `active` from organizations, assignments from claims, the
exclusions of approvals from disbursements and settlements; recusals are the outbox's own rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from openinsure.authz import duties, freshness, outbox, relationships
from openinsure.authz.asks import PLATFORM_OBJECT as PLATFORM
from openinsure.authz.client import Client
from openinsure.authz.models import AuthzOutbox
from openinsure.authz.relationships import Change, Tuple
from openinsure.billing.models import CarrierSettlement
from openinsure.claims.life import IN_FLIGHT, WORKABLE
from openinsure.claims.models import Adjuster, Claim, Disbursement
from openinsure.orgs.models import Organization, User, UserRole
from openinsure.orgs.relating import STANDING_LIFE, role_tuples
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import Scope

RENEWED_BELOW = timedelta(days=60)
TO_APPROVE = ("requested", "pending_approval", "ready")
APPROVED = "approved"
OBJECTS = ("claim", "disbursement", "settlement")  # kinds that name their organisation
EXPIRED_SINCE = timedelta(days=2)  # before that the nightly comparison has come by
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
ROUNDS = 3  # of comparing and writing
SYNC_DEADLINE_S = 30.0  # of a call of 1,000 changes: many follow each other, nobody waits


@dataclass(frozen=True, slots=True)
class Difference:
    """What SpiceDB lacks and what it should not hold, of one organisation."""

    missing: tuple[Tuple, ...]
    surplus: tuple[Tuple, ...]

    def named(self) -> Iterator[tuple[str, str]]:
        """Each as (missing or surplus, relationship)."""
        yield from (("missing", str(one)) for one in self.missing)
        yield from (("surplus", str(one)) for one in self.surplus)

    def __bool__(self) -> bool:
        return bool(self.missing or self.surplus)


def expected(scope: Scope, *, now: datetime) -> set[Tuple]:
    """Every relationship of the organisation, by its tables. About eight statements."""
    return {
        *_organization(scope),
        *_roles(scope, now),
        *_claims(scope),
        *_disbursements(scope),
        *_settlements(scope),
    }


def objects_by_org(client: Client) -> dict[str, list[Tuple]]:
    """What SpiceDB holds of claims, disbursements and settlements, by the organisation they name.

    One reading of each kind serves all organisations: SpiceDB cannot be asked for one's objects.
    """
    found: dict[str, list[Tuple]] = {}
    for kind in OBJECTS:
        held = list(relationships.read(client, kind))
        home = {one.resource_id: one.subject_id for one in held if one.relation == "org"}
        for one in held:
            found.setdefault(home.get(one.resource_id, ""), []).append(one)
    return found


def live(client: Client, scope: Scope, objects: Iterable[Tuple] | None = None) -> Iterator[Tuple]:
    """What SpiceDB holds of the organisation and of the objects that name it.

    objects: its part of `objects_by_org`, where that was read already.
    """
    org_id = scope.org_id
    yield from relationships.read(client, "organization", org_id)
    if org_id == PLATFORM_ORG_ID:
        yield from relationships.read(client, *PLATFORM)
    yield from objects_by_org(client).get(org_id, ()) if objects is None else objects


def difference(
    client: Client, scope: Scope, *, now: datetime, objects: Iterable[Tuple] | None = None
) -> Difference:
    """Tables against SpiceDB, ends included: one that runs out soon counts as missing."""
    wanted = {one.key: one for one in expected(scope, now=now)}
    held = {one.key: one for one in live(client, scope, objects)}
    return _difference(wanted, held, now)


def _difference(wanted: dict[Tuple, Tuple], held: dict[Tuple, Tuple], now: datetime) -> Difference:
    missing = [
        one for key, one in wanted.items() if key not in held or not _same_end(one, held[key], now)
    ]
    surplus = [one for key, one in held.items() if key not in wanted]
    return Difference(tuple(sorted(missing, key=str)), tuple(sorted(surplus, key=str)))


def sync(
    client: Client, scope: Scope, *, now: datetime, objects: Iterable[Tuple] | None = None
) -> Difference:
    """Make SpiceDB equal to the tables, revocations first; what was different.

    The tables move on meanwhile: what was written is compared again, so that a role revoked
    between reading and writing does not come back.
    """
    first = found = difference(client, scope, now=now, objects=objects)
    for _ in range(ROUNDS):
        if not found:
            break
        _make_equal(client, scope, found)
        found = difference(client, scope, now=now)
    return first


def _make_equal(client: Client, scope: Scope, found: Difference) -> None:
    changes: list[Change] = [
        *relationships.delete(*found.surplus),
        *relationships.touch(*found.missing),
    ]
    token = relationships.write(client, changes, deadline_s=SYNC_DEADLINE_S)
    freshness.keep_token(scope.org_id, token)


def sync_people(client: Client, scope: Scope, *, now: datetime) -> Difference:
    """The same for roles and suspension only: what other programs write into users,
    user_roles and organizations counts within a minute. Cheap: one object is read.
    """

    def compared() -> Difference:
        wanted = {one.key: one for one in (*_organization(scope), *_roles(scope, now))}
        held = {one.key: one for one in live(client, scope, ())}
        return _difference(wanted, held, now)

    first = found = compared()
    for _ in range(ROUNDS):
        if not found:
            break
        _make_equal(client, scope, found)
        found = compared()
    return first


def put_expired(scope: Scope, *, now: datetime) -> int:
    """Put into the outbox that roles have ended, once each; how many relationships."""
    ended = UserRole.objects.within(scope).filter(
        revoked_at=None, expires_at__lte=now, expires_at__gt=now - EXPIRED_SINCE
    )
    rows = list(ended.values_list("user_id", "role", "expires_at"))
    if not rows:
        return 0
    still = {one.key for one in _roles(scope, now)}
    gone = {
        one.key: at for user, role, at in rows for one in role_tuples(scope, user, role, None, now)
    }
    told = outbox.deleted_since(scope, min(gone.values(), default=now))
    wanted = [one for one, at in gone.items() if one not in still and told.get(one, EARLIEST) < at]
    outbox.put(scope, relationships.delete(*wanted), now=now)
    return len(wanted)


def end_of(scope: Scope, one: Tuple, *, now: datetime) -> datetime | None:
    """Until when a role's relationship lasts; None where it has no end, or is not held any more."""
    return next((own.expires_at for own in _roles(scope, now) if own.key == one.key), None)


def standing(scope: Scope, tuples: Collection[Tuple], *, now: datetime) -> set[Tuple]:
    """Those of the relationships that the tables hold (settling held rows)."""
    held = {one.key for one in expected(scope, now=now)}
    return {one for one in tuples if one.key in held}


def _same_end(wanted: Tuple, held: Tuple, now: datetime) -> bool:
    if wanted.expires_at is None or held.expires_at is None:
        return wanted.expires_at == held.expires_at
    apart = abs(wanted.expires_at - held.expires_at)
    standing_role = wanted.expires_at - now == STANDING_LIFE
    return held.expires_at - now > RENEWED_BELOW if standing_role else apart < timedelta(seconds=1)


def _organization(scope: Scope) -> Iterator[Tuple]:
    row = Organization.objects.within(scope).first()
    if row is None:
        return
    yield Tuple("organization", scope.org_id, "platform", *PLATFORM)
    if row.suspended_at is None:
        for kind in ("user", "service"):
            yield Tuple("organization", scope.org_id, "active", kind, "*")
    if scope.org_id == PLATFORM_ORG_ID:
        yield Tuple(*PLATFORM, "system", "service", "system")


def _roles(scope: Scope, now: datetime) -> Iterator[Tuple]:
    users = User.objects.within(scope).filter(status="active", disabled_at=None)
    people = dict(users.values_list("id", "role"))
    for user_id, role in people.items():
        yield from role_tuples(scope, user_id, role, None, now)
    extra = UserRole.objects.within(scope).filter(revoked_at=None)
    extra = extra.filter(Q(expires_at=None) | Q(expires_at__gt=now))
    for user_id, role, until in extra.values_list("user_id", "role", "expires_at"):
        if user_id in people and people[user_id] != role:
            yield from role_tuples(scope, user_id, role, until, now)


def _claims(scope: Scope) -> Iterator[Tuple]:
    adjusters = dict(Adjuster.objects.within(scope).values_list("id", "user_id"))
    assigned = Claim.objects.within(scope).filter(status__in=WORKABLE).exclude(adjuster_id=None)
    for claim_id, adjuster_id in assigned.values_list("id", "adjuster_id"):
        yield from duties.claim_tuples(scope, claim_id, assigned=adjusters.get(adjuster_id))
    last: dict[tuple[str, str], str] = {}
    rows = AuthzOutbox.objects.within(scope).filter(resource_type="claim", relation="recused")
    found = rows.order_by("created_at", "id")
    for claim_id, user_id, how in found.values_list("resource_id", "subject_id", "operation"):
        last[claim_id, user_id] = how.lower()
    for (claim_id, user_id), how in last.items():
        if how != relationships.DELETE:
            yield duties.recused_tuple(claim_id, user_id)
            yield from duties.claim_tuples(scope, claim_id, assigned=None, named=True)


def _disbursements(scope: Scope) -> Iterator[Tuple]:
    waiting = Disbursement.objects.within(scope).filter(status__in=IN_FLIGHT)
    for key, requester in waiting.values_list("id", "requested_by_user_id"):
        yield from duties.disbursement_tuples(scope, key, requester=requester)


def _settlements(scope: Scope) -> Iterator[Tuple]:
    waiting = CarrierSettlement.objects.within(scope).filter(status__in=(*TO_APPROVE, APPROVED))
    columns = ("id", "status", "author_user_id", "approved_by_user_id")
    for key, status, author, approver in waiting.values_list(*columns):
        yield from duties.settlement_tuples(
            scope, key, author=author, approver=approver if status == APPROVED else None
        )
