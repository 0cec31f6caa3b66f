"""The matrix of domain.md part 1, walked cell by cell: role x permission x place x organisation."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from openinsure import environment
from openinsure.authz import matrix, roles, rules
from openinsure.authz.asks import ORG_ROLES
from openinsure.authz.permissions import MATRIX, ROLES, Cell, Permission, Role, cell
from openinsure.authz.port import CHECK_MANY_LIMIT, Place, Subject, Target
from openinsure.tenancy.grants import PLATFORM_ORG_ID

HOME, OTHER = "0190a000-0000-7000-8000-00000000000a", "0190a000-0000-7000-8000-00000000000b"
CELLS = list(itertools.product(Role, Permission))
PLACES = ("own", "other", "other, crossing", "own, job", "other, job")
# What each kind of cell gives, place by place; the second figure while the own one is suspended.
EXPECTED = {
    Cell.NONE: ("", ""),
    Cell.OWN: ("own|own, job", "own|own, job"),
    Cell.GRANT: ("own|own, job|other, crossing", "own|own, job|other, crossing"),
    Cell.PLATFORM: ("|".join(PLACES), "|".join(PLACES)),
    Cell.JOB: ("own, job|other, job", "own, job|other, job"),
    Cell.RELATION: ("own|own, job", "own|own, job"),
}


def subject(role: str, *, active: bool = True) -> Subject:
    return Subject("u", home_of(role), frozenset({role}), active, service=role == Role.SYSTEM)


def home_of(role: str) -> str:
    """The organisation that people of the role belong to."""
    return PLATFORM_ORG_ID if role in ROLES and role not in ORG_ROLES else HOME


def places(role: str) -> dict[str, Place]:
    """Where the role is asked about, by the names of PLACES."""
    own, crossing = home_of(role), Place(OTHER, crossing=True)
    jobs = Place(own, job=True), Place(OTHER, job=True)
    return dict(zip(PLACES, (Place(own), Place(OTHER), crossing, *jobs), strict=True))


@pytest.mark.parametrize(("role", "permission"), CELLS)
def test_it_answers_every_cell_in_every_place(role: Role, permission: Permission) -> None:
    found = cell(role, permission)
    expected = set(EXPECTED[found][0].split("|")) - {""}
    if found is Cell.RELATION and MATRIX[permission].asks.startswith("deploy_request#"):
        expected = set(PLACES)
    for name, place in places(role).items():
        held = permission in roles.RolesAuthorizer().rights(subject(role), place)
        assert held is (name in expected), f"{role} {permission} {name}: {found}"


@pytest.mark.parametrize(("role", "permission"), CELLS)
def test_it_makes_a_suspended_organization_read_only(role: Role, permission: Permission) -> None:
    row, found = MATRIX[permission], cell(role, permission)
    home = Place(home_of(role))
    held = roles.RolesAuthorizer().rights(subject(role, active=False), home)
    lost = row.needs_active and found in (Cell.OWN, Cell.RELATION)
    usual = permission in roles.RolesAuthorizer().rights(subject(role), home)
    assert (permission in held) is (usual and not lost)


# SA SY AU OA OP UW AD FA CO SU DO DB, copied from domain.md part 1 apart from the code.
DOCUMENTED = """\
org.view              G G G Y Y Y Y Y Y Y . .
policy.view           G G G Y Y Y Y Y Y Y . .
submission.view       G G G Y Y Y . . Y Y . .
claim.view            G G G Y Y . Y Y Y Y . .
billing.view          G G G Y Y . . Y Y Y . .
ledger.view           G G G Y . . . Y . . . .
policy.view_contact   . . . Y Y Y Y Y Y Y . .
policy.view_pii       . . . Y . Y Y . . . . .
claim.view_pii        . . . Y . Y Y . . . . .
note.add              . . . Y Y Y Y Y Y Y . .
submission.edit       . J . Y Y Y . . . . . .
policy.edit           . J . Y Y Y . . . . . .
policy.bind           . . . . . Y . . . . . .
claim.edit            . J . Y . . Y . . . . .
reserve.set           . . . R . . R . . . . .
disbursement.approve  . . . R . . . R . . . .
billing.edit          . J . Y Y . . Y . . . .
journal.post          . J . . . . . Y . . . .
bordereau.approve     . . . R . . . R . . . .
settlement.approve    . . . R . . . R . . . .
settlement.release    . . . R . . . R . . . .
ledger.run_check      . J . Y . . . Y . . . .
ledger.resolve        . . . Y . . . Y . . . .
audit.view            G . G Y . . . . Y . . .
period.close          . . . Y . . . Y . . . .
period.reopen         . . . Y . . . Y . . . .
export.create         G G G Y . Y Y Y Y . . .
user.manage           . . . Y . . . . . . . .
org.manage            P . . Y . . . . . . . .
jobs.view             G G G Y Y . . Y Y . P P
jobs.run              . P . . . . . . . . P .
org.cross_read        P P P . . . . . . . . .
audit.view_all        P . P . . . . . . . . .
ops.view              P P P . . . . . . . P P
ops.migrate           . . . . . . . . . . P .
ops.approve           R . . . . . . . . . . R
ops.deploy            . . . . . . . . . . R .
"""


def test_it_holds_the_documented_cells() -> None:
    documented = {
        line.split()[0]: " ".join(line.split()[1:]).replace(".", "-")
        for line in DOCUMENTED.splitlines()
    }
    ours = {permission.value: " ".join(row.cells) for permission, row in MATRIX.items()}
    assert ours == documented
    assert len(ours) == 37


def test_it_gives_the_union_of_all_roles() -> None:
    both = Subject("u", HOME, frozenset({"support", "finance_analyst"}))
    rights = roles.RolesAuthorizer().rights(both, Place(HOME))
    assert {"submission.view", "journal.post"} <= rights


@pytest.mark.parametrize("role", sorted(set(ROLES) - set(ORG_ROLES)))
def test_it_crosses_for_people_of_the_platform_only(role: str) -> None:
    misplaced = Subject("u", HOME, frozenset({role}))
    reads = {permission for permission in Permission if cell(Role(role), permission) is Cell.GRANT}
    for place in places("support").values():
        held = roles.RolesAuthorizer().rights(misplaced, place)
        assert held == (reads if place.org_id == HOME else set()), place


@pytest.mark.parametrize("role", ["", "Support", "producer", "root", "org_admin "])
def test_it_gives_nothing_to_a_role_it_does_not_know(role: str) -> None:
    assert roles.RolesAuthorizer().rights(subject(role), Place(HOME)) == frozenset()


@pytest.mark.parametrize("name", ["staging", "production"])
def test_it_denies_relation_cells_outside_local(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "name", lambda: name)
    roles._rights.cache_clear()
    try:
        for role, permission in CELLS:
            if cell(role, permission) is Cell.RELATION:
                held = roles.RolesAuthorizer().rights(subject(role), Place(HOME))
                assert permission not in held
    finally:
        roles._rights.cache_clear()


def test_it_checks_objects_by_their_own_organization() -> None:
    adapter, who = roles.RolesAuthorizer(), subject("support")
    mine, theirs = Target("policy", "1", Place(HOME)), Target("policy", "2", Place(OTHER))
    assert adapter.check_many(who, "policy.view", [mine, theirs]) == (True, False)
    assert adapter.check(who, "policy.unheard_of", mine) is False


def test_it_refuses_an_endless_bulk_check() -> None:
    one = Target("policy", "1", Place(HOME))
    with pytest.raises(ValueError, match="at most"):
        roles.RolesAuthorizer().check_many(
            subject("support"), "policy.view", [one] * (CHECK_MANY_LIMIT + 1)
        )


def test_it_documents_the_matrix_as_it_is() -> None:
    written = Path(matrix.DOCUMENT).read_text()
    assert written == matrix.rendered(), f"stale: {sys.executable} -m openinsure.authz.matrix"


def test_it_names_twelve_roles_in_the_order_of_the_matrix() -> None:
    assert len(ROLES) == 12
    assert [role.value for role in Role][:3] == ["superadmin", "system", "auditor"]


def test_it_refuses_to_start_without_the_address_of_its_backend() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        env={
            "PATH": "/usr/bin:/bin",
            "AUTHZ_BACKEND": "spicedb",
            "DJANGO_SETTINGS_MODULE": "openinsure.settings",
        },
        cwd=environment.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode != 0
    assert "SPICEDB_ENDPOINT: must be" in answer.stderr.strip().splitlines()[-1]


def test_it_has_a_rule_for_every_cell_that_needs_a_relation() -> None:
    needed = {p for p in Permission if any(cell(role, p) is Cell.RELATION for role in Role)}
    assert set(rules.RULES) == needed
    for permission in needed:
        assert f"| `{permission}` |" in matrix.rendered().split("## Where a relation")[1]


def test_it_keeps_its_document_by_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = tmp_path / "docs" / "permissions.md"
    monkeypatch.setattr(matrix, "DOCUMENT", stale)
    matrix.write()
    assert stale.read_text() == matrix.rendered()
