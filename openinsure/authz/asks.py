"""What is asked of SpiceDB for a permission of the console, and which relation a role is."""

from __future__ import annotations

from openinsure.authz.permissions import MATRIX, Cell, Permission, Role, cell
from openinsure.authz.port import Place, Subject, Target

Ask = tuple[str, str, str]  # object type, object id, permission or relation
PLATFORM_OBJECT = ("platform", "main")

# role -> (object type, relation). Platform relations count for people of the platform only.
RELATIONS: dict[Role, tuple[str, str]] = {
    Role.SUPERADMIN: ("platform", "superadmin"),
    Role.SYSTEM: ("platform", "system"),
    Role.AUDITOR: ("platform", "auditor"),
    Role.DB_OPERATOR: ("platform", "db_operator"),
    Role.DB_APPROVER: ("platform", "db_approver"),
    Role.ORG_ADMIN: ("organization", "admin"),
    Role.OPERATOR: ("organization", "operator"),
    Role.UNDERWRITER: ("organization", "underwriter"),
    Role.ADJUSTER: ("organization", "adjuster"),
    Role.FINANCE: ("organization", "finance"),
    Role.COMPLIANCE: ("organization", "compliance"),
    Role.SUPPORT: ("organization", "support"),
}
# Whom an organisation has as its own staff; the others work for the platform.
ORG_ROLES: tuple[str, ...] = tuple(r.value for r in Role if RELATIONS[r][0] == "organization")
EXPIRING = frozenset({("platform", "auditor")})  # relations that SpiceDB takes with an end only

# Which permission of the organisation (or the platform) an R cell needs before its object is known:
# enough to offer the page; the act itself asks for the object.
_BEFORE_THE_OBJECT = {
    Permission.RESERVE_SET: "organization#edit_claims",
    Permission.DISBURSEMENT_APPROVE: "organization#approve_money",
    Permission.BORDEREAU_APPROVE: "organization#approve_money",
    Permission.SETTLEMENT_APPROVE: "organization#approve_money",
    Permission.SETTLEMENT_RELEASE: "organization#approve_money",
    Permission.OPS_APPROVE: "platform#approve_db",
    Permission.OPS_DEPLOY: "platform#operate_db",
}
# Asked on the object itself; every other permission is the organisation's, whatever the object.
_ON_THE_OBJECT = {
    (Permission.RESERVE_SET, "claim"): "set_reserve",
    (Permission.DISBURSEMENT_APPROVE, "disbursement"): "approve",
    (Permission.BORDEREAU_APPROVE, "settlement"): "approve",
    (Permission.SETTLEMENT_APPROVE, "settlement"): "approve",
    (Permission.SETTLEMENT_RELEASE, "settlement"): "release",
    (Permission.OPS_APPROVE, "deploy_request"): "approve",
    (Permission.OPS_DEPLOY, "deploy_request"): "deploy",
}
RECUSED = "recused"  # the relation that takes a claim away from one person


def asks_for(permission: Permission, subject: Subject, place: Place) -> tuple[Ask, ...]:
    """The questions of which one yes is enough; () where no relation could make it a yes."""
    asked = _BEFORE_THE_OBJECT.get(permission, MATRIX[permission].asks)
    kind, _, name = asked.partition("#")
    if kind == "platform":
        return ((*PLATFORM_OBJECT, name),)
    if subject.service and not _is_for_the_machine(permission, place):
        return ()
    here = subject.org_id == place.org_id or place.crossing
    if here or subject.service or permission is Permission.ORG_MANAGE:
        machine_reads = subject.service and cell(Role.SYSTEM, permission) is Cell.GRANT
        return () if machine_reads and not here else (("organization", place.org_id, name),)
    if permission is Permission.JOBS_VIEW:  # runs of jobs are no rows of an organisation
        return tuple((*PLATFORM_OBJECT, relation) for relation in ("db_operator", "db_approver"))
    return ()


def _is_for_the_machine(permission: Permission, place: Place) -> bool:
    """No relation says what the machine does only inside its own jobs; the matrix does."""
    found = cell(Role.SYSTEM, permission)
    return place.job if found is Cell.JOB else found is not Cell.NONE


def ask_on(permission: Permission, target: Target) -> Ask | None:
    """The question about the object itself; None where the organisation's answer decides."""
    name = _ON_THE_OBJECT.get((permission, target.kind))
    return (target.kind, target.id, name) if name else None
