"""The `roles` backend: answers from the subject's roles and the matrix, no outside system.

R cells need a relation to the object that only SpiceDB holds. In local the role's answer counts,
because the operation itself repeats the person check in SQL; elsewhere they are denied. A role of
the platform reaches beyond its own organisation for the platform's people only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from openinsure import environment
from openinsure.authz.permissions import MATRIX, Cell, Permission, Role, cell
from openinsure.authz.port import CHECK_MANY_LIMIT, Place, Subject, Target
from openinsure.tenancy.grants import PLATFORM_ORG_ID


def relations_are_trusted() -> bool:
    """Whether R cells give the role's answer here."""
    return environment.name() == "local"


def _holds(found: Cell, permission: Permission, subject: Subject, place: Place) -> bool:
    own, of_platform = subject.org_id == place.org_id, subject.org_id == PLATFORM_ORG_ID
    active = subject.org_active or not MATRIX[permission].needs_active
    match found:
        case Cell.OWN:
            return own and active
        case Cell.GRANT:
            return own or (place.crossing and of_platform)
        case Cell.PLATFORM:
            return of_platform
        case Cell.JOB:
            return subject.service and place.job
        case Cell.RELATION:
            if MATRIX[permission].asks.startswith("deploy_request#"):
                return relations_are_trusted() and of_platform
            return relations_are_trusted() and own and active
        case Cell.NONE:
            return False


@lru_cache(maxsize=4_096)  # a subject's roles and place repeat on every request
def _rights(subject: Subject, place: Place) -> frozenset[str]:
    known = [role for role in Role if role.value in subject.roles]
    return frozenset(
        permission.value
        for permission in Permission
        if any(_holds(cell(role, permission), permission, subject, place) for role in known)
    )


class RolesAuthorizer:
    """Authorizer over the matrix. Rights are pure; only single claims cost a statement."""

    def rights(
        self, subject: Subject, place: Place, *, asked: str = "", latest: bool = False
    ) -> frozenset[str]:
        """Every permission the roles give there; empty for roles it does not know."""
        return _rights(subject, place)

    def rights_of_many(
        self, subjects: Sequence[Subject], place: Place
    ) -> tuple[frozenset[str], ...]:
        """The rights of each, in order. No statement."""
        return tuple(_rights(subject, place) for subject in subjects)

    def check(self, subject: Subject, permission: str, target: Target) -> bool:
        """The role's answer in the target's organisation; a recused person's claim is refused."""
        return self.check_many(subject, permission, [target])[0]

    def check_many(
        self, subject: Subject, permission: str, targets: Sequence[Target]
    ) -> tuple[bool, ...]:
        """One answer per target, in order. One statement when there are claims among them.

        Claims are asked in the entered scope: raises TenantLeak for another organisation's.
        """
        if len(targets) > CHECK_MANY_LIMIT:
            raise ValueError(f"{len(targets)} targets, at most {CHECK_MANY_LIMIT}")
        allowed = [permission in _rights(subject, target.place) for target in targets]
        claims = [t for t, yes in zip(targets, allowed, strict=True) if yes and t.kind == "claim"]
        recused = _recused_among(subject, claims)
        return tuple(
            yes and (target.kind != "claim" or target.id not in recused)
            for target, yes in zip(targets, allowed, strict=True)
        )


def _recused_among(subject: Subject, claims: Sequence[Target]) -> frozenset[str]:
    from openinsure.authz.recusal import recused_among  # models: after the apps are ready

    return recused_among(subject, claims) if claims else frozenset()
