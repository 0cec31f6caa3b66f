"""The permissions and roles of the console, and what each role gets, as data.

Source: domain.md part 1 (computed from the SpiceDB schema by a real server). The `roles` adapter
answers from MATRIX, the documentation is generated from it, and tests walk every cell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """What a view or an operation asks for. Values are the names in pages, JSON and audit rows."""

    ORG_VIEW = "org.view"
    POLICY_VIEW = "policy.view"
    SUBMISSION_VIEW = "submission.view"
    CLAIM_VIEW = "claim.view"
    BILLING_VIEW = "billing.view"
    LEDGER_VIEW = "ledger.view"
    POLICY_VIEW_CONTACT = "policy.view_contact"
    POLICY_VIEW_PII = "policy.view_pii"
    CLAIM_VIEW_PII = "claim.view_pii"
    NOTE_ADD = "note.add"
    SUBMISSION_EDIT = "submission.edit"
    POLICY_EDIT = "policy.edit"
    POLICY_BIND = "policy.bind"
    CLAIM_EDIT = "claim.edit"
    RESERVE_SET = "reserve.set"
    DISBURSEMENT_APPROVE = "disbursement.approve"
    BILLING_EDIT = "billing.edit"
    JOURNAL_POST = "journal.post"
    BORDEREAU_APPROVE = "bordereau.approve"
    SETTLEMENT_APPROVE = "settlement.approve"
    SETTLEMENT_RELEASE = "settlement.release"
    LEDGER_RUN_CHECK = "ledger.run_check"
    LEDGER_RESOLVE = "ledger.resolve"
    AUDIT_VIEW = "audit.view"
    PERIOD_CLOSE = "period.close"
    PERIOD_REOPEN = "period.reopen"
    EXPORT_CREATE = "export.create"
    USER_MANAGE = "user.manage"
    ORG_MANAGE = "org.manage"
    JOBS_VIEW = "jobs.view"
    JOBS_RUN = "jobs.run"
    ORG_CROSS_READ = "org.cross_read"
    AUDIT_VIEW_ALL = "audit.view_all"
    OPS_VIEW = "ops.view"
    OPS_MIGRATE = "ops.migrate"
    OPS_APPROVE = "ops.approve"
    OPS_DEPLOY = "ops.deploy"


class Role(StrEnum):
    """The twelve roles of the console, in the order of the matrix."""

    SUPERADMIN = "superadmin"
    SYSTEM = "system"
    AUDITOR = "auditor"
    ORG_ADMIN = "org_admin"
    OPERATOR = "mhcis_operator"
    UNDERWRITER = "underwriter"
    ADJUSTER = "adjuster"
    FINANCE = "finance_analyst"
    COMPLIANCE = "compliance_officer"
    SUPPORT = "support"
    DB_OPERATOR = "db_operator"
    DB_APPROVER = "db_approver"


ASKS = re.compile(r"[a-z]+(_[a-z]+)*#[a-z]+(_[a-z]+)*")
_CODES = ("SA", "SY", "AU", "OA", "OP", "UW", "AD", "FA", "CO", "SU", "DO", "DB")
CODES: dict[Role, str] = dict(zip(Role, _CODES, strict=True))
ROLES: tuple[str, ...] = tuple(role.value for role in Role)
# May read other organisations: in a live grant (browser) or with ?orgId= (API).
CROSS_ORG_ROLES = frozenset({Role.SUPERADMIN, Role.SYSTEM, Role.AUDITOR})
# Have their own portals; refused at sign-in and as bearer.
OTHER_PORTALS = frozenset({"producer", "agency_admin", "agent_support", "policyholder"})


class Cell(StrEnum):
    """What one role gets of one permission."""

    NONE = "-"
    OWN = "Y"  # in its own organisation
    GRANT = "G"  # own, and another organisation in a live grant or with ?orgId= as bearer
    PLATFORM = "P"  # platform objects, no tenant rows
    JOB = "J"  # only inside the system's own jobs
    RELATION = "R"  # needs a relation to the object too, which only SpiceDB knows


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the matrix: the object and permission asked for, and a cell for each role."""

    asks: str  # object#permission in schema.zed
    label: str  # the name a person reads
    cells: tuple[Cell, ...]  # in the order of Role
    needs_active: bool  # Y and R cells end while the organisation is suspended


# permission; object#permission asked in schema.zed; a cell for each role, in the order of Role
# (SA SY AU OA OP UW AD FA CO SU DO DB); A where Y and R need the organisation to be active, that
# is not suspended; the name that a person reads. `org` stands for `organization`.
_TABLE = """\
org.view             org#view                 G G G Y Y Y Y Y Y Y - - - View organization
policy.view          org#view_policies        G G G Y Y Y Y Y Y Y - - - View policies
submission.view      org#view_submissions     G G G Y Y Y - - Y Y - - - View submissions
claim.view           org#view_claims          G G G Y Y - Y Y Y Y - - - View claims
billing.view         org#view_billing         G G G Y Y - - Y Y Y - - - View billing
ledger.view          org#view_ledger          G G G Y - - - Y - - - - - View ledger
policy.view_contact  org#view_contact         - - - Y Y Y Y Y Y Y - - - View contact data
policy.view_pii      org#view_pii             - - - Y - Y Y - - - - - - View protected data
claim.view_pii       org#view_pii             - - - Y - Y Y - - - - - - View protected claim data
note.add             org#add_note             - - - Y Y Y Y Y Y Y - - A Add notes
submission.edit      org#edit_submissions     - J - Y Y Y - - - - - - A Edit submissions
policy.edit          org#edit_policies        - J - Y Y Y - - - - - - A Edit policies
policy.bind          org#bind_policies        - - - - - Y - - - - - - A Bind policies
claim.edit           org#edit_claims          - J - Y - - Y - - - - - A Edit claims
reserve.set          claim#set_reserve        - - - R - - R - - - - - A Set reserves
disbursement.approve disbursement#approve     - - - R - - - R - - - - A Approve disbursements
billing.edit         org#edit_billing         - J - Y Y - - Y - - - - A Edit billing
journal.post         org#post_journal         - J - - - - - Y - - - - A Post journal entries
bordereau.approve    settlement#approve       - - - R - - - R - - - - A Approve bordereaux
settlement.approve   settlement#approve       - - - R - - - R - - - - A Approve settlements
settlement.release   settlement#release       - - - R - - - R - - - - A Release settlements
ledger.run_check     org#run_ledger_check     - J - Y - - - Y - - - - A Run ledger checks
ledger.resolve       org#resolve_ledger       - - - Y - - - Y - - - - A Resolve ledger differences
audit.view           org#view_audit_log       G - G Y - - - - Y - - - - View audit log
period.close         org#resolve_ledger       - - - Y - - - Y - - - - A Close periods
period.reopen        org#resolve_ledger       - - - Y - - - Y - - - - A Reopen periods
export.create        org#export               G G G Y - Y Y Y Y - - - - Create exports
user.manage          org#manage_members       - - - Y - - - - - - - - A Manage users
org.manage           org#manage_org           P - - Y - - - - - - - - A Manage the organization
jobs.view            org#view_jobs            G G G Y Y - - Y Y - P P - View jobs
jobs.run             platform#run_jobs        - P - - - - - - - - P - - Run jobs
org.cross_read       platform#read_every_org  P P P - - - - - - - - - - Enter organizations
audit.view_all       platform#view_audit_log  P - P - - - - - - - - - - View every audit log
ops.view             platform#view_db         P P P - - - - - - - P P - View databases
ops.migrate          platform#operate_db      - - - - - - - - - - P - - Migrate databases
ops.approve          deploy_request#approve   R - - - - - - - - - - R - Approve deploy requests
ops.deploy           deploy_request#deploy    - - - - - - - - - - R - - Deploy and revert
"""


def _parsed(table: str) -> dict[Permission, Row]:
    rows: dict[Permission, Row] = {}
    for line in table.splitlines():
        name, asks, *rest = line.split(maxsplit=len(Role) + 3)
        cells, (active, words) = rest[: len(Role)], rest[len(Role) :]
        if not ASKS.fullmatch(asks) or active not in "A-":
            raise ValueError(f"{name}: unreadable row")
        rows[Permission(name)] = Row(
            asks.replace("org#", "organization#"), words, tuple(map(Cell, cells)), active == "A"
        )
    if set(rows) != set(Permission):
        raise ValueError(f"matrix and permissions differ: {set(rows) ^ set(Permission)}")
    return rows


MATRIX: dict[Permission, Row] = _parsed(_TABLE)


def cell(role: Role, permission: Permission) -> Cell:
    """What the role gets of the permission."""
    return MATRIX[permission].cells[tuple(Role).index(role)]


def label(permission: str) -> str:
    """The name a person reads ("View ledger"). Raises ValueError for an unknown permission."""
    return MATRIX[Permission(permission)].label
