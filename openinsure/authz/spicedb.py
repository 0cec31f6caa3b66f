"""The `spicedb` backend: every right is a relationship on the server, asked in one bulk check.

A yes is HAS_PERMISSION and nothing else: CONDITIONAL, an error or a missing answer is no. Answers
that show rows are kept CACHE_S seconds, positive ones only; whatever changes something is asked
fully consistent every time. Lists are never made from look-ups of resources: an organisation-level
answer and SQL select the rows (security.md 2.3).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from authzed.api.v1 import (
    CheckBulkPermissionsRequest,
    CheckBulkPermissionsRequestItem,
    CheckPermissionResponse,
    Consistency,
    ObjectReference,
    SubjectReference,
    ZedToken,
)

from openinsure.authz import client as spice
from openinsure.authz import freshness
from openinsure.authz.asks import RECUSED, Ask, ask_on, asks_for
from openinsure.authz.client import Client
from openinsure.authz.freshness import Freshness, freshness_of
from openinsure.authz.permissions import Permission
from openinsure.authz.port import (
    CHECK_MANY_LIMIT,
    PEOPLE_AT_ONCE,
    AuthorizationAway,
    Place,
    Subject,
    Target,
)

CACHE_S = 4.0  # with the asking itself: a revocation written elsewhere bites within five seconds
CACHED_MAX = 10_000
REVIEW_DEADLINE_S = 1.0  # and again for the retry: 1,500 questions took 0.9 s cold, 0.1 s warm
YES = CheckPermissionResponse.PERMISSIONSHIP_HAS_PERMISSION

_Key = tuple[str, Place, Freshness, str]


class SpiceAuthorizer:
    """Authorizer over a SpiceDB server. One round trip a method."""

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self.client = client
        self._clock = clock
        self._kept: dict[_Key, tuple[float, frozenset[str]]] = {}
        self._lock = threading.Lock()

    def rights(
        self, subject: Subject, place: Place, *, asked: str = "", latest: bool = False
    ) -> frozenset[str]:
        """Every permission the relationships give there; kept only where rows are shown."""
        wanted = Freshness.LATEST if latest else freshness_of(asked)
        wanted, token = self._known_token(wanted, place.org_id)
        key = (subject.user_id, place, wanted, token)
        if wanted is Freshness.WRITTEN:
            kept = self._kept.get(key)
            if kept and self._clock() - kept[0] < CACHE_S and (not asked or asked in kept[1]):
                return kept[1]
        found = self._ask_rights(subject, place, wanted, token)
        if wanted is Freshness.WRITTEN:  # a recent answer may be five seconds old as it comes
            self._keep(key, found)
        return found

    def rights_of_many(
        self, subjects: Sequence[Subject], place: Place
    ) -> tuple[frozenset[str], ...]:
        """The rights of each, in order, fully consistent. A round trip for PEOPLE_AT_ONCE."""
        return tuple(
            rights
            for first in range(0, len(subjects), PEOPLE_AT_ONCE)
            for rights in self._ask_people(subjects[first : first + PEOPLE_AT_ONCE], place)
        )

    def _ask_people(self, subjects: Sequence[Subject], place: Place) -> tuple[frozenset[str], ...]:
        ways = [_all_ways(subject, place) for subject in subjects]
        asked = {
            (subject, ask)
            for subject, way in zip(subjects, ways, strict=True)
            for asks in way.values()
            for ask in asks
        }
        yes = self._ask_about(asked, Freshness.LATEST, "", patient=True)
        return tuple(
            _granted(way, {ask for subject, ask in yes if subject == whose})
            for whose, way in zip(subjects, ways, strict=True)
        )

    def check(self, subject: Subject, permission: str, target: Target) -> bool:
        """The answer about one object, as fresh as its permission asks."""
        return self.check_many(subject, permission, [target])[0]

    def check_many(
        self, subject: Subject, permission: str, targets: Sequence[Target]
    ) -> tuple[bool, ...]:
        """One answer per target, in order. A claim is refused to whoever is recused from it,
        by the relationship or by the outbox that has not delivered it yet.
        """
        if len(targets) > CHECK_MANY_LIMIT:
            raise ValueError(f"{len(targets)} targets, at most {CHECK_MANY_LIMIT}")
        try:
            wanted = Permission(permission)
        except ValueError:
            return (False,) * len(targets)
        ways = [_ways(wanted, subject, target) for target in targets]
        barred = [_bar(target) for target in targets]
        asked = {ask for way in ways for ask in way} | {ask for ask in barred if ask}
        fresh, token = self._known_token(freshness_of(permission), _one_org(targets))
        yes = self._ask(subject, asked, fresh, token)
        allowed = [
            any(ask in yes for ask in way) and bar not in yes
            for way, bar in zip(ways, barred, strict=True)
        ]
        return _without_recused(subject, targets, allowed)

    def forget(self) -> None:
        """Drop what is kept, after relationships were written here."""
        with self._lock:
            self._kept.clear()

    def _known_token(self, wanted: Freshness, org_id: str) -> tuple[Freshness, str]:
        """The organisation's last write token, or fully consistent where it cannot be known."""
        if wanted is not Freshness.WRITTEN:
            return wanted, ""
        try:
            token = freshness.token_of(org_id)
        except freshness.Unknown:
            return Freshness.LATEST, ""
        if token and not freshness.is_opaque(token):
            return Freshness.LATEST, ""
        return (wanted, token) if token else (Freshness.RECENT, "")

    def _ask_rights(
        self, subject: Subject, place: Place, wanted: Freshness, token: str
    ) -> frozenset[str]:
        ways = _all_ways(subject, place)
        asked = {ask for way in ways.values() for ask in way}
        return _granted(ways, self._ask(subject, asked, wanted, token))

    def _ask(
        self, subject: Subject, asked: Iterable[Ask], wanted: Freshness, token: str
    ) -> set[Ask]:
        """Those of the questions about one person that were answered with yes."""
        yes = self._ask_about(((subject, ask) for ask in asked), wanted, token)
        return {ask for _, ask in yes}

    def _ask_about(
        self,
        asked: Iterable[tuple[Subject, Ask]],
        wanted: Freshness,
        token: str,
        *,
        patient: bool = False,
    ) -> set[tuple[Subject, Ask]]:
        """Those that were answered with yes. One round trip; patient: a report."""
        questions = list(asked)
        if not questions:
            return set()
        request = CheckBulkPermissionsRequest(
            consistency=consistency(wanted, token),
            items=[
                CheckBulkPermissionsRequestItem(
                    resource=ObjectReference(object_type=kind, object_id=key),
                    permission=name,
                    subject=subject_reference(subject),
                )
                for subject, (kind, key, name) in questions
            ],
        )
        patience_s = REVIEW_DEADLINE_S if patient else None
        pairs = self.client.ask(spice.check_bulk, request, patience_s).pairs
        if len(pairs) != len(questions):
            raise AuthorizationAway(f"{len(pairs)} answers to {len(questions)} questions")
        answered = zip(questions, pairs, strict=True)
        return {question for question, pair in answered if _is_yes(pair)}

    def _keep(self, key: _Key, found: frozenset[str]) -> None:
        with self._lock:
            if len(self._kept) >= CACHED_MAX:
                self._kept.clear()
            self._kept[key] = (self._clock(), found)


def _all_ways(subject: Subject, place: Place) -> dict[Permission, tuple[Ask, ...]]:
    return {permission: asks_for(permission, subject, place) for permission in Permission}


def _granted(ways: dict[Permission, tuple[Ask, ...]], yes: Collection[Ask]) -> frozenset[str]:
    return frozenset(
        permission.value for permission, way in ways.items() if any(ask in yes for ask in way)
    )


def subject_reference(subject: Subject) -> Any:
    """user:<id>, or service:system."""
    kind, key = ("service", "system") if subject.service else ("user", subject.user_id)
    return SubjectReference(object=ObjectReference(object_type=kind, object_id=key))


def consistency(wanted: Freshness, token: str) -> Any:
    """The protocol's spelling."""
    match wanted:
        case Freshness.LATEST:
            return Consistency(fully_consistent=True)
        case Freshness.WRITTEN:
            return Consistency(at_least_as_fresh=ZedToken(token=token))
        case Freshness.RECENT:
            return Consistency(minimize_latency=True)


def _is_yes(pair: Any) -> bool:
    """An error in one answer means that the schema differs from ours: nothing can be known."""
    if pair.HasField("error"):
        raise AuthorizationAway(f"one answer is error {pair.error.code}")
    return bool(pair.item.permissionship == YES)


def _ways(permission: Permission, subject: Subject, target: Target) -> tuple[Ask, ...]:
    on_object = ask_on(permission, target)
    by_organisation = asks_for(permission, subject, target.place)
    return (on_object,) if on_object and by_organisation else by_organisation


def _bar(target: Target) -> Ask | None:
    return ("claim", target.id, RECUSED) if target.kind == "claim" else None


def _one_org(targets: Sequence[Target]) -> str:
    return targets[0].place.org_id if targets else ""


def _without_recused(
    subject: Subject, targets: Sequence[Target], allowed: list[bool]
) -> tuple[bool, ...]:
    from openinsure.authz.recusal import recused_among  # models: after the apps are ready

    claims = [t for t, yes in zip(targets, allowed, strict=True) if yes and t.kind == "claim"]
    recused = recused_among(subject, claims) if claims else frozenset()
    return tuple(
        yes and (target.kind != "claim" or target.id not in recused)
        for target, yes in zip(targets, allowed, strict=True)
    )
